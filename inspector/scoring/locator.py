"""Where a part lies in its picture and how it is turned: brought to one pose, a small bank is enough. Pure.

The part is what stands out of the ground (inspector.scoring.foreground), its pose the one in which it is most like the
usual look of its kind (inspector.scoring.register). What that look is, is learnt from the good pictures.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.errors import Unlocated
from inspector.messages import Affine, Image
from inspector.scoring.foreground import Piece, Shrunk, largest, shrink
from inspector.scoring.register import Look, Move, placing, refined, rings, turn_between


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """How a part is found. Sizes are in pixels of the region's picture."""

    contrast: float
    """Euclidean distance (BGR) from the ground, above which a pixel belongs to the part."""
    area: tuple[float, float]
    """Least and greatest area that a part may have."""
    size: tuple[int, int]
    """Width and height of the canonical picture."""
    centroid: tuple[float, float]
    """Of the part, in the canonical picture."""
    reach: float
    """From the centroid to the part's farthest point."""
    turn: tuple[float, float] | None
    """A direction, and how far from it the canonical picture's width may lie, in radians towards y; None: any way."""
    place: tuple[float, float, float, float] | None
    """Left, top, right and bottom of where the centroid may be; None: anywhere. Parts that lie turned a little are held
    by something: one that is not as they lie must not be brought back to its place as if it were."""


class Finder:
    """Finds parts by a locator and the usual look of their kind. What it prepares is the same for every part."""

    def __init__(self, locator: Locator, usual: NDArray[np.uint8]) -> None:
        """usual: uint8[h, w], the mean canonical picture as the locator sees it, 128 being the ground."""
        self.locator, self.look = locator, usual
        self._usual = usual.astype(np.float32) - 128
        width, height = locator.size
        self._scale = np.array([usual.shape[1] / width, usual.shape[0] / height])
        self._centre = (locator.centroid[0] * float(self._scale[0]), locator.centroid[1] * float(self._scale[1]))
        self._rings = rings(self._usual, self._centre, locator.reach * float(self._scale[0]))

    def locate(self, image: Image) -> Move:
        """The affine float64[2, 3] from the canonical picture's pixels to those of a picture uint8[H, W, 3].

        Both count from corners. Raises Unlocated, saying why, when there is no such part, or not where it may lie.
        """
        shrunk = shrink(image)
        piece = largest(shrunk.difference, self.locator.contrast)
        if piece is None:
            raise Unlocated(f"nothing in the picture differs by {self.locator.contrast:.0f} from its ground")
        area = piece.area / shrunk.scale**2
        low, high = self.locator.area
        if not low <= area <= high:
            raise Unlocated(f"what was found covers {area:.0f} pixels, a part covers {low:.0f} to {high:.0f}")
        to_shrunk: Move = np.vstack([self.placed(shrunk, piece), (0, 0, 1)]) @ np.diag([*self._scale, 1.0])
        to_picture: Move = to_shrunk[:2] / shrunk.scale
        self._check_lie(to_picture)
        return to_picture

    def _check_lie(self, to_picture: Move) -> None:
        """Raises Unlocated for a part that lies as no good one does."""
        if self.locator.turn is not None:
            middle, most = self.locator.turn
            off = math.remainder(math.atan2(to_picture[1, 0], to_picture[0, 0]) - middle, 2 * math.pi)
            if abs(off) > most:
                raise Unlocated(
                    f"the part lies turned by {math.degrees(off):.0f}°, good ones by up to {math.degrees(most):.0f}°"
                )
        if self.locator.place is not None:
            x, y = to_picture @ (*self.locator.centroid, 1)
            left, top, right, bottom = self.locator.place
            if not (left <= x <= right and top <= y <= bottom):
                among = f"from {left:.0f}, {top:.0f} to {right:.0f}, {bottom:.0f}"
                raise Unlocated(f"the part lies at {x:.0f}, {y:.0f}, good ones {among}")

    def placed(self, shrunk: Shrunk, piece: Piece) -> Move:
        """From the usual look's pixels to the shrunk picture's: the turn around the centroid, then turn and place."""
        reach = self.locator.reach * shrunk.scale
        turn = turn_between(self._rings, rings(masked(shrunk, piece), (piece.x, piece.y), reach))
        return refined(self._usual, shrunk.relief, placing(turn, (piece.x, piece.y), self._centre))


def masked(shrunk: Shrunk, piece: Piece) -> Look:
    """The part's look alone: 0 outside of it, so that shadows and neighbours have no say in how it is turned."""
    return shrunk.relief * piece.silhouette


def bring(image: Image, to_picture: Move, size: tuple[int, int]) -> Image:
    """The canonical picture uint8[height, width, 3] with the part's own surroundings; the picture's edge repeated."""
    centres = to_picture.copy()
    centres[:, 2] += centres[:, :2] @ (0.5, 0.5) - 0.5  # warpAffine counts from pixel centres
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(image, centres, size, flags=flags, borderMode=cv2.BORDER_REPLICATE).astype(
        np.uint8, copy=False
    )


def chained(part_to_source: Affine, to_picture: Move) -> Affine:
    """First to the picture, then from there to the source: float32[2, 3]."""
    whole: Affine = (part_to_source.astype(np.float64) @ np.vstack([to_picture, (0, 0, 1)])).astype(np.float32)
    return whole
