import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.scoring.metrics import auroc, partial_auroc
from inspector.scoring.pixel_metrics import aupro
from tools import intervals
from tools.intervals import clopper_pearson, picture_interval, pixel_histograms, pixel_interval


def pictures(count: int, seed: int, overlap: float) -> tuple[np.ndarray, np.ndarray]:
    """Scores of good and defective pictures, more alike with more overlap."""
    random = np.random.default_rng(seed)
    labels = np.arange(count) % 2 == 1
    return random.normal(labels / overlap, 1.0), labels


def maps_and_masks(count: int, seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Score maps with two defective regions in every other one, the larger of which is easier to see."""
    random = np.random.default_rng(seed)
    maps = random.normal(0, 1, (count, 32, 32)).astype(np.float32)
    masks = np.zeros((count, 32, 32), bool)
    masks[1::2, 4:14, 4:14] = True
    masks[1::2, 20:24, 20:24] = True
    maps[1::2, 4:14, 4:14] += 3
    maps[1::2, 20:24, 20:24] += random.uniform(0, 2, (count // 2, 1, 1))
    return maps, masks, np.arange(count) % 2 == 1


# What is published: Clopper-Pearson at 95 %, of Newcombe's comparison (Statistics in Medicine 17, 1998, table I)
@pytest.mark.parametrize(
    ("events", "trials", "low", "high"),
    [(81, 263, 0.2527, 0.3676), (15, 148, 0.0578, 0.1617), (0, 20, 0.0, 0.1684), (1, 29, 0.0009, 0.1776)],
)
def test_a_shares_interval_is_the_exact_one(events: int, trials: int, low: float, high: float) -> None:
    interval = clopper_pearson(events, trials)
    assert interval.value == events / trials
    assert (interval.low, interval.high) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


@given(st.integers(1, 60).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_a_shares_interval_holds_it_and_mirrors_that_of_the_rest(share: tuple[int, int]) -> None:
    events, trials = share
    interval, rest = clopper_pearson(events, trials), clopper_pearson(trials - events, trials)
    assert 0 <= interval.low <= interval.value <= interval.high <= 1
    assert interval.low == pytest.approx(1 - rest.high, abs=1e-9)


@pytest.mark.parametrize(("events", "trials"), [(0, 0), (3, 2), (-1, 5)])
def test_what_is_no_share_has_no_interval(events: int, trials: int) -> None:
    with pytest.raises(ValueError, match=f"{events} of {trials} is no share"):
        clopper_pearson(events, trials)


def test_more_pictures_give_a_narrower_interval_around_the_figure() -> None:
    few, many = (picture_interval(auroc, *pictures(count, 1, 1.0)) for count in (20, 200))
    for interval in (few, many):
        assert interval.low < interval.value < interval.high
    assert many.high - many.low < 0.5 * (few.high - few.low)


def test_good_and_defective_pictures_are_drawn_apart_so_that_the_figure_always_exists() -> None:
    """With one defective picture among fifty, a draw from all of them would often hold none."""
    scores, labels = np.arange(50.0), np.arange(50) == 49
    interval = picture_interval(auroc, scores, labels)
    assert (interval.low, interval.value, interval.high) == pytest.approx((1.0, 1.0, 1.0))


def test_the_interval_covers_the_truth_about_as_often_as_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    """AUROC of two normal distributions one standard deviation apart is Φ(1 / √2) = 0.7602."""
    monkeypatch.setattr(intervals, "RESAMPLES", 300)
    covered = 0
    for seed in range(20):
        interval = picture_interval(auroc, *pictures(80, seed, 1.0))
        covered += interval.low <= 0.7602 <= interval.high
    assert covered >= 16


@pytest.mark.parametrize("regions", [True, False])
def test_pixel_figures_from_histograms_agree_with_the_exact_ones(regions: bool) -> None:
    maps, masks, labels = maps_and_masks(20, 3)
    exact = aupro(maps, masks, 0.3) if regions else partial_auroc(maps, masks, 0.3)
    interval = pixel_interval(exact, pixel_histograms(maps, masks), labels, 0.3, regions)
    assert interval.value == exact
    assert interval.low < exact < interval.high
    assert interval.high - interval.low < 0.2


def test_pixel_histograms_count_each_pixel_once_and_each_region_as_one() -> None:
    maps, masks, _ = maps_and_masks(4, 5)
    histograms = pixel_histograms(maps, masks)
    assert histograms.good.sum(axis=1).tolist() == [1024, 1024 - 116, 1024, 1024 - 116]
    assert histograms.defective.sum(axis=1).tolist() == [0, 116, 0, 116]
    assert histograms.overlap.sum(axis=1) == pytest.approx([0, 2, 0, 2])
    assert histograms.regions.tolist() == [0, 2, 0, 2]
