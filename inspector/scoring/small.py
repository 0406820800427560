"""A picture made small, and what of it is worth measuring: what health and light are read from. Pure."""

from typing import Final

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from inspector.messages import Image

SMALL: Final = 128
"""Width of the small picture, at most; its height in proportion."""
DARKEST, BRIGHTEST = 8, 245
"""Levels outside of which a colour may be clipped."""
FEWEST_USABLE: Final = 0.02
"""Share of the picture below which what is not clipped says nothing of the rest."""


def halved(picture: Image, width: int) -> Image:
    """Halved, which is quick, until it is at most so wide."""
    shrunk: MatLike = picture
    while shrunk.shape[1] > width and shrunk.shape[0] > 1:
        shrunk = cv2.resize(shrunk, (shrunk.shape[1] // 2, shrunk.shape[0] // 2), interpolation=cv2.INTER_AREA)
    return np.asarray(shrunk, np.uint8)


def small(picture: Image, size: tuple[int, int] | None) -> NDArray[np.float32]:
    """Halved until it is small; float32[h, w, 3], of that size (width, height) if one is given."""
    shrunk: MatLike = halved(picture, SMALL)
    if size is not None and (shrunk.shape[1], shrunk.shape[0]) != size:
        shrunk = cv2.resize(shrunk, size, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.GaussianBlur(shrunk, (5, 5), 1.0), np.float32)


def grey(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[h, w]: the mean of the colours."""
    return np.asarray(cv2.transform(picture, np.full((1, 3), 1 / 3, np.float32)), np.float32)


def brightest(picture: NDArray[np.float32]) -> NDArray[np.float32]:
    """float32[h, w]: the brightest colour."""
    return np.maximum(np.maximum(picture[:, :, 0], picture[:, :, 1]), picture[:, :, 2])


def usable(*pictures: NDArray[np.float32]) -> NDArray[np.bool_]:
    """bool[h, w]: where no colour of any of these is clipped; nowhere, when that is hardly anywhere."""
    fit = np.ones(pictures[0].shape[:2], bool)
    for picture in pictures:
        fit &= (brightest(picture) < BRIGHTEST) & (brightest(-picture) < -DARKEST)
    return fit if np.count_nonzero(fit) >= FEWEST_USABLE * fit.size else np.zeros_like(fit)
