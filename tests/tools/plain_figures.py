"""The field's figures once more, slowly, pixel by pixel, by nothing but loops: what the fast ones are held against."""

from collections.abc import Iterator, Sequence
from itertools import groupby

import numpy as np


def area(scores: Sequence[float], good: Sequence[bool], rises: Sequence[float], limit: float) -> float:
    """Walk from the highest score to the lowest: a good one is a step to the right, another one lifts the curve.

    What has the same score is taken at once, along a straight line. The area is that up to `limit`, divided by it.
    """
    step = 1 / sum(good)
    x = y = total = 0.0
    walk = sorted(zip(scores, good, rises, strict=True), reverse=True)
    for _, together in groupby(walk, key=lambda pixel: pixel[0]):
        next_x, next_y = x, y
        for _, is_good, rise in together:
            if is_good:
                next_x += step
            else:
                next_y += rise
        if next_x > limit:
            at_limit = y + (next_y - y) * (limit - x) / (next_x - x)
            return (total + (limit - x) * (y + at_limit) / 2) / limit
        total += (next_x - x) * (y + next_y) / 2
        x, y = next_x, next_y
    return (total + (limit - x) * y) / limit


def plain_auroc(scores: np.ndarray, labels: np.ndarray, limit: float = 1.0) -> float:
    truth = labels.ravel().tolist()
    rise = 1 / sum(truth)
    return area(scores.ravel().tolist(), [not bad for bad in truth], [rise if bad else 0.0 for bad in truth], limit)


def plain_aupro(maps: np.ndarray, masks: np.ndarray, limit: float) -> float:
    regions = [(n, region) for n, mask in enumerate(masks) for region in flooded(mask)]
    rises = np.zeros(maps.shape)
    for n, region in regions:
        for row, column in region:
            rises[n, row, column] = 1 / len(region) / len(regions)
    return area(maps.ravel().tolist(), (~masks).ravel().tolist(), rises.ravel().tolist(), limit)


def plain_f1_max(scores: np.ndarray, labels: np.ndarray) -> float:
    best = 0.0
    for threshold in scores:
        called = [score >= threshold for score in scores]
        hits = sum(c and bad for c, bad in zip(called, labels, strict=True))
        best = max(best, 2 * hits / (sum(called) + sum(labels)))
    return float(best)


def flooded(mask: np.ndarray) -> Iterator[list[tuple[int, int]]]:
    """The regions of a mask whose pixels touch, at corners too, each by flooding it from one of its pixels."""
    dry = {(int(row), int(column)) for row, column in np.argwhere(mask)}
    while dry:
        region, edge = [], [dry.pop()]
        while edge:
            row, column = edge.pop()
            region.append((row, column))
            around = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & dry
            dry -= around
            edge.extend(around)
        yield region
