import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import RecordingSource
from inspector.errors import SourceError
from inspector.messages import Image
from inspector.sources.recording import Recording, read_index
from inspector.sources.truth import load_truth
from tests.washers import quiet
from tools import make_recording
from tools.rendering import defects
from tools.rendering.part import draw
from tools.rendering.plan import GOOD_START, PITCH_NS, SHARE, Flaw, plan
from tools.rendering.scene import Stage, build_stage

TEACH, INSPECT = 1, 2
ORDER = plan(3, 1, 1, 0, with_flaws=False)[0]


@pytest.fixture(scope="module")
def stage() -> Stage:
    return build_stage(np.random.default_rng((3, make_recording.STAGE)))


@pytest.fixture(scope="module")
def good(stage: Stage) -> Image:
    """The part without a flaw."""
    picture, nothing = draw(stage, ORDER)
    assert nothing is None
    return picture


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("line") / "flange"
    make_recording.make(3, folder, TEACH, INSPECT, quiet)
    return folder


@pytest.fixture
def other_threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(1 if before != 1 else 3)
    yield
    cv2.setNumThreads(before)


def files(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*.*") if file.is_file()}


@pytest.mark.usefixtures("other_threads")
def test_the_same_seed_gives_the_same_files_on_any_number_of_threads(drawn: Path, tmp_path: Path) -> None:
    make_recording.make(3, tmp_path / "again", TEACH, INSPECT, quiet)
    assert files(tmp_path / "again") == files(drawn)


def test_another_seed_gives_another_line(drawn: Path, tmp_path: Path) -> None:
    make_recording.make(4, tmp_path / "other", 1, 1, quiet)
    one, other = files(drawn), files(tmp_path / "other")
    assert one["teach/frames/000001.webp"] != other["teach/frames/000001.webp"]


def test_what_is_written_is_a_recording_that_replays_with_its_truth(drawn: Path) -> None:
    for name, count in (("teach", TEACH), ("inspect", INSPECT)):
        source = RecordingSource(path=str(drawn / name), speed=0)
        recording = Recording(source)
        assert recording.frame_size == (640, 512)
        recording.close()
        truth = load_truth(source)
        assert truth is not None
        assert list(truth) == [entry.file for entry in read_index(drawn / name)]
        assert len(truth) == count
        assert any(truth.values()) == (name == "inspect")


def test_each_defect_has_a_mask_of_its_pixels_and_good_parts_have_none(drawn: Path) -> None:
    truth = json.loads((drawn / "inspect" / "truth.json").read_text(encoding="utf-8"))
    masks = {known["mask"] for known in truth.values() if known["defect"] is not None}
    assert masks == {file.name for file in (drawn / "inspect" / "masks").iterdir()}
    assert all("mask" not in known for known in truth.values() if known["defect"] is None)
    for name in masks:
        mask = cv2.imread(str(drawn / "inspect" / "masks" / name), cv2.IMREAD_GRAYSCALE)
        assert mask is not None
        assert mask.shape == (512, 640)
        assert set(np.unique(mask)) == {0, 255}


@pytest.mark.parametrize("name", defects.NAMES)
def test_a_defect_shows_where_its_mask_says_and_nowhere_else(stage: Stage, good: Image, name: str) -> None:
    bad, mask = draw(stage, replace(ORDER, flaw=Flaw(name=name, severity=0.8)))
    assert mask is not None
    changed = cv2.GaussianBlur(np.abs(bad.astype(np.float32) - good).mean(axis=2), (0, 0), 1.0)
    far = ~cv2.dilate(mask.view(np.uint8), np.ones((31, 31), np.uint8)).astype(bool)
    assert 30 < mask.sum() < 3000
    assert changed[mask].mean() > 5 * changed[far].mean()


def test_the_plan_has_its_share_of_defects_of_every_kind_after_a_good_start() -> None:
    orders = plan(5, 1, 120, 0, with_flaws=True)
    flaws = [order.flaw for order in orders if order.flaw is not None]
    assert len(flaws) == round(SHARE * 120)
    assert {flaw.name for flaw in flaws} == set(defects.NAMES)
    assert all(order.flaw is None for order in orders[:GOOD_START])
    assert min(flaw.severity for flaw in flaws) < 0.3
    assert max(flaw.severity for flaw in flaws) > 0.9


def test_parts_pass_at_an_even_pace_but_for_a_little_jitter() -> None:
    orders = plan(5, 0, 50, 1_000_000_000_000, with_flaws=False)
    steps = np.diff([order.exposed_ns for order in orders])
    assert np.abs(steps - PITCH_NS).max() <= 16_000_000
    assert steps.std() > 0


def test_a_folder_that_is_no_recording_is_left_alone(tmp_path: Path) -> None:
    notes = tmp_path / "mine" / "teach" / "notes.txt"
    notes.parent.mkdir(parents=True)
    notes.write_text("keep", encoding="utf-8")
    with pytest.raises(SourceError, match="is no recording; choose another --out"):
        make_recording.make(3, tmp_path / "mine", 1, 1, quiet)
    assert notes.read_text(encoding="utf-8") == "keep"


def test_a_recording_is_replaced_but_not_silently(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "line"
    monkeypatch.setattr(
        sys, "argv", ["make_recording", "--seed", "3", "--out", str(out), "--teach", "1", "--inspect", "1"]
    )
    make_recording.main()
    assert "replaced" not in capsys.readouterr().err
    (out / "teach" / "frames" / "stale.webp").write_bytes(b"old")
    make_recording.main()
    assert "the recording that is there is replaced" in " ".join(capsys.readouterr().err.split())
    assert not (out / "teach" / "frames" / "stale.webp").exists()
