"""Nuts with four teeth, one of them unlike the others, on a dark ground and turned any way. Lengths in pixels."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.locating.relief import anywhere, lighted_ground, lit, photographed, shrunk
from tools.rendering.noise import Field, grain, smoothstep

DEFECTS: Final = ("bent", "scratch", "colour", "flip")
BORE, BODY, REACH = 58.0, 128.0, 172.0
"""Radii: of the hole, of the round body, of the teeth."""
TEETH: Final = ((0.0, 0.30, 14.0), (1.57, 0.30, 14.0), (3.14, 0.30, 14.0), (4.71, 0.22, -22.0))
"""Of each: direction in radians, half its width in radians, how far its edge leans to one side, in pixels a radian."""
WIDE_SCRATCH: Final = 1.6


def nut(seed: tuple[int, ...], defect: str | None) -> tuple[Image, NDArray[np.bool_]]:
    """The picture, and where its defect is; defect: one of DEFECTS."""
    random = np.random.default_rng(seed)
    x, y = anywhere(random, 12).own()
    if defect == "flip":
        y = -y
    radius, angle = np.hypot(x, y), np.arctan2(y, x)
    bent = int(random.integers(len(TEETH))) if defect == "bent" else -1
    edge, changed = _edge(angle, bent, random)
    cover = smoothstep(-0.5, 0.5, edge - radius) * smoothstep(BORE - 0.5, BORE + 0.5, radius)
    height = 2 * (10 * smoothstep(0, 9, edge - radius) + 6 * smoothstep(BORE, BORE + 7, radius))
    height += (
        2.0 * np.cos((radius + angle * 1.2) * 1.4) * smoothstep(BORE + 24, BORE + 16, radius)
    )  # the thread's mouth
    brushed = grain(random, (x.shape[0], x.shape[1]), (1.0, 7.0))
    height += 0.45 * brushed
    albedo = np.full(x.shape, 0.5, np.float32)
    if defect == "bent":
        changed = changed * (radius > BODY - 6) * (radius < REACH + 6)
    elif defect == "flip":
        changed = cover.copy()
    elif defect is not None:
        at, off = random.uniform(BORE + 30, BODY - 8), random.uniform(-np.pi, np.pi)
        u, v = x - np.float32(at * np.cos(off)), y - np.float32(at * np.sin(off))
        if defect == "scratch":
            tilt, length = random.uniform(0, np.pi), random.uniform(12, 28)
            across = np.abs(u * np.float32(np.sin(tilt)) - v * np.float32(np.cos(tilt)))
            along = np.abs(u * np.float32(np.cos(tilt)) + v * np.float32(np.sin(tilt)))
            changed = smoothstep(WIDE_SCRATCH, 0.5, across) * smoothstep(length, length - 3, along)
            height -= 3 * changed
        else:
            changed = smoothstep(9, 5, np.hypot(u, v * np.float32(random.uniform(1, 2))))
        albedo = albedo * (1 - np.float32(random.uniform(0.25, 0.5)) * changed)
    ground = lighted_ground(random, 0.06, 0.3)
    picture = photographed(lit(height, albedo, 0.6), cover, ground, random, 0.3, 0.012)
    wide = cv2.dilate((changed > 0.4).astype(np.uint8), np.ones((5, 5), np.uint8))
    return picture, shrunk(wide)


def _edge(angle: Field, bent: int, random: np.random.Generator) -> tuple[Field, Field]:
    """The outline's radius at each angle, and where it is not as it should be."""
    edge, changed = np.full(angle.shape, BODY, np.float32), np.zeros(angle.shape, np.float32)
    for number, (direction, half, lean) in enumerate(TEETH):
        off = np.mod(angle - np.float32(direction) + np.float32(np.pi), np.float32(2 * np.pi)) - np.float32(np.pi)
        shape = smoothstep(half + 0.05, half - 0.05, np.abs(off))
        reach, leaning = REACH - BODY, lean
        if number == bent:
            changed = shape.copy()
            reach -= random.uniform(6, 14)
            leaning += random.choice([-1, 1]) * random.uniform(15, 40)
        edge += shape * (np.float32(reach) + np.float32(leaning) * off)
    return edge, changed
