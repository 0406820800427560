"""A part's outline in the small picture, so that what is behind it can be left out of its picture. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.triggers.belt import Mask, brightness, median
from inspector.triggers.profile import Stretch

GREY = 0.7
"""Brightness of what stands in the picture in place of what is behind the part, in those of the part (median): in
other light all of the picture is that much brighter or darker."""
LEAST = 0.4
"""Share of the box around it that a part covers at least."""
OPEN_LEAST = 0.1
"""The same of an open part: a ring, a bolt, a bar at a slant."""
ROWS = 5
"""Each side of the outline is the median of so many rows: single pixels do not bend it."""


def filled(parts: Mask, guessed: Mask, stretch: Stretch) -> Mask:
    """The mask with the part that covers a stretch of the belt filled: in each row from its left edge to its right one.

    guessed: more pixels that may be parts; used for an edge of a row in which only the other edge is known.
    """
    first, last = _beside(stretch)
    inside, maybe = parts[:, first:last] > 0, guessed[:, first:last] > 0
    width = inside.shape[1]
    half = width // 2
    begins, ends = inside[:, :half].any(axis=1), inside[:, half:].any(axis=1)
    left = np.where(begins, inside.argmax(axis=1), maybe.argmax(axis=1))
    right = width - np.where(ends, inside[:, ::-1].argmax(axis=1), maybe[:, ::-1].argmax(axis=1))
    columns = np.arange(width)
    between = (columns >= left[:, None]) & (columns < right[:, None])
    # A row of the shadow under the part has two ends and little between them.
    solid = 2 * np.count_nonzero(maybe & between, axis=1) >= np.count_nonzero(between, axis=1)
    known = (begins | ends) & solid
    left, right = _smooth(np.where(known, left, width)), _smooth(np.where(known, right, 0))
    whole = parts.copy()
    whole[:, first:last] = _mask((columns >= left[:, None]) & (columns < right[:, None]))
    return whole


def silhouette(whole: Mask, stretch: Stretch) -> Mask | None:
    """The part alone, of a mask in which it is filled unless it is open, and a pixel smaller: no belt is in it.

    None when the mask shows too little of it to be one.
    """
    first, last = _beside(stretch)
    top, bottom = int(stretch.top), int(stretch.bottom)
    shape = np.zeros_like(whole)
    shape[top:bottom, first:last] = whole[top:bottom, first:last]
    # Whiskers go: a thing of the belt that touches the part is thin, the part is not.
    thin, least = (3, OPEN_LEAST) if stretch.open else (9, LEAST)
    opened = cv2.morphologyEx(shape, cv2.MORPH_OPEN, np.ones((thin, thin), np.uint8))
    if cv2.countNonZero(opened) < least * stretch.length * (bottom - top):
        return None
    return np.asarray(cv2.erode(opened, np.ones((3, 3), np.uint8)), np.uint8)


def before_grey(image: Image, shape: Mask, factor: int, corner: tuple[int, int]) -> Image:
    """A part's picture before an even grey. shape: in pixels of `factor`; corner: the picture's x, y in the frame."""
    x, y = corner
    to_picture = np.array([[factor, 0, (factor - 1) / 2 - x], [0, factor, (factor - 1) / 2 - y]], np.float32)
    size = (image.shape[1], image.shape[0])
    covered = np.asarray(cv2.warpAffine(shape, to_picture, size, flags=cv2.INTER_LINEAR), np.uint8)
    grey = GREY / 3 * median(brightness(image), np.asarray(cv2.inRange(covered, 255, 255), np.uint8))
    alone = np.full_like(image, round(grey))
    cv2.copyTo(image, covered, alone)
    edge = (covered > 0) & (covered < 255)
    share = covered[edge, None] / np.float32(255)
    alone[edge] = np.rint(image[edge] * share + grey * (1 - share))
    return alone


def _beside(stretch: Stretch) -> tuple[int, int]:
    return max(0, int(stretch.start) - 2), int(stretch.end) + 2


def _mask(where: NDArray[np.bool_]) -> Mask:
    return where.view(np.uint8) * np.uint8(255)


def _smooth(edge: NDArray[np.int64]) -> NDArray[np.uint16]:
    return np.asarray(cv2.medianBlur(edge.astype(np.uint16)[:, None], ROWS)[:, 0], np.uint16)
