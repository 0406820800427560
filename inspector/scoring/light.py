"""A picture in another light brought to the light of the good ones, so that a lamp that ages is no defect. Pure.

How much brighter a picture is than the mean good one is the median over its places: a defect, also a large one, is in
fewer than half of them. Within the range of the good pictures nothing is changed at all; outside, the picture is made
brighter or darker as far as the end of that range. How far a picture may be out of it is the health's affair.
"""

import math
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.scoring.small import grey, small, usable

Range: TypeAlias = tuple[float, float]
"""Lowest and highest logarithm of how much brighter a picture may be than the mean good one, and be left as it is."""

SLACK = 0.03
"""What the range is wider by, on each side, than the good pictures'."""


BURNT = 254
"""From this level on a colour is at the end of the scale: what it showed is lost."""


def brighter(picture: NDArray[np.float32], mean: NDArray[np.float32]) -> float:
    """How much brighter a small picture float32[h, w, 3] is than the mean good one, as a logarithm."""
    places = usable(picture, mean)
    if not places.any():
        return 0.0
    return float(np.median(np.log(grey(picture)[places] / grey(mean)[places])))


def range_of(good: NDArray[np.float64]) -> Range:
    """The range of what `brighter` says of good pictures."""
    return float(good.min()) - SLACK, float(good.max()) + SLACK


def evened(picture: Image, mean: NDArray[np.float32], allowed: Range) -> Image:
    """The picture uint8[H, W, 3] in a light of the range; the same one where it is in such a light already."""
    found = brighter(small(picture, (mean.shape[1], mean.shape[0])), mean)
    change = min(max(found, allowed[0]), allowed[1]) - found
    if change == 0:
        return picture
    even = np.asarray(cv2.convertScaleAbs(picture, alpha=math.exp(change)), np.uint8)
    if change < 0:
        _unburn(even, picture, mean * np.float32(math.exp(allowed[1])))
    return even


def _unburn(even: Image, picture: Image, good: NDArray[np.float32]) -> None:
    """Where a colour was at the end of the scale it was at least so bright: of such values the one nearest to the mean
    good picture in this light. How much of a picture may be so is the health's affair (`clipped`)."""
    burnt = picture >= BURNT
    if burnt.any():
        expected = cv2.resize(np.rint(np.minimum(good, 255)).astype(np.uint8), (even.shape[1], even.shape[0]))
        np.copyto(even, np.maximum(even, expected), where=burnt)
