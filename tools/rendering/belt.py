"""What the parts lie on: an endless rubber belt between two aluminium rails. Linear light, float32[H, W, 3], BGR."""

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.rendering.noise import Field, clouds, grain, smoothstep

WIDTH, HEIGHT = 640, 512
LENGTH = 6 * WIDTH
"""The belt comes round again after so many pixels."""
RAIL = 30
"""How far the rails reach into the picture, in pixels."""

_WEAVE = 12
"""Pixels from one moulded diamond to the next; divides LENGTH."""
_SEAM = 120
"""Pixels over which the belt's end fades into its beginning."""
_RUBBER = (0.84, 0.98, 0.70)
"""BGR."""


def weave(rng: np.random.Generator) -> NDArray[np.float32]:
    """The belt's surface float32[HEIGHT, LENGTH, 3]: moulded diamonds, wear, wet and chalky patches, dust."""
    shape = (HEIGHT, LENGTH + _SEAM)
    x, y = np.meshgrid(np.arange(shape[1], dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))
    turn = np.float32(2 * np.pi / _WEAVE)
    crossed = np.sin((x + y) * turn) * np.sin((x - y) * turn)
    diamonds = np.sqrt(np.abs(crossed)) * np.sign(crossed)
    height = 0.9 * diamonds + 0.40 * grain(rng, shape, (0.9, 0.9)) + 0.35 * clouds(rng, shape, 24, 3)
    slope = cv2.filter2D(height, cv2.CV_32F, np.array([[-1, -1, 0], [-1, 0, 1], [0, 1, 1]], np.float32) / 4)
    wet = smoothstep(0.2, 1.1, clouds(rng, shape, 130, 4))
    chalky = smoothstep(0.5, 2.0, clouds(rng, shape, 100, 4))
    wear = (1 + 0.10 * clouds(rng, shape, 220, 3) + 0.05 * grain(rng, shape, (1.2, 60))) * (1 - 0.26 * wet)
    light = np.maximum((0.075 - 0.018 * slope + 0.012 * diamonds) * wear, 0.008)
    dust = 0.05 * smoothstep(3.1, 4.2, grain(rng, shape, (0.8, 0.8))) + 0.018 * chalky
    belt = light[..., None] * np.array(_RUBBER, np.float32) + dust[..., None]
    belt = cv2.GaussianBlur(belt, (0, 0), 1.25)  # it lies below the plane in focus
    fade = np.linspace(0, 1, _SEAM, dtype=np.float32)[:, None]
    belt[:, :_SEAM] = fade * belt[:, :_SEAM] + (1 - fade) * belt[:, LENGTH:]
    return np.ascontiguousarray(belt[:, :LENGTH])


def rails(rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The rails' light float32[HEIGHT, WIDTH, 3] and their cover float32[HEIGHT, WIDTH]."""
    y = np.arange(HEIGHT, dtype=np.float32)
    depth = np.minimum(y, HEIGHT - 1 - y) / RAIL
    upper = y < HEIGHT / 2
    face = np.where(upper, 0.34, 0.26) * (1 - 0.35 * depth)
    slot = 1 - 0.82 * np.exp(-(((depth - 0.36) / 0.07) ** 2))
    lip = np.exp(-(((depth - 0.9) / 0.07) ** 2)) * np.where(upper, 0.05, 0.55)
    brushed = 1 + 0.07 * grain(rng, (HEIGHT, WIDTH), (0.6, 40)) + 0.03 * grain(rng, (HEIGHT, WIDTH), (0.8, 4))
    across = 1 + 0.16 * np.cos((np.arange(WIDTH, dtype=np.float32) - 210) / 190)
    light = (face * slot + lip).astype(np.float32)[:, None] * brushed * across
    tinted = light[..., None] * np.array([1.03, 1.0, 0.97], np.float32)
    cover = np.repeat(smoothstep(1.03, 0.97, depth)[:, None], WIDTH, axis=1)
    blurred: list[Field] = [np.asarray(cv2.GaussianBlur(field, (0, 0), 1.3)) for field in (tinted, cover)]
    return blurred[0], blurred[1]
