"""The field's figures of pixels: exact, each distinct score a threshold, and within a bounded memory. Pure.

The curves rise only where the threshold falls past a defective pixel's score, so all that is needed of the good pixels
is how many lie above each of those and how many share it. Defective pixels are held a range of scores at a time, good
ones are counted and never held: thousands of pictures of any size may lie on a disk (numpy.memmap).
"""

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.scoring.metrics import Values, area_pieces

HELD: Final = 1 << 23
"""Defective pixels looked at together; with all that is computed of each they take about half a gigabyte."""
SAMPLED: Final = 64
"""Every so many defective pixels one says where the ranges of scores lie."""

Maps: TypeAlias = Collection[NDArray[Any]]
"""Score maps float[h, w], one a picture; read several times."""
Masks: TypeAlias = Collection[NDArray[np.bool_]]
"""bool[h, w], true where defective."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelFigures:
    """0 to 1 each."""

    auroc: float
    partial_auroc: float
    """To the false-positive rate asked for, divided by it."""
    aupro: float
    """Likewise, of the overlap with the regions."""


def aupro(maps: Maps, masks: Masks, limit: float = 0.3) -> float:
    """The AUPRO alone, as pixel_figures has it."""
    return pixel_figures(maps, masks, limit).aupro


def pixel_figures(maps: Maps, masks: Masks, limit: float = 0.3) -> PixelFigures:
    """Areas under the curves over the share of good pixels above a threshold: of the defective pixels above it, and of
    the overlap of each 8-connected region with what lies above it, averaged over regions (AUPRO).

    P. Bergmann et al., "Uninformed Students", CVPR 2020. Raises ValueError when there is no defective region or no good
    pixel, or a map is not finite.
    """
    good = bad = regions = 0
    sample = []
    for heat, mask in zip(maps, masks, strict=True):
        if not np.isfinite(heat).all():
            raise ValueError("a score is not finite")
        defective = heat[mask]
        sample.append(defective[::SAMPLED])
        bad += len(defective)
        good += mask.size - len(defective)
        regions += cv2.connectedComponents(mask.view(np.uint8), connectivity=8)[0] - 1
    if regions == 0:
        raise ValueError("AUPRO needs at least one defective region; the masks hold none")
    if good == 0:
        raise ValueError("AUPRO needs good pixels; the masks cover everything")
    cuts = np.quantile(np.concatenate(sample), np.linspace(0, 1, -(-bad // HELD) + 1)[1:-1])
    edges = np.unique(np.concatenate(([-np.inf], cuts, [np.inf]))).tolist()
    sums = np.zeros(3)
    above = 0
    for low, high in list(pairwise(edges))[::-1]:
        levels, pixels, shares = _defective(maps, masks, low, high)
        higher, equal, within = _good(maps, masks, levels, low, high)
        begins, ends = (above + higher) / good, (above + higher + equal) / good
        to_limit = area_pieces(begins, ends, limit, good)
        sums += area_pieces(begins, ends, 1.0, good) @ pixels, to_limit @ pixels, to_limit @ shares
        above += within
    auroc, partial_auroc, overlap = (float(min(1.0, area)) for area in sums / (bad, bad, regions))
    return PixelFigures(auroc=auroc, partial_auroc=partial_auroc, aupro=overlap)


def _defective(
    maps: Maps, masks: Masks, low: float, high: float
) -> tuple[Values, NDArray[np.float64], NDArray[np.float64]]:
    """Of the defective pixels from low to below high: their distinct scores, rising, and of each how many pixels have
    it and what they are of their regions, summed."""
    scores, shares = [], []
    for heat, mask in zip(maps, masks, strict=True):
        _, labels, stats, _ = cv2.connectedComponentsWithStats(mask.view(np.uint8), connectivity=8)
        defective = heat[mask]
        chosen = (defective >= low) & (defective < high)
        scores.append(defective[chosen])
        shares.append(1.0 / stats[labels[mask][chosen], cv2.CC_STAT_AREA])
    levels, at, pixels = np.unique(np.concatenate(scores), return_inverse=True, return_counts=True)
    overlap: NDArray[np.float64] = np.bincount(at, np.concatenate(shares), len(levels)).astype(np.float64)
    return levels, pixels.astype(np.float64), overlap


def _good(
    maps: Maps, masks: Masks, levels: Values, low: float, high: float
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """Of the good pixels from low to below high: how many lie above each level, how many at it, and how many in all."""
    passed, equal = np.zeros(len(levels) + 1, np.int64), np.zeros(len(levels), np.int64)
    for heat, mask in zip(maps, masks, strict=True):
        scores = heat[~mask]
        scores = np.sort(scores[(scores >= low) & (scores < high)])  # sorted ones are found several times quicker
        at = np.searchsorted(levels, scores)
        np.add.at(passed, at, 1)
        inside = at[at < len(levels)]
        np.add.at(equal, inside[levels[inside] == scores[: len(inside)]], 1)
    within = int(passed.sum())
    return within - np.cumsum(passed[:-1]), equal, within
