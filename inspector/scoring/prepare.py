"""From a part's picture to the network's input: the one preprocessing, for fitting, evaluation and the line."""

import math
from typing import TypeAlias

import cv2
import numpy as np

from inspector.messages import Affine, Image

Rectangle: TypeAlias = tuple[int, int, int, int]
"""x, y, width, height in pixels."""


MULTIPLE = 32
"""The network's input is a multiple of this wide and high: the stride of the last block of the usual backbones."""


def input_size(region: tuple[int, int], side: int, multiple: int = MULTIPLE) -> tuple[int, int]:
    """Width and height of the network's input for a region (width, height): the area of `side`², the region's shape.

    Both are rounded to multiples of `multiple`, so the shape is kept to within half of that.
    """
    width, height = region
    stretch = math.sqrt(width / height)
    return _rounded(side * stretch, multiple), _rounded(side / stretch, multiple)


def prepare(image: Image, region: Rectangle | None, size: tuple[int, int]) -> Image:
    """Crop the region and resize it to `size` (width, height): uint8[height, width, 3], contiguous.

    Shrinking averages over areas, since sampling would alias fine texture; enlarging is linear.
    """
    if region is not None:
        x, y, width, height = region
        image = image[y : y + height, x : x + width]
    height, width = image.shape[:2]
    if (width, height) == size:
        return np.ascontiguousarray(image)
    shrinks = size[0] <= width and size[1] <= height
    resized = cv2.resize(image, size, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR)
    return resized.astype(np.uint8, copy=False)


def grid_to_source(part_to_source: Affine, region: Rectangle, grid: tuple[int, int]) -> Affine:
    """The affine from the patch grid (width, height; a patch is 1 × 1) over a region of the part to source pixels."""
    x, y, width, height = region
    to_part = np.array([[width / grid[0], 0, x], [0, height / grid[1], y], [0, 0, 1]])
    whole: Affine = (part_to_source.astype(np.float64) @ to_part).astype(np.float32)
    return whole


def _rounded(value: float, multiple: int) -> int:
    return max(multiple, round(value / multiple) * multiple)
