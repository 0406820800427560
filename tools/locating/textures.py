"""Materials that fill the picture: leather, carpet, a wire grid, wood and tile; cut, stained or holed. In pixels."""

import math
from collections.abc import Callable, Mapping
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.locating.sensor import sensed
from tools.rendering.noise import Field, clouds, grain, smoothstep

SIDE: Final = 512
DEFECTS: Final = ("cut", "stain", "hole")
Random = np.random.Generator


def leather(random: Random) -> Field:
    pebbles = np.abs(grain(random, (SIDE, SIDE), (4, 4))) + 0.5 * np.abs(grain(random, (SIDE, SIDE), (2, 2)))
    light = 0.24 + 0.09 * np.minimum(pebbles, 1.6) + 0.012 * clouds(random, (SIDE, SIDE), 130, 2)
    lit: Field = light[..., None] * np.array([0.55, 0.75, 1.25], np.float32)
    return lit


def carpet(random: Random) -> Field:
    u, v = _bent(random, 1.0, 2.0)
    threads = np.sin(u * 0.8) * np.cos(v * 0.55) + 0.8 * grain(random, (SIDE, SIDE), (1.2, 1.2))
    return 0.42 + 0.08 * threads + 0.015 * clouds(random, (SIDE, SIDE), 160)


def grid(random: Random) -> Field:
    u, v = _bent(random, 0.6, 0.8)
    wires = np.maximum(np.cos((u + 0.6 * v) * 0.2), np.cos((u - 0.6 * v) * 0.2))
    wire = smoothstep(0.72, 0.92, wires)
    ground = 0.30 + 0.05 * clouds(random, (SIDE, SIDE), 200)
    lit: Field = ground * (1 - wire) + (0.62 + 0.05 * grain(random, (SIDE, SIDE), (0.8, 0.8))) * wire
    return lit


def wood(random: Random) -> Field:
    u, _ = _bent(random, 0.8, 6.0)
    u = u + 14 * clouds(random, (SIDE, SIDE), 260)
    rings = 0.06 * np.sin(u * 0.13 + random.uniform(0, 6)) + 0.03 * np.sin(u * 0.41)
    fibres = 0.03 * grain(random, (SIDE, SIDE), (22, 0.8)) + 0.012 * grain(random, (SIDE, SIDE), (0.8, 0.8))
    lit: Field = (0.5 + rings + fibres)[..., None] * np.array([0.55, 0.8, 1.1], np.float32)
    return lit


def tile(random: Random) -> Field:
    stones = grain(random, (SIDE, SIDE), (7, 7)) + 0.6 * grain(random, (SIDE, SIDE), (2.5, 2.5))
    light = 0.42 + 0.17 * np.tanh(2 * stones) + 0.02 * grain(random, (SIDE, SIDE), (0.8, 0.8))
    return light + 0.06 * smoothstep(1.4, 1.8, stones)


TEXTURES: Final[Mapping[str, Callable[[Random], Field]]] = {
    "leather": leather, "carpet": carpet, "grid": grid, "wood": wood, "tile": tile
}  # fmt: skip


def texture(name: str, seed: tuple[int, ...], defect: str | None) -> tuple[Image, NDArray[np.bool_]]:
    """The picture uint8[SIDE, SIDE, 3], and where its defect is; name: one of TEXTURES; defect: one of DEFECTS."""
    random = np.random.default_rng(seed)
    light = TEXTURES[name](random).astype(np.float32)
    changed = np.zeros((SIDE, SIDE), np.float32)
    if defect is not None:
        light, changed = marked(light, random, defect)
    return sensed(cv2.GaussianBlur(light, (0, 0), 0.7), random), changed > 0.4


def marked(light: Field, random: Random, defect: str) -> tuple[Field, Field]:
    """With a cut, a stain or a hole somewhere, and how much of it is at each place."""
    rows, columns = np.indices(light.shape[:2], np.float32)
    x, y = random.uniform(0.12, 0.88, 2) * light.shape[1::-1]
    tilt = random.uniform(-math.pi, math.pi)
    u = (columns - x) * math.cos(tilt) + (rows - y) * math.sin(tilt)
    v = (rows - y) * math.cos(tilt) - (columns - x) * math.sin(tilt)
    if defect == "cut":
        half = random.uniform(20, 45)
        changed = smoothstep(2.6, 1.2, np.abs(v + 2 * np.sin(u * 0.1))) * smoothstep(half, half - 6, np.abs(u))
        factor, added = 1 - 0.6 * changed, 0.10 * smoothstep(2, 1, np.abs(v - 3)) * (np.abs(u) < half)
    elif defect == "stain":
        changed = smoothstep(1, 0.7, np.hypot(u / random.uniform(16, 30), v / random.uniform(10, 18)))
        factor, added = 1 + random.choice([-0.3, 0.3]) * changed, 0 * u
    else:
        changed = smoothstep(1, 0.75, np.hypot(u, v) / random.uniform(6, 11))
        factor, added = 1 - 0.8 * changed, 0 * u
    if light.ndim == 3:
        factor, added = factor[..., None], added[..., None]
    return (light * factor + added).astype(np.float32), changed.astype(np.float32)


def _bent(random: Random, degrees: float, waves: float) -> tuple[Field, Field]:
    """Coordinates float32[SIDE, SIDE], turned a little, moved anyhow, and a little wavy."""
    turn = math.radians(random.normal(0, degrees))
    rows, columns = np.indices((SIDE, SIDE), np.float32)
    columns, rows = columns + random.uniform(0, 200), rows + random.uniform(0, 200)
    u = columns * math.cos(turn) + rows * math.sin(turn)
    v = rows * math.cos(turn) - columns * math.sin(turn)
    return u + waves * clouds(random, (SIDE, SIDE), 120), v + waves * clouds(random, (SIDE, SIDE), 120)
