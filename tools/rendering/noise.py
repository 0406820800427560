"""Seeded random fields: the grain of everything. float32, zero mean, unit variance unless said."""

from typing import Any, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

Field: TypeAlias = NDArray[Any]
"""float32[H, W]."""
Number: TypeAlias = float | np.floating[Any]


def grain(rng: np.random.Generator, shape: tuple[int, int], sigma: tuple[float, float]) -> Field:
    """White noise blurred by `sigma` (rows, columns) in pixels, at unit variance."""
    field: Field = rng.standard_normal(shape, np.float32)
    field = cv2.GaussianBlur(field, (0, 0), sigmaX=max(sigma[1], 0.01), sigmaY=max(sigma[0], 0.01))
    return unit(field)


def clouds(rng: np.random.Generator, shape: tuple[int, int], cell: float, octaves: int = 1) -> Field:
    """Soft blotches about `cell` pixels wide; each further octave is half as wide and half as strong."""
    total = np.zeros(shape, np.float32)
    for octave in range(octaves):
        size = cell / 2**octave
        coarse = (max(2, round(shape[0] / size) + 1), max(2, round(shape[1] / size) + 1))
        knots = rng.standard_normal(coarse, np.float32)
        total += cv2.resize(knots, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC) / 2**octave
    return unit(total)


def unit(field: Field) -> Field:
    """The same at zero mean and unit variance."""
    return (field - field.mean(dtype=np.float64).astype(np.float32)) / np.float32(field.std(dtype=np.float64) + 1e-9)


def smoothstep(low: Number, high: Number, value: Field) -> Field:
    """0 below `low`, 1 above `high`, smooth between; `low` may be the greater one."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)
