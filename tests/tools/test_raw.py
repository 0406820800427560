"""Whoever has the arrays that --raw writes can compute every figure again, with code of their own."""

import json
import sys

import cv2
import numpy as np
import pytest

from inspector.scoring.metrics import auroc, partial_auroc
from inspector.scoring.pixel_metrics import aupro
from tests.tools.plain_figures import flooded, plain_aupro, plain_auroc, plain_f1_max
from tests.washers import burnt, fit_small, washer, write_pictures
from tools import evaluate, intervals


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    """What tools.evaluate tells of washers, one defect of which has no mask, and the arrays beside it."""
    folder = tmp_path_factory.mktemp("raw")
    recipe = fit_small(folder / "recipe").recipe
    data = folder / "data"
    write_pictures(data / "test" / "good", [washer(seed) for seed in range(20, 23)])
    write_pictures(data / "test" / "burnt", [burnt(30), burnt(31), washer(32)])  # the third looks like a good one
    masks = [np.zeros((160, 200), np.uint8) for _ in range(2)]
    cv2.circle(masks[0], (100, 120), 9, 255, -1)
    cv2.circle(masks[0], (30, 30), 4, 255, -1)  # a region that is not to be seen
    cv2.circle(masks[1], (104, 124), 9, 255, -1)
    (data / "ground_truth" / "burnt").mkdir(parents=True)
    for number, mask in enumerate(masks):
        cv2.imwrite(str(data / "ground_truth" / "burnt" / f"{number:02d}_mask.png"), mask)
    config = folder / "config.yaml"
    config.write_text(f"source: {{type: folder, path: .}}\nscoring: {{recipe: {recipe.folder}, device: cpu}}\n")
    told, raw = folder / "told.json", folder / "raw.npz"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intervals, "RESAMPLES", 100)
        arguments = ["-c", config, "--data", data, "--json", told, "--raw", raw]
        patch.setattr(sys, "argv", ["evaluate", *(str(argument) for argument in arguments)])
        evaluate.main()
    with np.load(raw, allow_pickle=False) as arrays:
        return json.loads(told.read_text()), dict(arrays)


def value(figure: object) -> float:
    """A figure with or without its interval."""
    found = figure["value"] if isinstance(figure, dict) else figure
    assert isinstance(found, float)
    return found


def test_the_arrays_have_the_form_that_is_told(written: tuple[dict[str, object], dict[str, np.ndarray]]) -> None:
    _, arrays = written
    forms = {name: (array.dtype.kind, array.shape) for name, array in arrays.items()}
    assert forms == {
        "scores": ("f", (6,)),
        "labels": ("b", (6,)),
        "maps": ("f", (6, 256, 256)),
        "masks": ("b", (6, 256, 256)),
        "masked": ("b", (6,)),
        "names": ("U", (6,)),
        "threshold": ("f", ()),
    }
    assert arrays["names"].tolist() == [*(f"burnt/{n:02d}" for n in range(3)), *(f"good/{n:02d}" for n in range(3))]
    assert arrays["masked"].tolist() == [True, True, False, True, True, True]


def test_figures_of_pictures_come_out_again(written: tuple[dict[str, object], dict[str, np.ndarray]]) -> None:
    told, arrays = written
    scores, labels, threshold = arrays["scores"], arrays["labels"], float(arrays["threshold"])
    assert value(told["image_auroc"]) == pytest.approx(plain_auroc(scores, labels), abs=1e-12)
    assert value(told["f1_max"]) == pytest.approx(plain_f1_max(scores, labels))
    assert value(told["misses"]) == pytest.approx(np.mean(scores[labels] <= threshold))
    assert value(told["false_rejects"]) == pytest.approx(np.mean(scores[~labels] > threshold))
    assert told["threshold"] == threshold


def test_figures_of_pixels_come_out_again_pixel_by_pixel(
    written: tuple[dict[str, object], dict[str, np.ndarray]],
) -> None:
    told, arrays = written
    maps, masks = arrays["maps"][arrays["masked"]], arrays["masks"][arrays["masked"]]
    assert value(told["pixel_auroc"]) == pytest.approx(plain_auroc(maps, masks), abs=1e-9)
    assert value(told["partial_pixel_auroc"]) == pytest.approx(plain_auroc(maps, masks, 0.3), abs=1e-9)
    assert value(told["aupro"]) == pytest.approx(plain_aupro(maps, masks, 0.3), abs=1e-9)
    assert value(told["aupro"]) < value(told["partial_pixel_auroc"]) < 1  # the region that is not to be seen is small


@pytest.mark.parametrize("seed", range(6))
def test_fast_and_plain_agree_where_scores_are_tied_and_regions_touch(seed: int) -> None:
    random = np.random.default_rng(seed)
    maps = random.integers(0, 9, (4, 20, 24)).astype(np.float32)
    masks = random.random((4, 20, 24)) < 0.15
    maps += 2 * masks
    for limit in (0.05, 0.3, 1.0):
        assert aupro(maps, masks, limit) == pytest.approx(plain_aupro(maps, masks, limit), abs=1e-9)
        assert partial_auroc(maps, masks, limit) == pytest.approx(plain_auroc(maps, masks, limit), abs=1e-9)
    assert auroc(maps, masks) == pytest.approx(plain_auroc(maps, masks), abs=1e-9)


def test_the_plain_flood_knows_corners() -> None:
    mask = np.array([[1, 0, 0, 1], [0, 1, 0, 1], [0, 0, 0, 0]], bool)
    assert sorted(len(region) for region in flooded(mask)) == [2, 2]
