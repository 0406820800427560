"""A picture brought to the light in which the belt was learnt: an exposure set anew scales all there is. Pure.

How much brighter it is than the first one is the median over places spread over all of it, so that parts, a shadow, a
hand are not taken for the light while they cover less than half.
"""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image

APART: Final = 8
"""Pixels of the small picture from one place to the next."""
SLACK: Final = 0.06
"""A light that is out of the learnt one by less, as a logarithm, is left as it is."""
MOST: Final = math.log(2)
"""Out by more it is something else."""
Levels = NDArray[np.float32]
"""float32[h, w], 0 to 765: the three colours added up, one place in APART × APART pixels."""
DARKEST, BRIGHTEST = 3 * 8, 3 * 245
"""Sums of the colours outside of which one may be clipped."""


def levels(picture: Image) -> Levels:
    """How bright a picture uint8[h, w, 3] is at places spread over all of it."""
    size = (max(1, picture.shape[1] // APART), max(1, picture.shape[0] // APART))
    some = cv2.resize(picture, size, interpolation=cv2.INTER_NEAREST).astype(np.float32)
    return np.asarray(cv2.transform(some, np.ones((1, 3), np.float32)), np.float32)


def evened(picture: Image, first: Levels) -> Image:
    """uint8[h, w, 3] in the light of the first picture, of which the levels are given.

    That one is what all are compared with: a light that were learnt with the belt would wander off with it.
    """
    now = levels(picture)
    usable = (np.minimum(now, first) > DARKEST) & (np.maximum(now, first) < BRIGHTEST)
    if 2 * np.count_nonzero(usable) < usable.size:
        return picture
    brighter = first[usable] / now[usable]
    change = float(np.partition(brighter, len(brighter) // 2)[len(brighter) // 2])
    if not SLACK < abs(math.log(change)) < MOST:
        return picture
    return np.asarray(cv2.convertScaleAbs(picture, alpha=change), np.uint8)
