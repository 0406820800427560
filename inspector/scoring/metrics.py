"""How well scores tell defective from good: the field's figures, exact, no grid of thresholds. Pure.

Those of pixels: inspector.scoring.pixel_metrics.

Scores and labels are arrays of one length; a label is true for a defective picture (or pixel). Where a figure does not
exist (no good or no defective picture) the functions raise ValueError rather than return a 0 or 1 that means nothing.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

Values: TypeAlias = NDArray[np.floating[Any]]


def auroc(scores: ArrayLike, labels: ArrayLike) -> float:
    """Area under the ROC curve: the chance that a defective one scores above a good one, ties counted half."""
    return _mean_area(scores, labels, 1.0)


def partial_auroc(scores: ArrayLike, labels: ArrayLike, limit: float = 0.3) -> float:
    """Area under the ROC curve up to a false-positive rate of `limit`, divided by it.

    Over all pixels this is the figure the original experiments called "AUPRO"; it knows no regions.
    """
    return _mean_area(scores, labels, limit)


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


def area_pieces(begins: Values, ends: Values, limit: float, good: int) -> NDArray[np.float64]:
    """What each defective one adds to the area under the curve up to a false-positive rate of `limit`, divided by it: 1
    where it scores above all good ones.

    begins, ends: the shares of the good ones, `good` in all, that score above it, and at least what it scores. The
    curve rises where the threshold falls past its score: at one place, or where good ones have that very score, evenly
    over their share of the false-positive rate.
    """
    whole = limit - (begins + ends) / 2
    cut = np.square(np.maximum(limit - begins, 0)) / (2 * np.maximum(ends - begins, 1 / good))
    pieces: NDArray[np.float64] = np.where(ends <= limit, whole, cut) / limit
    return pieces


def _mean_area(scores: ArrayLike, labels: ArrayLike, limit: float) -> float:
    values, truth = _checked(scores, labels)
    good, bad = np.sort(values[~truth]), np.sort(values[truth])
    begins = 1 - np.searchsorted(good, bad, "right") / len(good)
    ends = 1 - np.searchsorted(good, bad, "left") / len(good)
    return float(area_pieces(begins, ends, limit, len(good)).mean())


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
