"""Whole parts that lie nearly straight on a plain ground: a capsule, a toothbrush's head, a cable's cross-section.

Lengths in pixels.
"""

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
DEFECTS: Final = ("scratch", "poke", "missing")
Random = np.random.Generator
Look = tuple[Field, Field]
"""Light float32[SIDE, SIDE, 3] and the part's cover float32[SIDE, SIDE]."""


def capsule(random: Random, x: Field, y: Field) -> Look:
    """Half dark, half orange, with a print, on white."""
    long, broad = 170.0, 52.0
    cover = smoothstep(broad + 1, broad - 1, np.hypot(np.maximum(np.abs(x) - (long - broad), 0), y))
    bulge = np.sqrt(np.maximum(1 - (y / broad) ** 2, 0.03))
    glint = 0.5 * smoothstep(5, 0, np.abs(y + 20 + 2 * np.sin(x * 0.02))) * (np.abs(x) < long - broad)
    dark = smoothstep(1, -1, x - 8)
    print_ = 0.7 * (np.sin(x * 0.30) * np.sin(y * 0.25) > 0.2) * (np.abs(y) < 15) * (np.abs(x - 75) < 42)
    orange = np.array([0.10, 0.32, 0.75], np.float32)
    black = np.array([0.13, 0.12, 0.12], np.float32)
    albedo = dark[..., None] * black + (1 - dark)[..., None] * orange + (print_ * (1 - dark))[..., None]
    seam = 1 - 0.25 * smoothstep(4, 2, np.abs(x - 8))
    seen = (0.45 + 0.6 * bulge) * seam * (1 + 0.04 * grain(random, x.shape, (1.5, 1.5)))
    return albedo * seen[..., None] + glint[..., None], cover


def toothbrush(random: Random, x: Field, y: Field) -> Look:
    """Tufts of two colours on a white head, on black; its neck runs out of the picture."""
    head = smoothstep(2, 0, np.hypot(x / 70, np.maximum(np.abs(y) - 100, 0) / 70) * 70 - 70)
    neck = smoothstep(19, 17, np.abs(x)) * (y > 100)
    cover = np.maximum(head, neck)
    row, column = np.floor((y + 150) / 25), np.floor((x + 60) / 24)
    inside = (np.abs(y) < 147) * (np.abs(x) < 60) * (np.hypot(x / 66, y / 158) < 1.02)
    jitter = 2.5 * clouds(random, x.shape, 22)
    u, v = np.mod(x + 60 + jitter, 24) - 12, np.mod(y + 150 + jitter, 25) - 12.5
    tuft = smoothstep(11, 8, np.hypot(u, v)) * inside
    blue = (np.mod(row + column, 3) < 1)[..., None]
    bristle = np.where(blue, np.array([0.75, 0.45, 0.2], np.float32), np.array([0.75, 0.8, 0.8], np.float32))
    bristle = bristle * (0.75 + 0.18 * grain(random, x.shape, (1.2, 1.2)))[..., None]
    return 0.55 * (1 - tuft)[..., None] + bristle * tuft[..., None], cover


def cable(random: Random, x: Field, y: Field) -> Look:
    """Three cores in a sheath, each of twisted copper, on grey."""
    sheath = smoothstep(216, 213, np.hypot(x, y))
    light = np.full((*x.shape, 3), 0.5, np.float32) * (0.9 + 0.03 * grain(random, x.shape, (1, 1)))[..., None]
    colours = ((0.2, 0.55, 0.25), (0.7, 0.35, 0.15), (0.4, 0.42, 0.45))
    for number, colour in enumerate(colours):
        angle = 2 * math.pi * number / 3 - math.pi / 2
        u, v = x - 100 * math.cos(angle) - random.normal(0, 3), y - 100 * math.sin(angle) - random.normal(0, 3)
        far = np.hypot(u, v)
        core = smoothstep(84, 82, far)[..., None]
        light = light * (1 - core) + core * np.array(colour, np.float32)
        rolled = random.uniform(-math.pi, math.pi)
        a, b = u * math.cos(rolled) + v * math.sin(rolled), v * math.cos(rolled) - u * math.sin(rolled)
        strands = 0.55 + 0.25 * np.cos(a * 0.5 + np.cos(b * 0.1)) * np.cos(b * 0.5) + 0.12 * clouds(random, x.shape, 9)
        copper = smoothstep(55, 53, far)[..., None]
        light = light * (1 - copper) + copper * strands[..., None] * np.array([0.5, 0.7, 1.0], np.float32)
    return light, sheath


