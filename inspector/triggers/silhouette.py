"""A part's outline in the small picture, so that what is behind it can be left out of its picture. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.triggers.belt import Mask
from inspector.triggers.profile import Stretch

GREY = 127
"""What stands in the picture in place of what is behind the part."""
ROWS = 5
"""Each side of the outline is the median of so many rows: single pixels do not bend it."""


def silhouette(parts: Mask, stretch: Stretch) -> Mask:
    """The part that covers a stretch of the belt, without holes, and a pixel smaller: none of the belt is in it."""
    top, bottom = int(stretch.top), int(stretch.bottom)
    first, last = max(0, int(stretch.start) - 2), int(stretch.end) + 2
    inside = parts[top:bottom, first:last] > 0
    shape = np.zeros_like(parts)
    if not inside.size:
        return shape
    width = inside.shape[1]
    any_ = inside.any(axis=1)
    left = _smooth(np.where(any_, inside.argmax(axis=1), width))
    right = _smooth(np.where(any_, width - inside[:, ::-1].argmax(axis=1), 0))
    columns = np.arange(width)
    filled = (columns >= left[:, None]) & (columns < right[:, None])
    shape[top:bottom, first:last][filled] = 255
    # Whiskers go: a thing of the belt that touches the part is thin, the part is not.
    opened = cv2.morphologyEx(shape, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    return np.asarray(cv2.erode(opened, np.ones((3, 3), np.uint8)), np.uint8)


def before_grey(image: Image, shape: Mask, factor: int, corner: tuple[int, int]) -> Image:
    """A part's picture before an even grey. shape: in pixels of `factor`; corner: the picture's x, y in the frame."""
    x, y = corner
    to_picture = np.array([[factor, 0, (factor - 1) / 2 - x], [0, factor, (factor - 1) / 2 - y]], np.float32)
    size = (image.shape[1], image.shape[0])
    share = cv2.warpAffine(shape, to_picture, size, flags=cv2.INTER_LINEAR).astype(np.float32)[..., None] / 255
    return np.asarray(np.rint(image * share + GREY * (1 - share)), np.uint8)


def _smooth(edge: NDArray[np.int64]) -> NDArray[np.float64]:
    padded = np.pad(edge, ROWS // 2, mode="edge")
    return np.asarray(np.median(np.lib.stride_tricks.sliding_window_view(padded, ROWS), axis=1))
