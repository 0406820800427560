"""Light on the surface: soft lamps over an anisotropic metal, and the hall's dim surroundings.

A facet mirrors a lamp into the camera when its slope halves the angle between them; how many facets have that slope is
a GGX distribution, narrow along the tool marks and wide across them (B. Walter et al., "Microfacet Models", 2007).
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.rendering.noise import Field
from tools.rendering.surface import SUPERSAMPLING, Surface


@dataclass(frozen=True, slots=True, kw_only=True)
class LampBank:
    """Soft lamps of one kind."""

    lamps: tuple[tuple[float, float, float], ...]
    """Where each hangs: x, y from the frame's centre and height z, in frame pixels."""
    power: float
    width: float
    """How much a lamp's size adds to a highlight's, as a slope."""
    tint: tuple[float, float, float]
    """Colour, BGR."""

    def colour(self) -> NDArray[np.float32]:
        """Power in each channel, float32[3]."""
        return np.array(self.tint, np.float32) * np.float32(self.power)


def shade(surface: Surface, banks: list[LampBank], centre: tuple[float, float]) -> NDArray[np.float32]:
    """Linear light float32[H, W, 3] (BGR) that reaches the camera from each sub-pixel of the box."""
    grid = surface.grid
    slope_x, slope_y = slopes(surface.height)
    steep = slope_x * slope_x + slope_y * slope_y
    cos_n = 1 / np.sqrt(1 + steep)
    direction = surface.along + np.float32(grid.pose.angle)
    tx, ty = np.cos(direction), np.sin(direction)
    crevice = _crevices(surface.height)
    surroundings = (0.04 + 0.17 * steep / (steep + 0.15) + 0.05 * slope_y * cos_n) * crevice
    light = (surface.gloss * surroundings)[..., None] * np.array([1.04, 1.0, 0.95], np.float32)
    rows, columns = grid.shape
    u = (grid.corner[0] - centre[0]) + (np.arange(columns, dtype=np.float32) + 0.5) / SUPERSAMPLING
    v = ((grid.corner[1] - centre[1]) + (np.arange(rows, dtype=np.float32) + 0.5) / SUPERSAMPLING)[:, None]
    for bank in banks:
        mirrored, scattered = np.zeros(grid.shape, np.float32), np.zeros(grid.shape, np.float32)
        narrow, wide = surface.rough_along + np.float32(bank.width), surface.rough_across + np.float32(bank.width)
        for x, y, z in bank.lamps:
            lx, ly = np.float32(x) - u, np.float32(y) - v
            far = np.sqrt(lx * lx + ly * ly + np.float32(z * z))
            part = 1 / (np.float32(z) + far)
            miss_x, miss_y = lx * part + slope_x, ly * part + slope_y
            along, across = (miss_x * tx + miss_y * ty) / narrow, (miss_x * ty - miss_y * tx) / wide
            off = 1 + along * along + across * across
            mirrored += 1 / (off * off)
            scattered += np.maximum((np.float32(z) - (lx * slope_x + ly * slope_y)) / far, 0)
        mirrored *= surface.gloss * crevice / (narrow * wide) * np.float32(0.012)
        scattered *= surface.matte * cos_n
        light += (mirrored[..., None] + scattered[..., None] * surface.tint) * bank.colour()
    return light


def slopes(height: Field) -> tuple[Field, Field]:
    """dz/dx and dz/dy, by central differences over the sub-pixels."""
    scale = SUPERSAMPLING / 2
    kernel = np.array([[-1, 0, 1]], np.float32) * scale
    return cv2.filter2D(height, cv2.CV_32F, kernel), cv2.filter2D(height, cv2.CV_32F, kernel.T.copy())


def _crevices(height: Field) -> Field:
    """How much of the surroundings a point sees: less where its neighbourhood stands above it."""
    small = cv2.resize(height, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    around = cv2.resize(cv2.GaussianBlur(small, (0, 0), 3.0), height.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return 1 / (1 + np.maximum(around - height, 0) * np.float32(0.09))
