"""Measuring with the line's own scorer on pictures whose truth is known."""

import tempfile
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.scoring.scorer import Scorer, open_scorer
from tests.washers import burnt, fit_clear, part_of, quiet, washer, write_pictures
from tools import dataset, intervals
from tools import measure as measure_of_tool
from tools.dataset import Sample
from tools.measure import FIGURES, PIXELS, Measured, figures, measure


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    recipe = fit_clear(tmp_path_factory.mktemp("recipes") / "washer")
    return open_scorer(ScoringConfig(recipe=str(recipe), threads=1, device="cpu"))


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    """Four good, three burnt, two of them with their masks."""
    write_pictures(tmp_path / "test" / "good", [washer(seed) for seed in range(20, 24)])
    write_pictures(tmp_path / "test" / "burnt", [burnt(seed) for seed in range(30, 33)])
    mask = np.zeros((160, 200), np.uint8)
    cv2.circle(mask, (100, 120), 9, 255, -1)
    (tmp_path / "ground_truth" / "burnt").mkdir(parents=True)
    for number in (0, 1):
        cv2.imwrite(str(tmp_path / "ground_truth" / "burnt" / f"{number:02d}_mask.png"), mask)
    return dataset.test_samples(tmp_path)


@pytest.fixture
def measured(scorer: Scorer, samples: list[Sample]) -> Measured:
    return measure(scorer, samples, False, quiet)


def test_scores_are_the_lines_own_and_labels_the_truth(measured: Measured, scorer: Scorer) -> None:
    assert measured.labels.tolist() == [True] * 3 + [False] * 4
    assert measured.scores[measured.labels].min() > scorer.threshold
    assert measured.scores[0] == scorer.score(part_of(burnt(30))).score
    assert (measured.milliseconds > 0).all()


def test_the_defect_is_hottest_where_its_mask_is(measured: Measured) -> None:
    assert measured.maps.shape == measured.masks.shape == (7, *PIXELS)
    assert measured.masked.tolist() == [True, True, False, True, True, True, True]
    for heat, mask in zip(measured.maps[:2], measured.masks[:2], strict=True):
        assert 0.007 < mask.mean() < 0.009
        assert mask[np.unravel_index(heat.argmax(), heat.shape)]


def test_full_keeps_the_pictures_own_size(scorer: Scorer, samples: list[Sample]) -> None:
    measured = measure(scorer, samples[:1], True, quiet)
    assert measured.maps.shape == (1, 160, 200)
    assert measured.masks.sum() == (cv2.imread(str(samples[0].mask), cv2.IMREAD_GRAYSCALE) > 0).sum()


def test_many_maps_lie_on_the_disk_and_are_the_same(
    scorer: Scorer, samples: list[Sample], measured: Measured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(measure_of_tool, "IN_MEMORY", 0)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    again = measure(scorer, samples, False, quiet)
    assert isinstance(again.maps.base, np.memmap)
    assert np.array_equal(again.maps, measured.maps)
    assert np.array_equal(again.masks, measured.masks)
    assert not list(tmp_path.glob("tmp*"))


def test_progress_goes_from_the_first_picture_to_the_last(scorer: Scorer, samples: list[Sample]) -> None:
    steps: list[int] = []
    measure(scorer, samples[:3], False, lambda what, done, whole: steps.append(done))
    assert steps == [0, 1, 2, 3]


def test_every_figure_comes_with_its_interval(measured: Measured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "RESAMPLES", 300)
    found = figures(measured)
    assert list(found) == list(FIGURES)
    for name, interval in found.items():
        assert interval is not None, name
        assert 0 <= interval.low <= interval.value <= interval.high <= 1, name
    image, overlap = found["image_auroc"], found["aupro"]
    assert image is not None
    assert image.value == 1.0
    assert overlap is not None
    assert overlap.value > 0.8


def test_what_the_pictures_do_not_allow_is_left_out(scorer: Scorer, samples: list[Sample]) -> None:
    good = figures(measure(scorer, samples[3:], False, quiet))
    assert good == dict.fromkeys(FIGURES)
    unmasked = figures(measure(scorer, samples[2:], False, quiet))
    assert [name for name, interval in unmasked.items() if interval] == ["image_auroc", "f1_max"]
