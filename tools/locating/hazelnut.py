"""Hazelnuts on black: round as a rule, brown, with streaks towards a pale base, rolled any way. Lengths in pixels."""

import math
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.rendering.noise import clouds, grain, smoothstep

SIDE: Final = 384
DEFECTS: Final = ("crack", "hole", "cut", "print")


def hazelnut(seed: tuple[int, ...], defect: str | None) -> tuple[Image, NDArray[np.bool_]]:
    """The picture, and where its defect is; defect: one of DEFECTS."""
    random = np.random.default_rng(seed)
    rows, columns = np.indices((SIDE, SIDE), np.float32)
    u, v = columns - SIDE / 2 - np.float32(random.normal(0, 6)), rows - SIDE / 2 - np.float32(random.normal(0, 6))
    angle = random.uniform(-math.pi, math.pi)
    x = np.float32(math.cos(angle)) * u + np.float32(math.sin(angle)) * v
    y = np.float32(math.cos(angle)) * v - np.float32(math.sin(angle)) * u
    long, broad = random.normal(116, 5), random.normal(108, 5)
    far = np.hypot(x / np.float32(long), y / np.float32(broad))
    cover = smoothstep(1.01, 0.99, far)
    bulge = np.sqrt(np.maximum(1 - far * far, 0.02))
    facing = np.clip(0.25 + 0.75 * bulge - 0.12 * (u + v) / SIDE, 0, 1)  # lamps stay where they are
    base = random.uniform(30, 140)  # how far it is rolled decides where the base is
    off = np.hypot(x + np.float32(base), y * np.float32(0.8))
    streaks = np.sin(np.arctan2(y, x + np.float32(base)) * 34 + 2 * clouds(random, (SIDE, SIDE), 50))
    albedo = 0.5 + 0.035 * streaks + 0.05 * clouds(random, (SIDE, SIDE), 45, 2)
    albedo = albedo + 0.2 * smoothstep(50, 38, off) + 0.03 * grain(random, (SIDE, SIDE), (1, 1))
    changed = np.zeros((SIDE, SIDE), np.float32)
    if defect is not None:
        at, where = random.uniform(0, 70), random.uniform(-math.pi, math.pi)
        a, b = x - np.float32(at * math.cos(where)), y - np.float32(at * math.sin(where))
        tilt = random.uniform(-math.pi, math.pi)
        along = np.float32(math.cos(tilt)) * a + np.float32(math.sin(tilt)) * b
        across = np.float32(math.cos(tilt)) * b - np.float32(math.sin(tilt)) * a
        if defect == "hole":
            changed = smoothstep(1, 0.7, np.hypot(a, b) / np.float32(random.uniform(6, 10)))
        elif defect == "print":
            changed = smoothstep(0, 0.3, np.sin(along * 0.35)) * (np.abs(along) < 28) * (np.abs(across) < 9)
        else:
            wander = across + 3 * np.sin(along * 0.09) * (defect == "crack")
            wide, length = (2.6, random.uniform(30, 60)) if defect == "crack" else (1.6, random.uniform(14, 28))
            changed = smoothstep(wide, wide - 1.2, np.abs(wander)) * smoothstep(length, length - 5, np.abs(along))
        changed = changed * cover
        albedo = albedo * (1 - np.float32(0.75 if defect != "cut" else -0.5) * changed)
    light = (albedo * facing * cover * np.float32(1 + random.normal(0, 0.03)))[..., None]
    colour = light * np.array([0.42, 0.68, 1.0], np.float32) * 330
    picture = cv2.GaussianBlur(colour + 12, (0, 0), 0.8) + random.normal(0, 2, (SIDE, SIDE, 3)).astype(np.float32)
    return np.clip(picture, 0, 255).astype(np.uint8), changed > 0.4
