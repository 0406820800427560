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


def halvings(region: tuple[int, int], size: tuple[int, int]) -> int:
    """How often a region (width, height) can be halved, no pixel being split, and still be at least of this size."""
    (width, height), count = region, 0
    while width % 2 == height % 2 == 0 and width >= 2 * size[0] and height >= 2 * size[1]:
        width, height, count = width // 2, height // 2, count + 1
    return count


def prepare(image: Image, region: Rectangle | None, size: tuple[int, int], halvings: int = 0) -> Image:
    """Crop the region and resize it to `size` (width, height): uint8[height, width, 3], contiguous.

    Shrinking averages over areas, since sampling would alias fine texture; enlarging is linear. Halved first so often,
    each pixel goes into the mean of four; by how much is left to shrink, less than half, no pixel is passed over.
    """
    if region is not None:
        x, y, width, height = region
        image = image[y : y + height, x : x + width]
    for _ in range(halvings):
        image = _resized(image, (image.shape[1] // 2, image.shape[0] // 2), cv2.INTER_AREA)
    height, width = image.shape[:2]
    if (width, height) == size:
        return np.ascontiguousarray(image)
    shrinks = size[0] <= width and size[1] <= height
    little = halvings > 0 and width < 2 * size[0] and height < 2 * size[1]
    return _resized(image, size, cv2.INTER_AREA if shrinks and not little else cv2.INTER_LINEAR)


def grid_to_source(part_to_source: Affine, region: Rectangle, grid: tuple[int, int]) -> Affine:
    """The affine from the patch grid (width, height; a patch is 1 × 1) over a region of the part to source pixels."""
    x, y, width, height = region
    to_part = np.array([[width / grid[0], 0, x], [0, height / grid[1], y], [0, 0, 1]])
    whole: Affine = (part_to_source.astype(np.float64) @ to_part).astype(np.float32)
    return whole


def _resized(image: Image, size: tuple[int, int], how: int) -> Image:
    return cv2.resize(image, size, interpolation=how).astype(np.uint8, copy=False)


def _rounded(value: float, multiple: int) -> int:
    return max(multiple, round(value / multiple) * multiple)
