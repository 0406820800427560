"""Recorded footage through the whole line: the same verdicts each time, compared with what is expected of it."""

import json
import re
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from inspector.config import CameraSource, Config, RecordingSource, ScoringConfig, VideoSource
from inspector.errors import ConfigError, VerificationError
from inspector.line.expected import close_calls, load_expected
from inspector.line.flips import compare
from inspector.line.flips_page import page
from inspector.line.replay import replay, same_each_time
from inspector.line.verify import update, verify
from inspector.scoring.recipe import load_recipe, save_threshold
from tests.programs import call, write_config
from tests.washers import burnt, fit_clear, washer, write_recording, write_video

PARTS = [burnt(seed) if seed % 5 == 4 else washer(seed) for seed in range(100, 120)]
"""Twenty, every fifth burnt."""
ROOT = Path(__file__).parents[2]


def uncounted(_: int) -> None:
    pass


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_clear(tmp_path_factory.mktemp("recipes") / "washer")


@pytest.fixture
def config(recipe: Path, tmp_path: Path) -> Config:
    recording = write_recording(tmp_path / "recording", PARTS)
    scoring = ScoringConfig(recipe=str(recipe), device="cpu", threads=1)
    return Config(source=RecordingSource(path=str(recording)), scoring=scoring)


def run(config: Config, speed: float = 0.0) -> list[bytes]:
    return [same_each_time(verdict) for verdict in replay(config, speed, threading.Event(), uncounted)]


def test_replayed_twice_at_any_speed_the_verdicts_are_the_same_byte_for_byte(config: Config) -> None:
    first = run(config)
    assert len(first) == 20
    assert [json.loads(line)["outcome"] for line in first] == ["pass", "pass", "pass", "pass", "fail"] * 4
    assert run(config) == first
    assert run(config, speed=8) == first


def test_a_video_replays_the_same_way(config: Config, tmp_path: Path) -> None:
    video = write_video(tmp_path / "parts.avi", PARTS)
    footage = msgspec.structs.replace(config, source=VideoSource(path=str(video)))
    first = run(footage)
    assert len(first) == 20
    assert run(footage) == first
    update(footage, 0, threading.Event(), uncounted)
    assert (tmp_path / "parts.avi.expected.jsonl").is_file()
    assert "20 parts are as" in verify(footage, 0, threading.Event(), uncounted)


def test_what_is_expected_verifies_and_one_flipped_expectation_does_not(config: Config, tmp_path: Path) -> None:
    said, close = update(config, 0, threading.Event(), uncounted)
    assert said.endswith("16 pass, 4 fail, 0 not_inspected")
    assert close == []
    assert "20 parts are as" in verify(config, 0, threading.Event(), uncounted)
    path = tmp_path / "recording" / "expected.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    lines[6]["outcome"] = "fail"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    with pytest.raises(VerificationError, match=r"1 of 20 parts are not as .*: part 7 \(000007\.webp\) is pass"):
        verify(config, 0, threading.Event(), uncounted)


def test_another_recipe_is_named_where_it_makes_the_difference(config: Config, other: Path) -> None:
    update(config, 0, threading.Event(), uncounted)
    changed = msgspec.structs.replace(config, scoring=msgspec.structs.replace(config.scoring, recipe=str(other)))
    with pytest.raises(VerificationError, match=r"4 of 20 .* \(expected under recipe \w+, replayed under \w+\)"):
        verify(changed, 0, threading.Event(), uncounted)


def test_a_close_call_is_told_when_it_is_recorded(config: Config, tmp_path: Path) -> None:
    update(config, 0, threading.Event(), uncounted)
    score = json.loads((tmp_path / "recording" / "expected.jsonl").read_text().splitlines()[4])["score"]
    changed = with_threshold(config, tmp_path / "close", score * 0.99)
    _, close = update(changed, 0, threading.Event(), uncounted)
    assert any(line.startswith("part 5 (000005.webp) scores") for line in close)


def with_threshold(config: Config, folder: Path, threshold: float) -> Config:
    copied = load_recipe(Path(shutil.copytree(config.scoring.recipe, folder)))
    save_threshold(copied, replace(copied.threshold, value=threshold))
    return msgspec.structs.replace(config, scoring=msgspec.structs.replace(config.scoring, recipe=str(folder)))


