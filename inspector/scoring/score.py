"""From patch scores to the number that is thresholded, and to the regions above the threshold. Pure.

The score of a part is the largest patch score: the Euclidean distance of the worst patch to its nearest bank vector.
With a minimum defect area of n patches it is the maximum after an area opening (L. Vincent, "Grayscale area openings
and closings", 1993): the highest level at which some 8-connected region of n patches stands. What is smaller than that,
however bright, does not reject a part; and a part is above the threshold exactly when a region of that size is.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.scoring.prepare import Rectangle


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """An 8-connected region of patches above the threshold."""

    mask: NDArray[np.bool_]
    """bool[h, w], over the whole grid."""
    score: float
    """Highest patch score in it."""


def part_score(patch_scores: NDArray[np.float32], min_patches: int = 1) -> float:
    """The score of a part from its patch scores float32[h, w] (0 where ignored).

    NaN in any patch gives NaN, which is never a pass. A grid of fewer than `min_patches` patches scores its minimum.
    """
    if np.isnan(patch_scores).any():
        return float("nan")
    if min_patches <= 1:
        return float(patch_scores.max())
    levels = np.unique(patch_scores)
    low, high = 0, len(levels) - 1  # at levels[low] a region stands; regions only shrink as the level rises
    while low < high:
        middle = (low + high + 1) // 2
        if _largest(patch_scores >= levels[middle]) >= min_patches:
            low = middle
        else:
            high = middle - 1
    return float(levels[low])


def patches_of(area: float, region: Rectangle, grid: tuple[int, int]) -> int:
    """Patches that cover an area in pixels² of a region whose grid has this width and height; at least 1."""
    *_, width, height = region
    return max(1, math.ceil(area * grid[0] * grid[1] / (width * height)))


def regions(patch_scores: NDArray[np.float32], threshold: float, min_patches: int = 1) -> list[Region]:
    """The 8-connected regions of at least `min_patches` patches strictly above the threshold, highest score first."""
    above = patch_scores > np.float64(threshold)  # the very comparison that the score goes through, not in 32 bits
    _, labels, stats, _ = cv2.connectedComponentsWithStats(above.view(np.uint8), connectivity=8)
    found = []
    for label, area in enumerate(stats[:, cv2.CC_STAT_AREA]):
        if label and area >= min_patches:
            mask = labels == label
            found.append(Region(mask=mask, score=float(patch_scores[mask].max())))
    return sorted(found, key=lambda region: -region.score)


def _largest(mask: NDArray[np.bool_]) -> int:
    """Patches in the largest 8-connected region of a mask."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
    return int(stats[1:, cv2.CC_STAT_AREA].max(initial=0))
