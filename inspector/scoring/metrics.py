"""How well scores tell defective from good: the field's figures, exact, no grid of thresholds. Pure.

Scores and labels are arrays of one length; a label is true for a defective picture (or pixel). Where a figure does not
exist (no good or no defective picture) the functions raise ValueError rather than return a 0 or 1 that means nothing.
"""

from collections.abc import Iterable
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray


def auroc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the ROC curve: the chance that a defective one scores above a good one, ties counted half."""
    false_positive, true_positive = roc(scores, labels)
    return float(np.trapezoid(true_positive, false_positive))


def partial_auroc(scores: ArrayLike, labels: ArrayLike, limit: float = 0.3) -> float:
    """Area under the ROC curve up to a false-positive rate of `limit`, divided by it.

    Over all pixels this is the figure the original experiments called "AUPRO"; it knows no regions.
    """
    false_positive, true_positive = roc(scores, labels)
    return _area_to(false_positive, true_positive, limit)


def f1_max(scores: ArrayLike, labels: ArrayLike) -> tuple[float, float]:
    """The highest F1 score over all thresholds, and the highest threshold τ that reaches it with "fail above τ".

    τ lies half-way between the lowest score called defective and the highest score called good.
    """
    ordered, truth = _sorted(scores, labels)
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
    weights = []  # what each pixel adds to the mean overlap when it is called defective
    regions = 0
    for mask in masks:
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        areas = stats[:, cv2.CC_STAT_AREA].astype(np.float64)
        share = 1.0 / areas
        share[0] = 0.0
        weights.append(share[labels].ravel())
        regions += count - 1
    if regions == 0:
        raise ValueError("AUPRO needs at least one defective region; the masks hold none")
    overlap = np.concatenate(weights) / regions
    scores = np.concatenate([np.asarray(m, np.float64).ravel() for m in maps])
    if not np.isfinite(scores).all():
        raise ValueError("AUPRO needs finite score maps; a NaN or infinity is among them")
    good = np.concatenate([~mask.ravel() for mask in masks])
    if not good.any():
        raise ValueError("AUPRO needs good pixels; the masks cover everything")
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.nonzero(np.diff(scores[order]))[0], len(order) - 1)
    pro = np.concatenate(([0.0], np.cumsum(overlap[order])[ends]))
    fpr = np.concatenate(([0.0], np.cumsum(good[order])[ends] / good.sum()))
    return _area_to(fpr, pro, limit)


def roc(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The ROC curve from (0, 0) to (1, 1), one point a distinct score: false-positive and true-positive rates."""
    ordered, truth = _sorted(scores, labels)
    ends = np.append(np.nonzero(np.diff(ordered))[0], len(ordered) - 1)
    true_positive = np.concatenate(([0.0], np.cumsum(truth)[ends] / truth.sum()))
    false_positive = np.concatenate(([0.0], np.cumsum(~truth)[ends] / (~truth).sum()))
    return false_positive, true_positive


def _sorted(scores: ArrayLike, labels: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Both in the order of falling scores."""
    values = np.asarray(scores, np.float64).ravel()
    truth = np.asarray(labels, bool).ravel()
    if values.shape != truth.shape:
        raise ValueError(f"{values.size} scores but {truth.size} labels")
    if not np.isfinite(values).all():
        raise ValueError("a score is not finite")
    if truth.all() or not truth.any():
        raise ValueError(f"needs good and defective ones; {truth.sum()} of {truth.size} are defective")
    order = np.argsort(-values, kind="stable")
    return values[order], truth[order]


def _area_to(x: NDArray[np.float64], y: NDArray[np.float64], limit: float) -> float:
    """Area under a piecewise linear curve from 0 to `limit`, divided by `limit`."""
    inside = x < limit
    xs = np.append(x[inside], limit)
    ys = np.append(y[inside], np.interp(limit, x, y))
    return float(np.trapezoid(ys, xs) / limit)
