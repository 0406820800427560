"""What is wrong with pictures, masks, recipes, places to write: one clear line and an exit code, before any figure."""

import json
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.scoring.bank import index_bytes
from inspector.scoring.recipe import load_recipe, save_recipe
from tests.washers import burnt, fit_small, washer, washers, write_pictures
from tools import build_memory_bank, compare, evaluate, intervals, optimize_threshold, train_pixel
from tools.command import run

TOOLS: dict[str, Callable[[], None]] = {
    "build": build_memory_bank.main,
    "compare": compare.main,
    "evaluate": evaluate.main,
    "threshold": optimize_threshold.main,
    "train": train_pixel.main,
}


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of much that is wrong, and a recipe that is right."""
    room = tmp_path_factory.mktemp("bad")
    fit_small(room / "recipe")
    (room / "config.yaml").write_text("source: {type: folder, path: .}\nscoring: {recipe: recipe, device: cpu}\n")
    good = [washer(seed) for seed in range(50, 54)]
    write_pictures(room / "learn", washers(6))
    write_pictures(room / "few", washers(3))
    write_pictures(room / "same", [washer(1)] * 6)
    write_pictures(room / "mixed", [*washers(8), washer(1, (100, 80))])
    write_pictures(room / "no-defects" / "test" / "good", good)
    write_pictures(room / "only-defects" / "test" / "burnt", [burnt(60), burnt(61)])
    write_pictures(room / "one-defect" / "test" / "good", good)
    write_pictures(room / "one-defect" / "test" / "burnt", [burnt(60)])
    write_pictures(room / "other-size" / "test" / "good", [washer(1, (100, 80))])
    write_pictures(room / "wrong-mask" / "test" / "good", good)
    write_pictures(room / "wrong-mask" / "test" / "burnt", [burnt(60)])
    (room / "wrong-mask" / "ground_truth" / "burnt").mkdir(parents=True)
    small = np.full((80, 100), 255, np.uint8)
    cv2.imwrite(str(room / "wrong-mask" / "ground_truth" / "burnt" / "00_mask.png"), small)
    cv2.imwrite(str(room / "mask.png"), small)
    (room / "file").write_text("not a folder")
    (room / "marks.csv").write_text("part,says\n1,good\n")
    write_pictures(room / "black-mask" / "test" / "good", good)
    write_pictures(room / "black-mask" / "test" / "burnt", [burnt(60)])
    (room / "black-mask" / "ground_truth" / "burnt").mkdir(parents=True)
    cv2.imwrite(str(room / "black-mask" / "ground_truth" / "burnt" / "00_mask.png"), np.zeros((160, 200), np.uint8))
    _other_banks(room)
    return room


def _other_banks(room: Path) -> None:
    recipe = load_recipe(room / "recipe")
    contents = {name: recipe.read(name) for name in recipe.files}
    narrow = np.ascontiguousarray(recipe.vectors()[:, :100])
    spoiled = recipe.vectors().copy()
    spoiled[3, 3] = np.nan
    for name, bank in (("narrow", narrow), ("spoiled", spoiled)):
        facts = replace(recipe.bank, dimension=bank.shape[1])
        save_recipe(room / name, replace(recipe, bank=facts), {**contents, "bank.faiss": index_bytes(bank)})


@pytest.fixture
def at(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.chdir(pictures)
    monkeypatch.setattr(intervals, "RESAMPLES", 50)
    monkeypatch.setenv("COLUMNS", "160")
    return monkeypatch


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        ("build --data nowhere", 3, "nowhere holds no good pictures (looked for train/good, teach/frames, frames,"),
        ("build --data few", 4, "too few good pictures to fit from: 3; at least 4 are needed"),
        ("build --data same", 4, "all 6 good pictures are the same, pixel by pixel; is the camera frozen?"),
        ("build --data mixed", 3, "mixed/08.png is 100 × 80, 00.png 200 × 160; good pictures must be of one size"),
        ("train --data mixed", 3, "mixed/08.png is 100 × 80, 00.png 200 × 160; good pictures must be of one size"),
        ("build --data learn --ignore mask.png", 4, "the ignore mask is 100 × 80, the good pictures are 200 × 160"),
        ("build --data learn --ignore none.png", 3, "none.png: No such file or directory"),
        ("build --data learn --region 0,0,900,90", 4, "region x=0 y=0 900 × 90 does not lie inside the picture of"),
        ("build --data learn --backbone resnet19", 4, "no backbone named 'resnet19'; there are efficientnet_lite0,"),
        ("build --data learn --blocks 7", 4, "backbone efficientnet_lite0 has blocks 0 to 4"),
        ("build --data learn --out file", 2, "--out file exists and is not a recipe; choose another folder"),
        ("build --data learn --out few", 2, "--out few exists and is not a recipe; choose another folder"),
        ("build --data learn --out file/x", 2, "cannot write file/x: there can be no folder file"),
        ("train --data same", 4, "too few good pictures to train an autoencoder: 6; at least 8 are needed"),
        ("train --data learn --out file/x", 2, "cannot write file/x: there can be no folder file"),
        ("evaluate --data learn", 3, "learn holds no labelled pictures (looked for test/<kind>/ and truth.json)"),
        ("evaluate --data wrong-mask", 3, "mask wrong-mask/ground_truth/burnt/00_mask.png is 100 × 80, its"),
        ("evaluate --data other-size", 3, "other-size/test/good/00.png: picture of 100 × 80, the recipe expects"),
        ("evaluate --data no-defects --recipe narrow", 4, "the memory bank holds vectors of 100 dimensions, the"),
        ("evaluate --data no-defects --recipe spoiled", 4, "the memory bank holds vectors that are not finite"),
        ("evaluate --data no-defects --recipe learn", 4, "no recipe at learn (no recipe.json)"),
        ("evaluate --data no-defects --json file/x.json", 2, "cannot write file/x.json: there can be no folder file"),
        ("threshold --rule f1_max --data no-defects", 4, "choosing on one half and measuring on the other needs two"),
        ("threshold --rule cost --data one-defect", 4, "choosing on one half and measuring on the other needs"),
        ("threshold --report /dev/full", 2, "cannot write /dev/full: No space left on device"),
        ("evaluate --data no-defects --json /dev/full", 2, "cannot write /dev/full: No space left on device"),
        ("threshold --rule cost --marks marks.csv", 2, "marks.csv is no table of marks from the viewer: there is no"),
        ("threshold --held-out nowhere", 3, "nowhere holds no good pictures"),
        ("threshold --report file/x.html", 2, "cannot write file/x.html: there can be no folder file"),
        ("compare --data learn --out r.md", 3, "learn holds no labelled pictures"),
    ],
)  # fmt: skip
def test_it_is_said_in_one_line(
    arguments: str, code: int, told: str, at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tool, *rest = arguments.split()
    at.setattr(sys, "argv", [tool, *rest])
    with pytest.raises(SystemExit) as ended:
        run(TOOLS[tool])
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith(f"{tool}: {told}")
    assert ended.value.code == code


@pytest.mark.parametrize(
    ("data", "lacking", "known"),
    [
        ("no-defects", ["image_auroc", "pixel_auroc", "aupro", "partial_pixel_auroc", "f1_max", "misses"],
         ["false_rejects"]),
        ("only-defects", ["image_auroc", "pixel_auroc", "aupro", "partial_pixel_auroc", "f1_max", "false_rejects"],
         ["misses"]),
        ("one-defect", ["pixel_auroc", "aupro", "partial_pixel_auroc"],
         ["image_auroc", "f1_max", "misses", "false_rejects"]),
        ("black-mask", ["pixel_auroc", "aupro", "partial_pixel_auroc"],
         ["image_auroc", "f1_max", "misses", "false_rejects"]),
    ],
)  # fmt: skip
def test_a_figure_that_the_pictures_do_not_allow_is_missing_by_name_and_never_nought_or_one(
    data: str, lacking: list[str], known: list[str], at: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at.setattr(sys, "argv", ["evaluate", "--data", data, "--json", "out/told.json", "--maps", f"out/{data}"])
    evaluate.main()
    written = json.loads(Path("out/told.json").read_text())
    assert [name for name in (*lacking, *known) if written[name] is None] == lacking
    table = capsys.readouterr().out
    assert "needs a mask of a defect" in table
    assert ("needs good and defective pictures" in table) == ("image_auroc" in lacking)
    assert ("have none, or a black one; the pixel figures are without" in table) == (data != "no-defects")
    assert Path(f"out/{data}/worst.jpg").is_file()
