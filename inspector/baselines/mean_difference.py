"""The simplest method: what differs from the mean good picture, pixel by pixel."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError
from inspector.messages import Image

WINDOW = 5
"""Side of the square that differences are averaged over before the highest is taken, in pixels."""


class MeanDifference:
    """Scores a picture by its absolute grey-value difference from the mean of good pictures of the same size."""

    def __init__(self, good: Iterable[Image]) -> None:
        """Raises RecipeError without a picture, or when the pictures differ in size."""
        total: NDArray[np.float64] | None = None
        count = 0
        for picture in good:
            if total is None:
                total = np.zeros(picture.shape, np.float64)
            if picture.shape != total.shape:
                raise RecipeError(f"good pictures differ in size: {_size(picture)} after {_size(total)}")
            total += picture
            count += 1
        if total is None:
            raise RecipeError("no good pictures to take the mean of")
        self._mean = (total / count).astype(np.float32)

    def difference(self, picture: Image) -> NDArray[np.float32]:
        """float32[H, W], 0 to 255: the mean over the channels. Raises RecipeError for a picture of another size."""
        if picture.shape != self._mean.shape:
            raise RecipeError(f"picture of {_size(picture)}, the good ones are {_size(self._mean)}")
        return np.asarray(np.abs(picture - self._mean).mean(axis=2), np.float32)

    def average(self, picture: Image) -> float:
        """The mean difference over the picture, 0 to 255."""
        return float(self.difference(picture).mean())

    def highest(self, picture: Image) -> float:
        """The highest mean difference in a window of WINDOW × WINDOW pixels, 0 to 255."""
        return float(_windows(_windows(self.difference(picture)).T).max())


def _windows(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Means over WINDOW neighbouring rows."""
    return np.asarray(np.lib.stride_tricks.sliding_window_view(field, WINDOW, axis=0).mean(axis=-1), np.float32)


def _size(picture: NDArray[np.generic]) -> str:
    return f"{picture.shape[1]} × {picture.shape[0]}"
