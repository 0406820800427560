"""What is said of figures that are perfect, missing, or less than they seem."""

import json

import numpy as np
import pytest
from numpy.typing import NDArray

from tools import intervals
from tools.intervals import Interval, at_most
from tools.measure import Measured, figures
from tools.report import About, counts, document

ABOUT = About(method="m", backbone=None, input_size=(64, 64), bank_size=None)


class Judge:
    """A method whose scores are known already."""

    threshold = 0.5
    runtime = "none"
    recipe_id = "0" * 12

    def score(self, part: object) -> object:
        raise AssertionError("nothing is scored here")


def measured(good: list[float], bad: list[float], masks: NDArray[np.bool_] | None = None) -> Measured:
    """Pictures of 32 × 32 whose maps are their scores, the lower half of the defective ones hotter."""
    scores = np.array(good + bad)
    labels = np.arange(len(scores)) >= len(good)
    maps = np.repeat(scores, 32 * 32).reshape(-1, 32, 32).astype(np.float32)
    truth = np.zeros(maps.shape, bool)
    truth[labels, 16:] = True
    maps[truth] += 0.5
    truth = truth if masks is None else masks
    return Measured(
        scores=scores, labels=labels, maps=maps, masks=truth, masked=np.ones(len(scores), bool),
        milliseconds=np.ones(len(scores)), others=None, digests=tuple(bytes([n]) for n in range(len(scores))),
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "RESAMPLES", 200)


@pytest.mark.parametrize(("trials", "percent"), [(20, 13.9), (63, 4.6), (299, 1.0)])
def test_nothing_wrong_among_few_still_allows_some(trials: int, percent: float) -> None:
    assert at_most(0, trials) * 100 == pytest.approx(percent, abs=0.05)


def test_a_perfect_figure_has_no_interval_that_passes_for_knowledge() -> None:
    perfect = measured([0.1] * 20, [0.9] * 63)
    found = figures(perfect)
    assert found["image_auroc"] == Interval(value=1.0, low=1.0, high=1.0)
    assert document(Judge(), ABOUT, perfect, found)["image_auroc"] == 1.0  # type: ignore[arg-type]
    assert counts(perfect, 0.5) == (
        "0 of 20 good rejected: at most 13.92% false rejects; 0 of 63 defective missed: at most 4.65% misses "
        "(one-sided 95 %, Clopper–Pearson)"
    )


def test_an_imperfect_figure_keeps_its_interval() -> None:
    some = measured([0.1, 0.4, 0.6, 0.2], [0.9, 0.5, 0.3, 0.8])
    written = document(Judge(), ABOUT, some, figures(some))["image_auroc"]  # type: ignore[arg-type]
    assert isinstance(written, dict)
    assert written["low"] < written["value"] < written["high"]


def test_a_category_without_defects_has_named_figures_without_values() -> None:
    good = measured([0.1, 0.2, 0.7], [])
    written = json.loads(json.dumps(document(Judge(), ABOUT, good, figures(good))))  # type: ignore[arg-type]
    for name in ("image_auroc", "pixel_auroc", "aupro", "partial_pixel_auroc", "f1_max", "misses"):
        assert written[name] is None
    assert written["false_rejects"]["value"] == pytest.approx(1 / 3)
    assert counts(good, 0.5).startswith("1 of 3 good rejected")


def test_masks_that_mark_nothing_give_no_pixel_figures_rather_than_wrong_ones() -> None:
    blank = measured([0.1, 0.2], [0.8, 0.9], masks=np.zeros((4, 32, 32), bool))
    found = figures(blank)
    assert found["image_auroc"] is not None
    assert [name for name, figure in found.items() if figure is None] == ["pixel_auroc", "aupro", "partial_pixel_auroc"]
