"""What stands out of a picture's ground, and how it lies. Pure.

The ground is a smooth surface (a quadratic a channel, fitted to the picture's border, what lies off it left out), so
that a lamp's pool of light and a vignetting lens are part of it. What differs from it is foreground; the part is the
largest piece of that, holes filled.
"""

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image

SIDE: Final = 256
"""Pictures are shrunk to this for finding the part; moments of so many pixels place it to a tenth of one."""
RING: Final = 4
"""Width of the border that the ground is fitted to, in shrunk pixels."""
COARSE: Final = 48
"""Side of the grid that the ground is computed on."""
GLINT: Final = 5
"""Gaps narrower than so many shrunk pixels belong to the part: a glint as bright as the ground runs along a bare screw
from end to end, and would leave one of its flanks for the whole part."""
OFF: Final = 2.5
"""Standard deviations from the fitted ground beyond which a border's pixel is of something else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shrunk:
    """A picture small enough to be looked through."""

    relief: NDArray[np.float32]
    """float32[h, w]: how much brighter than the ground."""
    difference: NDArray[np.float32]
    """float32[h, w]: Euclidean distance (BGR) from the ground."""
    scale: float
    """Of the picture's size."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """The part's silhouette, and how it lies in the shrunk picture: its pixels count from their corners."""

    silhouette: NDArray[np.uint8]
    """uint8[h, w], 1 inside."""
    x: float
    y: float
    """Its centroid."""
    axis: float
    """Direction of its longer axis, in radians towards y, up to half a turn."""
    area: int
    touches: bool
    """Whether it reaches the border of the picture."""


def shrink(image: Image) -> Shrunk:
    """A picture uint8[H, W, 3] without its ground."""
    scale = min(1.0, SIDE / max(image.shape[:2]))
    size = max(8, round(image.shape[1] * scale)), max(8, round(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    smooth = cv2.GaussianBlur(small, (3, 3), 0).astype(np.float32)
    rest = smooth - _ground(smooth)
    difference = cv2.sqrt(cv2.transform(rest * rest, np.ones((1, 3), np.float32)))
    relief = cv2.transform(rest, np.full((1, 3), 1 / 3, np.float32))
    return Shrunk(relief=relief.astype(np.float32), difference=difference.astype(np.float32), scale=scale)


def largest(difference: NDArray[np.float32], contrast: float) -> Piece | None:
    """The largest thing that differs so much from the ground; None when nothing does."""
    whole = cv2.morphologyEx((difference > contrast).astype(np.uint8), cv2.MORPH_CLOSE, _closing())
    above = cv2.morphologyEx(whole, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(above, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    filled = cv2.drawContours(np.zeros_like(above), [max(outlines, key=cv2.contourArea)], -1, 1, -1)
    found = cv2.moments(filled, binaryImage=True)
    area = found["m00"]
    if area < 16:
        return None
    edges = filled[0].any() or filled[-1].any() or filled[:, 0].any() or filled[:, -1].any()
    return Piece(
        silhouette=filled.astype(np.uint8, copy=False),
        x=found["m10"] / area + 0.5,
        y=found["m01"] / area + 0.5,
        axis=math.atan2(2 * found["mu11"], found["mu20"] - found["mu02"]) / 2,
        area=int(area),
        touches=bool(edges),
    )


def otsu(difference: NDArray[np.float32]) -> float:
    """The level that parts a picture's differences best into two kinds (N. Otsu, 1979)."""
    level, _ = cv2.threshold(np.clip(difference, 0, 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(level)


@lru_cache(1)
def _closing() -> NDArray[np.uint8]:
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (GLINT, GLINT)).astype(np.uint8)


@lru_cache(1)
def _coarse() -> NDArray[np.float64]:
    return _quadratic(*_centres(COARSE, COARSE))


def _ground(smooth: NDArray[np.float32]) -> NDArray[np.float32]:
    """The smooth surface float32[h, w, 3] through the picture's border."""
    height, width = smooth.shape[:2]
    terms, rows, columns = _border(width, height)
    beside = smooth[rows, columns]
    trusted = np.ones(len(rows), bool)
    for _ in range(2):
        known = terms[trusted]
        ground = np.linalg.solve(known.T @ known, known.T @ beside[trusted])
        off = np.abs(beside - terms @ ground).max(axis=1)
        trusted = off <= OFF * max(1.0, 1.48 * float(np.median(off)))
    coarse = (_coarse() @ ground).reshape(COARSE, COARSE, 3).astype(np.float32)
    return cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR).astype(np.float32, copy=False)


@lru_cache(4)
def _border(width: int, height: int) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.int64]]:
    """The terms float64[n, 6] of every fifth pixel of the border, its row and its column."""
    ys, xs = np.divmod(np.arange(width * height), width)
    border = np.flatnonzero(np.minimum(np.minimum(xs, width - 1 - xs), np.minimum(ys, height - 1 - ys)) < RING)[::5]
    x, y = _centres(width, height)
    return _quadratic(x, y)[border], ys[border], xs[border]


def _centres(width: int, height: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """x and y of each pixel's centre, row by row, from -1 to 1 over the picture."""
    ys, xs = np.divmod(np.arange(width * height), width)
    return 2 * (xs + 0.5) / width - 1, 2 * (ys + 0.5) / height - 1


def _quadratic(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=1)
