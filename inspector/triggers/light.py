"""A picture brought to the light in which the belt was learnt: an exposure set anew scales all there is. Pure.

How much brighter it is than the first one is the median over places spread over all of it, so that parts, a shadow, a
hand are not taken for the light while they cover less than half.
"""

import math
from typing import Final

import cv2
import numpy as np

from inspector.messages import Image

APART: Final = 8
"""Pixels of the small picture from one place to the next."""
SLACK: Final = 0.06
"""A light that is out of the learnt one by less, as a logarithm, is left as it is."""
MOST: Final = math.log(2)
"""Out by more it is something else."""
DARKEST, BRIGHTEST = 3 * 8, 3 * 245
"""Sums of the colours outside of which one may be clipped."""


def evened(picture: Image, first: Image) -> Image:
    """uint8[h, w, 3] in the light of the first picture uint8[h, w, 3].

    That one is what all are compared with: a light that were learnt with the belt would wander off with it.
    """
    now, then = (each[::APART, ::APART].sum(axis=2, dtype=np.float32) for each in (picture, first))
    usable = (np.minimum(now, then) > DARKEST) & (np.maximum(now, then) < BRIGHTEST)
    if 2 * np.count_nonzero(usable) < usable.size:
        return picture
    change = float(np.median(np.log(then[usable] / now[usable])))
    if not SLACK < abs(change) < MOST:
        return picture
    return np.asarray(cv2.convertScaleAbs(picture, alpha=math.exp(change)), np.uint8)