PARTS: Final[Mapping[str, tuple[Callable[[Random, Field, Field], Look], float, float, float]]] = {
    "capsule": (capsule, 4.0, 8.0, 0.85), "toothbrush": (toothbrush, 1.0, 5.0, 0.06), "cable": (cable, 1.0, 5.0, 0.75)
}  # fmt: skip
"""How each is drawn, how much it turns (degrees) and strays (pixels), one standard deviation; the ground's light."""


def held(name: str, seed: tuple[int, ...], defect: str | None) -> tuple[Image, NDArray[np.bool_]]:
    """The picture uint8[SIDE, SIDE, 3], and where its defect is; name: one of PARTS; defect: one of DEFECTS."""
    draw, degrees, stray, level = PARTS[name]
    random = np.random.default_rng(seed)
    turn = math.radians(random.normal(0, degrees))
    rows, columns = np.indices((SIDE, SIDE), np.float32)
    u, v = columns - SIDE / 2 - random.normal(0, stray), rows - SIDE / 2 - random.normal(0, stray)
    x, y = u * math.cos(turn) + v * math.sin(turn), v * math.cos(turn) - u * math.sin(turn)
    light, cover = draw(random, x.astype(np.float32), y.astype(np.float32))
    changed = np.zeros((SIDE, SIDE), np.float32)
    if defect is not None:
        light, cover, changed = _spoilt(light, cover, random, defect)
    ground = level * (1 - 0.15 * ((columns - 200) ** 2 + (rows - 300) ** 2) / SIDE**2)
    fallen = cv2.warpAffine(
        cv2.GaussianBlur(cover, (0, 0), 6), np.array([[1, 0, 4], [0, 1, 5]], np.float32), (SIDE, SIDE)
    )
    ground = (ground * (1 - 0.25 * fallen))[..., None]
    alpha = cover[..., None].astype(np.float32)
    picture = (ground * (1 - alpha) + light * alpha).astype(np.float32)
    return sensed(cv2.GaussianBlur(picture, (0, 0), 0.8), random), changed > 0.4


def _spoilt(light: Field, cover: Field, random: Random, defect: str) -> tuple[Field, Field, Field]:
    """Scratched, poked, or with a piece missing at its edge or inside of it."""
    rows, columns = np.nonzero(cover > 0.5)
    at = int(random.integers(len(rows)))
    ys, xs = np.indices(cover.shape, np.float32)
    tilt = random.uniform(-math.pi, math.pi)
    dx, dy = xs - columns[at], ys - rows[at]
    u, v = dx * math.cos(tilt) + dy * math.sin(tilt), dy * math.cos(tilt) - dx * math.sin(tilt)
    if defect == "missing":
        changed = smoothstep(1, 0.8, np.hypot(u / random.uniform(10, 20), v / random.uniform(8, 14))) * cover
        return light, cover * (1 - changed), changed
    if defect == "scratch":
        half = random.uniform(14, 36)
        changed = smoothstep(2.4, 1.0, np.abs(v)) * smoothstep(half, half - 5, np.abs(u)) * cover
        return light + (random.choice([-0.25, 0.3]) * changed)[..., None], cover, changed
    changed = smoothstep(1, 0.6, np.hypot(u, v) / random.uniform(4, 8)) * cover
    return light * (1 - 0.7 * changed)[..., None], cover, changed
