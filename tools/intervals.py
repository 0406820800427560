"""95 % intervals for figures from few pictures.

Pictures are resampled with replacement, good and defective ones apart (stratified bootstrap), and the figure computed
again; the interval is the middle 95 % of what came out. Pixel figures are resampled from a histogram a picture, over
LEVELS score levels, rather than from millions of pixels; the figure itself stays exact.
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.scoring.binomial import binomial_cdf
from inspector.scoring.pixel_metrics import Maps, Masks

RESAMPLES = 2000
LEVELS = 2048
SAMPLED = 1 << 22
"""Pixels, about, whose quantiles are the levels."""
NO_SPREAD = 5e-5
"""Intervals narrower than this have no width in four digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    @property
    def spread(self) -> bool:
        """Whether the interval says anything. Resampling a perfect figure gives the same figure each time."""
        return self.high - self.low >= NO_SPREAD

    def plain(self) -> float | dict[str, float]:
        """`{value, low, high}`, or the value alone where the interval says nothing."""
        return asdict(self) if self.spread else self.value


def picture_interval(
    figure: Callable[[NDArray[np.float64], NDArray[np.bool_]], float],
    scores: NDArray[np.float64],
    labels: NDArray[np.bool_],
) -> Interval:
    """A figure of picture scores, with its interval."""
    drawn = [figure(scores[rows], labels[rows]) for rows in _resamples(labels)]
    return _interval(figure(scores, labels), drawn)


@dataclass(frozen=True, slots=True, kw_only=True)
class PixelHistograms:
    """What pixel figures need of each picture, by falling score level."""

    good: NDArray[np.float64]
    """float64[n, LEVELS]: good pixels."""
    defective: NDArray[np.float64]
    """float64[n, LEVELS]: defective pixels."""
    overlap: NDArray[np.float64]
    """float64[n, LEVELS]: each defective pixel weighted by 1 / the size of its region."""
    regions: NDArray[np.float64]
    """float64[n]: defective regions."""


def pixel_histograms(maps: Maps, masks: Masks) -> PixelHistograms:
    """Histograms of score maps and their masks; levels are quantiles of scores, where they are many of a sample."""
    step = max(2, math.isqrt(sum(heat.size for heat in maps) // SAMPLED))
    sample = np.concatenate([heat[::step, ::step].ravel() for heat in maps])
    edges = np.unique(np.quantile(sample, np.linspace(0, 1, LEVELS + 1)))
    good, defective, overlap, regions = [], [], [], []
    for heat, mask in zip(maps, masks, strict=True):
        level = len(edges) - 1 - np.clip(np.searchsorted(edges, heat.ravel(), "right") - 1, 0, len(edges) - 1)
        count, labels, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        share = 1.0 / stats[:, cv2.CC_STAT_AREA]
        share[0] = 0.0
        bad = mask.ravel()
        good.append(np.bincount(level[~bad], minlength=len(edges)))
        defective.append(np.bincount(level[bad], minlength=len(edges)))
        overlap.append(np.bincount(level, share[labels].ravel(), minlength=len(edges)))
        regions.append(count - 1)
    return PixelHistograms(
        good=np.array(good, np.float64),
        defective=np.array(defective, np.float64),
        overlap=np.array(overlap),
        regions=np.array(regions, np.float64),
    )


def pixel_interval(
    value: float, histograms: PixelHistograms, labels: NDArray[np.bool_], limit: float, regions: bool
) -> Interval:
    """The interval of a pixel figure `value`: the area to a false-positive rate of `limit`, of overlap or pixels."""
    rising = histograms.overlap if regions else histograms.defective
    drawn = []
    for rows in _resamples(labels):
        counts = np.bincount(rows, minlength=len(labels)).astype(np.float64)
        false_positive = np.concatenate(([0.0], np.cumsum(counts @ histograms.good)))
        true_positive = np.concatenate(([0.0], np.cumsum(counts @ rising)))
        x, y = false_positive / false_positive[-1], true_positive / true_positive[-1]
        inside = x < limit
        xs, ys = np.append(x[inside], limit), np.append(y[inside], np.interp(limit, x, y))
        drawn.append(float(np.trapezoid(ys, xs) / limit))
    return _interval(value, drawn)


def clopper_pearson(events: int, trials: int, confidence: float = 0.95) -> Interval:
    """The share events / trials with its exact interval (Clopper and Pearson, 1934)."""
    if not 0 <= events <= trials or trials == 0:
        raise ValueError(f"{events} of {trials} is no share")
    tail = (1 - confidence) / 2
    low = 0.0 if events == 0 else _solve(lambda p: 1 - binomial_cdf(events - 1, trials, p), tail)
    high = 1.0 if events == trials else _solve(lambda p: -binomial_cdf(events, trials, p), -tail)
    return Interval(value=events / trials, low=low, high=high)


def at_most(events: int, trials: int, confidence: float = 0.95) -> float:
    """The highest share that events / trials still allows: Clopper and Pearson's bound, one-sided."""
    return clopper_pearson(events, trials, 2 * confidence - 1).high


def _resamples(labels: NDArray[np.bool_]) -> list[NDArray[np.int64]]:
    random = np.random.default_rng(0)
    groups = [np.flatnonzero(labels == label) for label in (False, True)]
    return [
        np.concatenate([random.choice(group, len(group)) for group in groups if len(group)]) for _ in range(RESAMPLES)
    ]


def _interval(value: float, drawn: list[float]) -> Interval:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(value=value, low=float(low), high=float(high))


def _solve(rising: Callable[[float], float], level: float) -> float:
    """Where a rising function on 0 to 1 reaches a level, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < level else (low, middle)
    return (low + high) / 2
