"""The number that is thresholded, and the regions above the threshold."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from inspector.scoring.score import part_score, patches_of, regions

GRIDS = arrays(np.float32, st.tuples(st.integers(1, 6), st.integers(1, 6)), elements=st.integers(0, 5).map(float))


def test_the_score_is_the_worst_patch() -> None:
    assert part_score(np.array([[1, 2], [7, 3]], np.float32)) == 7


def test_a_nan_patch_makes_the_score_nan_whatever_the_minimum_area() -> None:
    patches = np.array([[1, np.nan], [7, 3]], np.float32)
    assert np.isnan(part_score(patches))
    assert np.isnan(part_score(patches, min_patches=3))


def test_a_region_smaller_than_the_minimum_area_does_not_count_however_bright() -> None:
    patches = np.zeros((5, 5), np.float32)
    patches[0, 0] = 100
    patches[3, 2:5] = 10
    assert part_score(patches, min_patches=3) == 10


def test_touching_corners_connect_patches() -> None:
    assert part_score(np.diag([4.0, 5.0, 6.0]).astype(np.float32), min_patches=3) == 4


@given(GRIDS, st.integers(1, 8), st.integers(0, 5))
def test_a_part_is_above_a_threshold_exactly_when_a_region_of_the_minimum_area_is(
    patches: np.ndarray, min_patches: int, threshold: int
) -> None:
    min_patches = min(min_patches, patches.size)
    found = regions(patches, threshold, min_patches)
    assert (part_score(patches, min_patches) > threshold) == bool(found)
    assert all(region.mask.sum() >= min_patches and region.score > threshold for region in found)


def test_regions_come_highest_score_first_and_cover_what_is_above_the_threshold() -> None:
    patches = np.array([[9, 0, 3], [9, 0, 4], [0, 0, 0]], np.float32)
    found = regions(patches, 2)
    assert [region.score for region in found] == [9, 4]
    assert (found[0].mask | found[1].mask).tolist() == (patches > 2).tolist()


def test_a_defect_area_in_pixels_becomes_patches_of_the_region_rounded_up() -> None:
    assert patches_of(0, (0, 0, 320, 320), (40, 40)) == 1
    assert patches_of(64, (0, 0, 320, 320), (40, 40)) == 1
    assert patches_of(65, (10, 10, 320, 320), (40, 40)) == 2
