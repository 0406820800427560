"""A part's relief under lamps that stay where they are while the part turns. Shapes: a scene is SIDE pixels square."""

import math
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.rendering.noise import Field, clouds

SIDE: Final = 512
FINE: Final = 2
"""Sub-pixels a pixel, along each axis."""
LAMPS: Final = ((-0.5, -0.6, 0.9, 0.7), (0.7, 0.2, 0.8, 0.4), (0.1, 0.8, 0.6, 0.2))
"""Direction x, y, z (y down, z to the camera) and power of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """Where a part lies: its own origin in pixels, its turn in radians."""

    x: float
    y: float
    angle: float

    def own(self) -> tuple[Field, Field]:
        """The part's own coordinates float32[n, n] at each sub-pixel, in pixels."""
        at = (np.arange(SIDE * FINE, dtype=np.float32) + 0.5) / FINE
        x, y = at[None] - np.float32(self.x), at[:, None] - np.float32(self.y)
        cosine, sine = math.cos(self.angle), math.sin(self.angle)
        return cosine * x + sine * y, cosine * y - sine * x


def anywhere(random: np.random.Generator, stray: float) -> Lying:
    """Turned any way, its origin up to so many pixels from the middle."""
    x, y = SIDE / 2 + random.uniform(-stray, stray, 2)
    return Lying(x=float(x), y=float(y), angle=float(random.uniform(-math.pi, math.pi)))


def lit(height: Field, albedo: Field, gloss: float) -> Field:
    """Light float32[n, n], about 0 to 1.5, from a relief in sub-pixels: each lamp's, scattered and mirrored."""
    dx, dy = cv2.Sobel(height, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(height, cv2.CV_32F, 0, 1, scale=1 / 8)
    norm = 1 / np.sqrt(1 + dx * dx + dy * dy)
    total = np.full(height.shape, 0.12, np.float32)
    for x, y, z, power in LAMPS:
        size = math.sqrt(x * x + y * y + z * z)
        facing = np.maximum((-dx * x - dy * y + z) / size * norm, 0)
        halfway = math.sqrt(x * x + y * y + (z + size) ** 2)
        mirrored = np.maximum((-dx * x - dy * y + z + size) / halfway * norm, 0) ** 24
        total += np.float32(power) * (0.55 * facing + np.float32(gloss) * mirrored)
    return total * albedo


def photographed(
    light: Field, cover: Field, ground: Field, random: np.random.Generator, shadow: float, noise: float
) -> Image:
    """uint8[SIDE, SIDE, 3]: the part over its ground float32[SIDE, SIDE], with a soft shadow and a sensor's noise."""
    small, alpha = (cv2.resize(a, (SIDE, SIDE), interpolation=cv2.INTER_AREA) for a in (light * cover, cover))
    soft = cv2.GaussianBlur(alpha, (0, 0), 7)
    fallen = cv2.warpAffine(soft, np.array([[1, 0, 5], [0, 1, 6]], np.float32), (SIDE, SIDE))
    picture = ground * (1 - np.float32(shadow) * fallen) * (1 - alpha) + small
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7) * np.float32(1 + random.normal(0, 0.02))
    tint = np.array([1.0, 0.99, 0.97], np.float32)
    linear = picture[..., None] * tint + random.normal(0, noise, (SIDE, SIDE, 3)).astype(np.float32)
    picture8: Image = np.clip(255 * linear, 0, 255).astype(np.uint8)
    return picture8


def lighted_ground(random: np.random.Generator, level: float, fall: float) -> Field:
    """float32[SIDE, SIDE]: a ground whose brightness falls off from a middle that is not the picture's."""
    at = np.arange(SIDE, dtype=np.float32) / SIDE - 0.5
    x0, y0 = random.uniform(-0.12, 0.12, 2).astype(np.float32)
    far = (at[None] - x0) ** 2 + (at[:, None] - y0) ** 2
    ground: Field = np.float32(level) * (1 - np.float32(fall) * far + 0.012 * clouds(random, (SIDE, SIDE), 90, 2))
    return ground


def shrunk(mask: Field) -> NDArray[np.bool_]:
    """A mask of sub-pixels at the picture's pixels, bool[SIDE, SIDE]."""
    return np.asarray(cv2.resize(mask.astype(np.float32), (SIDE, SIDE), interpolation=cv2.INTER_AREA) > 0.3)