@pytest.fixture
def other(config: Config, tmp_path: Path) -> Path:
    """The same recipe with so high a threshold that it passes the burnt ones, too."""
    return Path(with_threshold(config, tmp_path / "other", 1e3).scoring.recipe)


def test_each_part_that_another_recipe_would_judge_otherwise_is_reported(
    config: Config, other: Path, tmp_path: Path
) -> None:
    truth = {f"{n:06d}.webp": {"defect": "burnt" if n % 5 == 0 else None} for n in range(1, 21)}
    (tmp_path / "recording" / "truth.json").write_text(json.dumps(truth))
    compared = compare(config, other, threading.Event(), uncounted)
    assert [flip.seq for flip in compared.flips] == [5, 10, 15, 20]
    assert all(flip.defective for flip in compared.flips)
    assert [(each.known, each.misses, each.false_rejects) for each in compared.wrong] == [(20, 0, 0), (20, 4, 0)]
    document = page(compared)
    assert "4 of 20" in document
    assert len(re.findall(r"<figure>", document)) == 8
    for flip in compared.flips:
        assert flip.before.judgement.outcome == "fail"
        assert flip.after.judgement.outcome == "pass"
        assert f"score {flip.before.judgement.score:.4f}, threshold {flip.before.threshold:.4f}" in document
    assert not re.findall(r'(?:src|href)="(?!data:)', document), "it loads something"
    assert "<polygon" in document


def test_two_recipes_that_agree_flip_nothing(config: Config) -> None:
    compared = compare(config, Path(config.scoring.recipe), threading.Event(), uncounted)
    assert (compared.parts, compared.flips) == (20, ())
    assert "Both recipes judge every part alike." in page(compared)


def test_a_camera_cannot_be_replayed(config: Config) -> None:
    with pytest.raises(ConfigError, match="camera 0 cannot be replayed; give a recording, a video or a folder"):
        replay(msgspec.structs.replace(config, source=CameraSource()), 0, threading.Event(), uncounted)


def test_the_command_records_verifies_compares_and_exits_5_where_it_differs(
    config: Config, recipe: Path, other: Path, tmp_path: Path
) -> None:
    write_config(tmp_path, recipe, source={"type": "recording", "path": "recording"})
    assert call("replay", "recording", "--update", folder=tmp_path).returncode == 0
    differs = call("replay", "recording", "--verify", "--recipe", str(other), folder=tmp_path)
    assert differs.returncode == 5
    assert "4 of 20 parts are not as" in differs.stderr
    flips = call("replay", "--against", str(other), "--report", "flips.html", folder=tmp_path)
    assert flips.returncode == 0
    assert "flips: 4 of 20 parts" in flips.stdout
    assert (tmp_path / "flips.html").stat().st_size > 10_000


@pytest.mark.parametrize("unset", [(), ("",)])
def test_an_update_never_writes_into_a_recording_that_was_not_named(
    config: Config, recipe: Path, tmp_path: Path, unset: tuple[str, ...]
) -> None:
    write_config(tmp_path, recipe, source={"type": "recording", "path": "recording"})
    refused = call("replay", *unset, "--update", folder=tmp_path)
    assert refused.returncode == 2
    assert "name it: inspector replay REC --update" in refused.stderr
    assert not list(tmp_path.rglob("expected.jsonl"))


def test_a_replay_to_be_watched_runs_the_whole_table_without_loss(config: Config, recipe: Path, tmp_path: Path) -> None:
    write_config(
        tmp_path, recipe, line={"slots": 2, "overflow": "drop_oldest", "deadline_ms": 1}, viewer={"start": False}
    )
    done = call("replay", "recording", "--speed", "8", "--summary", "summary.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["parts"], summary["pass"], summary["fail"]) == (20, 16, 4)


def test_no_verdict_expected_of_the_bundled_recording_is_a_close_call() -> None:
    expected = load_expected(ROOT / "recordings/flange/inspect/expected.jsonl")
    assert len(expected) == 120
    assert close_calls(expected) == []


def test_the_bundled_recording_gets_the_verdicts_that_are_expected_of_it() -> None:
    bundled = Config(
        source=RecordingSource(path=str(ROOT / "recordings/flange/inspect")),
        scoring=ScoringConfig(recipe=str(ROOT / "recordings/flange/recipe"), device="cpu"),
    )
    assert "120 parts are as" in verify(bundled, 0, threading.Event(), uncounted)
