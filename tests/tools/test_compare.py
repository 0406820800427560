"""One command measures every method and writes one table, where no backbone's figures pass for another's."""

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch

from inspector.baselines.autoencoder_training import TrainingOptions, train
from inspector.errors import SourceError
from tests.scoring.checkpoints import own_cache, torchvision_state
from tests.washers import SMALL, burnt, fit_small, quiet, washer, washers, write_pictures
from tools import compare, intervals, methods, results
from tools import rows as rows_of_tool
from tools.measure import Measured
from tools.methods import EXPERIMENTS, Experiment
from tools.results import COLUMNS
from tools.rows import load_rows

Run = Callable[..., str]
NOTHING = Measured(
    scores=np.empty(0), labels=np.empty(0, bool), maps=np.empty(0, np.float32), masks=np.empty(0, bool),
    masked=np.empty(0, bool), milliseconds=np.empty(0), digests=(), others=None,
)  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Washers in MVTec AD's layout: 12 to learn from, 4 good and 3 burnt ones to measure on."""
    folder = tmp_path_factory.mktemp("data") / "washer"
    fit_small(folder.with_name("recipe"))  # the first export starts threads that stay: let it be before the tests
    write_pictures(folder / "train" / "good", washers(12))
    write_pictures(folder / "test" / "good", [washer(seed) for seed in range(20, 24)])
    write_pictures(folder / "test" / "burnt", [burnt(seed) for seed in range(30, 33)])
    mask = np.zeros((160, 200), np.uint8)
    cv2.circle(mask, (100, 120), 9, 255, -1)
    (folder / "ground_truth" / "burnt").mkdir(parents=True)
    for number in range(3):
        cv2.imwrite(str(folder / "ground_truth" / "burnt" / f"{number:02d}_mask.png"), mask)
    return folder


