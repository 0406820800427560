"""The score map in pixels lies where the patches are."""

import numpy as np
import pytest

from inspector.messages import ScoreMap
from inspector.scoring.heat import pixel_map
from inspector.scoring.prepare import grid_to_source


def hot(row: int, column: int, region: tuple[int, int, int, int], shape: tuple[int, int] = (8, 10)) -> ScoreMap:
    patches = np.zeros(shape, np.float32)
    patches[row, column] = 1
    to_source = grid_to_source(np.eye(2, 3, dtype=np.float32), region, (shape[1], shape[0]))
    return ScoreMap(seq=1, patch_scores=patches, score=1, nearest=np.zeros(shape, np.int32), to_source=to_source)


def centre(heat: np.ndarray) -> tuple[float, float]:
    rows, columns = np.indices(heat.shape) + 0.5
    return float((columns * heat).sum() / heat.sum()), float((rows * heat).sum() / heat.sum())


def test_a_hot_patch_is_centred_where_it_is_in_the_picture() -> None:
    heat = pixel_map(hot(3, 6, (0, 0, 400, 320)), (400, 320), (400, 320), smoothing=0)
    assert centre(heat) == pytest.approx((6.5 * 40, 3.5 * 40), abs=0.5)


def test_the_map_scales_with_the_size_asked_for() -> None:
    heat = pixel_map(hot(3, 6, (0, 0, 400, 320)), (400, 320), (100, 80), smoothing=0.01)
    assert heat.shape == (80, 100)
    assert centre(heat) == pytest.approx((65, 35), abs=0.3)


def test_outside_the_judged_region_the_map_is_nought() -> None:
    heat = pixel_map(hot(0, 0, (100, 80, 200, 160)), (400, 320), (400, 320))
    assert heat[:79].max() == 0
    assert heat[:, :99].max() == 0
    assert heat[85, 105] > 0
