"""How well scores tell defective from good: the field's figures, exact, no grid of thresholds. Pure.

Scores and labels are arrays of one length; a label is true for a defective picture (or pixel). Where a figure does not
exist (no good or no defective picture) the functions raise ValueError rather than return a 0 or 1 that means nothing.
"""

from collections.abc import Iterable
from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

Values: TypeAlias = NDArray[np.floating[Any]]


def auroc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the ROC curve: the chance that a defective one scores above a good one, ties counted half."""
    good, bad = _parted(scores, labels)
    return float(_pieces(good, np.sort(bad), 1.0).mean())


def partial_auroc(scores: ArrayLike, labels: ArrayLike, limit: float = 0.3) -> float:
    """Area under the ROC curve up to a false-positive rate of `limit`, divided by it.

    Over all pixels this is the figure the original experiments called "AUPRO"; it knows no regions.
    """
    good, bad = _parted(scores, labels)
    return float(_pieces(good, np.sort(bad), limit).mean())


def f1_max(scores: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """The highest F1 score over all thresholds, and the highest threshold τ that reaches it with "fail above τ".

    τ lies half-way between the lowest score called defective and the highest score called good.
    """
    values, truth = _checked(scores, labels)
    order = np.argsort(-values, kind="stable")
    ordered, truth = values[order], truth[order]
    hits = np.cumsum(truth)
    called = np.arange(1, len(ordered) + 1)
    last = np.append(ordered[1:] != ordered[:-1], True)  # ties are called together
    f1 = np.where(last, 2 * hits / (called + truth.sum()), -1.0)
    best = int(f1.argmax())
    lowest = ordered[best]
    if best + 1 == len(ordered):
        return float(f1[best]), float(np.nextafter(lowest, -np.inf))
    middle = (lowest + ordered[best + 1]) / 2
    return float(f1[best]), float(middle if middle < lowest else ordered[best + 1])


def aupro(maps: Iterable[NDArray[Any]], masks: Iterable[NDArray[np.bool_]], limit: float = 0.3) -> float:
    """Area under the per-region-overlap curve up to a false-positive rate of `limit`, divided by it.

    P. Bergmann et al., "Uninformed Students", CVPR 2020: the overlap of each 8-connected ground-truth region with the
    pixels above a threshold, averaged over regions, against the share of good pixels above it. Exact: each distinct
    score is a threshold.

    maps: score maps float[h, w], one a picture, all of one size; masks: bool[h, w], true where defective.
    Raises ValueError when there is no defective region or no good pixel, or a map is not finite.
    """
    masks = list(masks)
    shares = []  # of each picture: what its defective pixels are of their regions
    regions = 0
    for mask in masks:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        shares.append(1.0 / stats[labels[mask], cv2.CC_STAT_AREA])
        regions += count - 1
    if regions == 0:
        raise ValueError("AUPRO needs at least one defective region; the masks hold none")
    if all(mask.all() for mask in masks):
        raise ValueError("AUPRO needs good pixels; the masks cover everything")
    good, bad = _parted(np.stack(list(maps)), np.stack(masks))
    order = np.argsort(bad)
    return min(1.0, float(_pieces(good, bad[order], limit) @ np.concatenate(shares)[order] / regions))


def _pieces(good: Values, bad: Values, limit: float) -> NDArray[np.float64]:
    """What each defective one, in the order of rising scores, adds to the area under the curve up to a false-positive
    rate of `limit`, divided by it: 1 where it scores above all good ones.

    The curve rises where the threshold falls past a defective one's score: at one place, or where good ones have that
    very score, evenly over their share of the false-positive rate. So the good ones need but sorting, and millions of
    pixels take a second.
    """
    good = np.sort(good)
    begins = 1 - np.searchsorted(good, bad, "right") / len(good)
    ends = 1 - np.searchsorted(good, bad, "left") / len(good)
    whole = limit - (begins + ends) / 2
    cut = np.square(np.maximum(limit - begins, 0)) / (2 * np.maximum(ends - begins, 1 / len(good)))
    pieces: NDArray[np.float64] = np.where(ends <= limit, whole, cut) / limit
    return pieces


def _parted(scores: ArrayLike, labels: ArrayLike) -> tuple[Values, Values]:
    """Scores of the good and of the defective ones."""
    values, truth = _checked(scores, labels)
    return values[~truth], values[truth]


def _checked(scores: ArrayLike, labels: ArrayLike) -> tuple[Values, NDArray[np.bool_]]:
    values = np.asarray(scores).ravel()
    if values.dtype != np.float32:  # millions of pixels stay as they are
        values = values.astype(np.float64)
    truth = np.asarray(labels, bool).ravel()
    if values.shape != truth.shape:
        raise ValueError(f"{values.size} scores but {truth.size} labels")
    if not np.isfinite(values).all():
        raise ValueError("a score is not finite")
    if truth.all() or not truth.any():
        raise ValueError(f"needs good and defective ones; {truth.sum()} of {truth.size} are defective")
    return values, truth