@pytest.fixture
def run(data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run tools.compare with these experiments, offline and with empty caches; gives the page."""
    own_cache(monkeypatch, tmp_path / "caches")
    monkeypatch.setattr(intervals, "RESAMPLES", 100)
    monkeypatch.setattr(rows_of_tool, "PATIENCE_S", 0.0)

    def running(experiments: Sequence[Experiment], *arguments: str) -> str:
        page = tmp_path / "docs" / "results.md"
        monkeypatch.setattr(compare, "EXPERIMENTS", experiments)
        fixed = ["--data", str(data), "--out", str(page), "--threads", "1"]
        monkeypatch.setattr(sys, "argv", ["compare", *fixed, *arguments])
        compare.main()
        return page.read_text(encoding="utf-8")

    return running


def rows(page: str) -> list[dict[str, str]]:
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]
    assert cells[0] == list(COLUMNS)
    return [dict(zip(COLUMNS, row, strict=True)) for row in cells[1:]]


def named(part: str) -> Experiment:
    (found,) = [experiment for experiment in EXPERIMENTS if part in experiment.name]
    return found


def test_every_experiment_of_the_descent_has_its_row_and_its_reported_figures() -> None:
    assert [(each.backbone, each.reported_auroc) for each in EXPERIMENTS] == [
        (None, 0.6447),
        (None, None),
        ("wide_resnet50_2", 0.9913),
        ("wide_resnet50_2", 1.0),
        ("resnet18", None),
        ("mobilenet_v3_large", 0.9984),
        ("efficientnet_lite0", None),
        ("efficientnet_lite2", None),
    ]


def test_offline_a_row_is_measured_on_the_bundled_backbone_and_says_so(run: Run, tmp_path: Path) -> None:
    small = replace(SMALL, backbone="resnet18", threads=0)
    patches = replace(named("ResNet-18"), build=methods._patches(small))  # noqa: SLF001 (at a size that takes seconds)
    page = run([named("Global"), patches])
    for row, wanted in zip(rows(page), ("wide_resnet50_2", "resnet18"), strict=True):
        assert row["backbone"] == f"**efficientnet_lite0** instead of {wanted}"
        assert row["image AUROC (95 %)"] == "1.0000 (no spread; see counts)"
        assert float(row["ms"].split()[0]) > 0
    assert "rows without their own backbone**: 2 Global feature (wants wide_resnet50_2); 4 Patches, ResNet-18" in page
    assert "`make results` on a machine with internet" in page
    written = json.loads((tmp_path / "docs" / "results.json").read_text())
    assert [row["document"]["backbone"] for row in written] == ["efficientnet_lite0"] * 2
    assert all("connect this machine to the internet once" in row["lacking"] for row in written)
    assert written[0]["document"]["bank_size"] == 12
    assert written[0]["document"]["input_size"] == [288, 224]


def test_with_its_weights_at_hand_a_row_is_on_its_own_backbone(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = tmp_path / "caches" / "torch" / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    torch.save(torchvision_state("resnet18"), checkpoints / "resnet18-f37072fd.pth")
    monkeypatch.setattr(methods, "THREE_BLOCKS", replace(methods.THREE_BLOCKS, backbone="resnet18", side=64))
    page = run([replace(named("Global"), backbone="resnet18")])
    (row,) = rows(page)
    assert row["backbone"] == "resnet18"
    assert "rows without their own backbone**: none" in page
    assert "machine with internet" not in page


def test_a_trained_autoencoder_is_used_again(run: Run, tmp_path: Path, data: Path) -> None:
    trained = train(washers(12), TrainingOptions(side=32, epochs=1), quiet).autoencoder
    trained.save(tmp_path / "ae.safetensors")
    page = run([named("Autoencoder")], "--autoencoder", str(tmp_path / "ae.safetensors"))
    (row,) = rows(page)
    assert (row["backbone"], row["bank"]) == ("its own network", "–")
    assert json.loads((tmp_path / "docs" / "results.json").read_text())[0]["document"]["recipe"] == trained.recipe_id


def test_a_plain_autoencoder_is_not_taken_for_the_variational_one(run: Run, tmp_path: Path) -> None:
    trained = train(washers(12), TrainingOptions(side=32, epochs=1), quiet).autoencoder
    trained.save(tmp_path / "ae.safetensors")
    with pytest.raises(methods.RecipeError, match="holds a plain autoencoder"):
        run([named("variational")], "--variational", str(tmp_path / "ae.safetensors"))


def test_the_page_says_what_it_was_made_with_and_what_a_perfect_figure_is_worth(run: Run, data: Path) -> None:
    page = run([named("Global")])
    assert f"Written by `python -m tools.compare --data {data} --threads 1`, not by hand" in page
    assert f"`{data}`: 4 good and 3 defective test pictures" in page
    assert re.search(r"\*\*versions\*\*: Python 3\.\d+\.\d+, torch \d", page)
    assert re.search(r"\*\*date\*\*: \d{4}-\d\d-\d\d\n", page)
    assert (
        "Nothing wrong among 4 good and 3 defective pictures still allows 52.72% false rejects and 63.16% misses"
        in page
    )
    assert "reached" not in page  # the original's claims are about other pictures


def test_on_the_originals_pictures_its_claims_are_answered(
    run: Run, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(results, "THEIRS", data.name)
    monkeypatch.setattr(methods, "THREE_BLOCKS", replace(SMALL, backbone="wide_resnet50_2"))
    page = run([named("full bank")])
    assert "τ = 64.8 belongs to wide_resnet50_2, so it is not applied to efficientnet_lite0" in page
    assert "image AUROC of 1.0000 is" not in page


def test_one_row_is_measured_again_and_the_others_stay(run: Run, tmp_path: Path) -> None:
    trained = train(washers(12), TrainingOptions(side=32, epochs=1), quiet).autoencoder
    trained.save(tmp_path / "ae.safetensors")
    both = [named("Autoencoder"), named("Global")]
    given = ("--autoencoder", str(tmp_path / "ae.safetensors"))
    first = rows(run(both, *given))
    kept = json.loads((tmp_path / "docs" / "results.json").read_text())
    again = rows(run(both, "--only", "global", *given))
    written = json.loads((tmp_path / "docs" / "results.json").read_text())
    assert [row["method"] for row in again] == [row["method"] for row in first]
    assert written[0] == kept[0]
    assert written[1]["document"]["ms_per_picture"] != kept[1]["document"]["ms_per_picture"]


def test_rows_of_other_pictures_are_not_mixed_into_a_table(run: Run, tmp_path: Path) -> None:
    run([named("Global")])
    path = tmp_path / "docs" / "results.json"
    path.write_text(path.read_text().replace('"data": "', '"data": "other/'))
    with pytest.raises(SourceError, match=r"results\.json holds rows measured on other/.*, not on .*leave out --only"):
        run([named("Global")], "--only", "global")
    path.write_text("{}")
    with pytest.raises(SourceError, match=r"results\.json holds no rows of this tool"):
        run([named("Global")], "--only", "global")


def test_milliseconds_beside_other_work_are_marked(run: Run, tmp_path: Path) -> None:
    run([named("Global")])
    path = tmp_path / "docs" / "results.json"
    (row,) = load_rows(path)
    for share, told in ((0.4, True), (0.02, False), (None, False)):
        shown = results.page([replace(row, document={**row.document, "processor_used_by_others": share})], "command")
        assert (" (busy)" in shown) == told
        assert ("other programs took at most" in shown) == (share is not None)


def test_a_busy_machine_is_measured_on_again_and_the_quietest_pass_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    passes = iter([(0.5, 30.0), (0.7, 40.0), (0.3, 20.0), (0.05, 9.0), (0.0, 8.0)])

    def measure(*_: object) -> Measured:
        others, milliseconds = next(passes)
        return replace(NOTHING, others=others, milliseconds=np.array([milliseconds]))

    monkeypatch.setattr(rows_of_tool, "measure", measure)
    monkeypatch.setattr(rows_of_tool, "PATIENCE_S", 60.0)
    best = rows_of_tool._quietest(None, [], quiet)  # type: ignore[arg-type]  # noqa: SLF001
    assert (best.others, best.milliseconds.tolist()) == (0.05, [9.0])
