"""Cutting a part out of a frame: always the same size, wherever it stands. Pure."""

from dataclasses import dataclass

import cv2
import numpy as np

from inspector.messages import Affine, Image
from inspector.triggers.belt import Mask
from inspector.triggers.silhouette import before_grey


@dataclass(frozen=True, slots=True, kw_only=True)
class Crop:
    """A part's picture, and the way back into the frame."""

    image: Image
    to_source: Affine

    @property
    def centre(self) -> tuple[float, float]:
        """x and y of its middle, in the frame."""
        height, width = self.image.shape[:2]
        return float(self.to_source[0, 2]) + width / 2, float(self.to_source[1, 2]) + height / 2

    def before_grey(self, shape: Mask, factor: int) -> "Crop":
        """The same with grey in place of what is not in `shape`, an outline in a picture smaller by `factor`."""
        x, y = self.to_source[:, 2]
        image = before_grey(self.image, shape, factor, (int(x), int(y)))
        image.flags.writeable = False
        return Crop(image=image, to_source=self.to_source)


def fits(picture: Image, centre: tuple[float, float], part: tuple[int, int]) -> bool:
    """Whether a part of that size (width, height) around a centre (x, y) lies inside the picture, but for 2 %."""
    ends = (picture.shape[1], picture.shape[0])
    return all(
        -0.02 * length <= middle - length / 2 and middle + length / 2 <= end + 0.02 * length
        for middle, length, end in zip(centre, part, ends, strict=True)
    )


def cut(picture: Image, centre: tuple[float, float], part: tuple[int, int], margin: float) -> Crop | None:
    """The part of that size (width, height) around a centre (x, y), and on each side `margin` of its size more.

    None when the picture's edge cuts the part itself; beyond the edge the margin repeats the last pixels.
    """
    if not fits(picture, centre, part):
        return None
    height, width = picture.shape[:2]
    size = tuple(round(length * (1 + 2 * margin)) for length in part)
    x, y = (round(middle - length / 2) for middle, length in zip(centre, size, strict=True))
    left, top = max(0, -x), max(0, -y)
    right, bottom = max(0, x + size[0] - width), max(0, y + size[1] - height)
    image = picture[y + top : y + size[1] - bottom, x + left : x + size[0] - right]
    if left or top or right or bottom:
        image = np.asarray(cv2.copyMakeBorder(image, top, bottom, left, right, cv2.BORDER_REPLICATE), np.uint8)
    image = image.copy()
    image.flags.writeable = False
    return Crop(image=image, to_source=np.array([[1, 0, x], [0, 1, y]], np.float32))
