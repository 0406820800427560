"""The field's figures against slow, obvious ones."""

import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.scoring import pixel_metrics
from inspector.scoring.metrics import auroc, f1_max, partial_auroc
from inspector.scoring.pixel_metrics import aupro, pixel_figures

LABELLED = st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40).filter(
    lambda pairs: 0 < sum(label for _, label in pairs) < len(pairs)
)


@given(LABELLED)
def test_auroc_is_the_chance_that_a_defective_one_scores_higher_ties_half(pairs: list[tuple[int, bool]]) -> None:
    bad = np.array([score for score, label in pairs if label])
    good = np.array([score for score, label in pairs if not label])
    chance = ((bad[:, None] > good) + 0.5 * (bad[:, None] == good)).mean()
    assert auroc(*zip(*pairs, strict=True)) == pytest.approx(chance)


@given(LABELLED)
def test_f1_max_is_the_best_over_all_thresholds_and_its_threshold_gives_it(pairs: list[tuple[int, bool]]) -> None:
    scores, labels = (np.array(column) for column in zip(*pairs, strict=True))

    def f1(threshold: float) -> float:
        called = scores > threshold
        return 2 * (called & labels).sum() / (called.sum() + labels.sum())

    best, threshold = f1_max(scores, labels)
    assert best == pytest.approx(max(f1(level) for level in np.arange(-0.5, 7)))
    assert f1(threshold) == pytest.approx(best)


def test_partial_auroc_counts_only_what_lies_below_the_limit() -> None:
    assert partial_auroc([3, 2, 1, 0], [True, False, False, True], limit=0.5) == pytest.approx(0.5)
    assert partial_auroc([3, 2, 1, 0], [True, True, False, False], limit=0.3) == 1


@given(st.integers(0, 10_000), st.sampled_from([1, 2, 1 << 23]))
def test_aupro_is_the_mean_overlap_of_regions_over_the_false_positive_rate(seed: int, held: int) -> None:
    random = np.random.default_rng(seed)
    maps = random.integers(0, 6, (3, 5, 5)).astype(np.float32)
    masks = np.zeros((3, 5, 5), bool)
    masks[0, :2, :2] = masks[0, 4, 4] = masks[1, 2, 1:4] = True  # three regions, of 4, 1 and 3 pixels
    regions = [(0, masks[0] & (np.arange(5) < 3)), (0, masks[0] & (np.arange(5) > 3)), (1, masks[1])]
    curve = [(0.0, 0.0)]
    for level in range(5, -1, -1):
        called = maps >= level
        false_positive = called[~masks].mean()
        curve.append((false_positive, np.mean([called[n][region].mean() for n, region in regions])))
    x, y = zip(*curve, strict=True)
    fine = np.linspace(0, 0.3, 200_001)
    # the curve's vertical steps make interpolation ambiguous at single points only
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixel_metrics, "HELD", held)  # so many pixels at once, so many times through the maps
        patch.setattr(pixel_metrics, "SAMPLED", 1)
        found = pixel_figures(maps, masks)
    assert found.aupro == pytest.approx(np.trapezoid(np.interp(fine, x, y), fine) / 0.3, abs=1e-4)
    assert found.auroc == pytest.approx(auroc(maps, masks))
    assert found.partial_auroc == pytest.approx(partial_auroc(maps, masks))


def test_maps_on_a_disk_are_never_held_as_a_whole(tmp_path: Path) -> None:
    shape = (10, 500, 500)  # 10 MB of scores, 420,000 defective pixels
    maps = np.memmap(tmp_path / "maps", np.float32, "w+", shape=shape)
    masks = np.zeros(shape, bool)
    masks[:, 100:300, 100:310] = True
    for n in range(len(maps)):
        maps[n] = np.random.default_rng(n).random(shape[1:])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pixel_metrics, "HELD", 1 << 15)
        tracemalloc.start()
        try:
            pixel_figures(maps, masks)
            held = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
    assert held < maps.nbytes


def test_regions_touching_at_a_corner_are_one() -> None:
    mask = np.eye(4, dtype=bool)[None]
    heat = np.zeros((1, 4, 4), np.float32)
    heat[0, 0, 0] = 1  # a quarter of the one region: of four regions it would be the same share, of one corner all
    assert aupro(heat, mask, limit=1.0) == pytest.approx((0.25 + 1) / 2)


@pytest.mark.parametrize("labels", [[True, True], [False, False]])
def test_a_figure_that_does_not_exist_is_an_error_not_a_zero(labels: list[bool]) -> None:
    with pytest.raises(ValueError, match="needs good and defective"):
        auroc([1, 2], labels)


def test_nan_scores_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        auroc([1, float("nan")], [True, False])
    with pytest.raises(ValueError, match="finite"):
        aupro(np.full((1, 2, 2), np.nan, np.float32), np.array([[[True, False], [False, False]]]))
    with pytest.raises(ValueError, match="no|none"):
        aupro(np.zeros((1, 2, 2), np.float32), np.zeros((1, 2, 2), bool))
