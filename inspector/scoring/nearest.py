"""The nearest good patch: what the worst patch of a part is most like, to be shown beside it."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import cv2
import numpy as np

from inspector.errors import RecipeError
from inspector.messages import Affine, Box, Image, ScoreMap
from inspector.scoring.recipe import Recipe

WINDOW: Final = 9
"""Patches, in each direction, of the surroundings shown."""
PICTURES: Final = 16
"""Good pictures kept in memory: a defect's neighbours come from a few of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """A good patch with its surroundings, and the suspect one that it is nearest to."""

    jpeg: bytes
    picture: str
    """The good picture's name in the recipe."""
    box: Box
    """Where in that picture, which is as the network saw it."""
    suspect_box: Box
    """The part's own worst patch with its surroundings, in source pixels."""


class GoodPatches:
    """Finds them in a recipe's `origins.npy` and `good/`. Reads pictures when they are asked for: not for the line."""

    def __init__(self, recipe: Recipe) -> None:
        """Raises RecipeError where the recipe lacks its origins."""
        self._spec = recipe.features
        self._origins = recipe.array("origins.npy")
        self._picture = lru_cache(PICTURES)(lambda name: _decode(recipe, name))

    def nearest(self, scored: ScoreMap) -> Nearest:
        """Beside the worst patch of a part. Raises RecipeError where the good picture cannot be read."""
        width, height = self._spec.grid
        row, column = divmod(int(np.nanargmax(scored.patch_scores)), width)
        number, good_row, good_column = self._origins[scored.nearest[row, column]].tolist()
        name = f"good/{number:03d}.png"
        picture = self._picture(name)
        x, y, across, down = _window(good_column, good_row, width, height)
        cell = picture.shape[1] / width, picture.shape[0] / height
        left, top, right, bottom = (
            round(x * cell[0]), round(y * cell[1]), round((x + across) * cell[0]), round((y + down) * cell[1])
        )  # fmt: skip
        done, encoded = cv2.imencode(".jpg", picture[top:bottom, left:right], (cv2.IMWRITE_JPEG_QUALITY, 90))
        if not done:
            raise RecipeError(f"{name}: the part from {left}, {top} to {right}, {bottom} cannot be encoded as JPEG")
        return Nearest(
            jpeg=encoded.tobytes(),
            picture=name,
            box=(float(left), float(top), float(right - left), float(bottom - top)),
            suspect_box=_in_source(_window(column, row, width, height), scored.to_source),
        )


def _window(column: int, row: int, width: int, height: int) -> tuple[int, int, int, int]:
    """x, y, width, height on the grid: WINDOW patches around one, moved where they would reach over the edge."""
    across, down = min(WINDOW, width), min(WINDOW, height)
    x = min(max(column - across // 2, 0), width - across)
    y = min(max(row - down // 2, 0), height - down)
    return x, y, across, down


def _in_source(window: tuple[int, int, int, int], to_source: Affine) -> Box:
    """The upright box around a window of the grid, which may lie turned in the source."""
    x, y, across, down = window
    corners = np.array([(x, y, 1), (x + across, y, 1), (x + across, y + down, 1), (x, y + down, 1)], np.float64)
    placed = corners @ to_source.astype(np.float64).T
    (left, top), (right, bottom) = placed.min(axis=0).tolist(), placed.max(axis=0).tolist()
    return left, top, right - left, bottom - top


def _decode(recipe: Recipe, name: str) -> Image:
    picture = cv2.imdecode(np.frombuffer(recipe.read(name), np.uint8), cv2.IMREAD_COLOR)
    if picture is None:
        raise RecipeError(f"recipe {recipe.folder}: {name} is not a picture")
    return picture.astype(np.uint8, copy=False)
