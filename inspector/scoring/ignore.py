"""An ignore mask when fitting: whether it is of these pictures, and which patches it covers. Pure."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError
from inspector.scoring.prepare import Rectangle


def check_ignore(mask: NDArray[np.bool_] | None, size: tuple[int, int]) -> None:
    """Raises RecipeError for an ignore mask of another size than the pictures: it would ignore other places."""
    if mask is not None and mask.shape != size[::-1]:
        raise RecipeError(
            f"the ignore mask is {mask.shape[1]} × {mask.shape[0]}, the good pictures are {size[0]} × {size[1]}"
        )


def inside(mask: NDArray[np.bool_], region: Rectangle) -> NDArray[np.bool_]:
    """The part of a mask bool[H, W] over the picture that lies in a region."""
    x, y, width, height = region
    return mask[y : y + height, x : x + width]


def ignored_patches(mask: NDArray[np.bool_], region: Rectangle, grid: tuple[int, int]) -> NDArray[np.bool_]:
    """Patches bool[h, w] that an ignore mask bool[H, W] over the picture touches, and their neighbours.

    The neighbours too: their features are averaged over 3 × 3 cells, and what a picture is filled with under the mask
    (inspector.scoring.fill) is none of the part.
    """
    touched = cv2.resize(inside(mask, region).astype(np.float32), grid, interpolation=cv2.INTER_AREA) > 0
    return cv2.dilate(touched.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
