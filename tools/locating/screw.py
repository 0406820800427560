"""Screws on a light ground, lying anywhere, rolled to any phase of their thread. Lengths in pixels."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.locating.relief import SIDE, Lying, anywhere, lighted_ground, lit, photographed, shrunk
from tools.locating.sensor import sensed
from tools.rendering.noise import Field, clouds, grain, smoothstep

DEFECTS: Final = ("scratched_head", "scratched_neck", "thread_side", "thread_top", "manipulated_front")
HEAD, NECK, END, POINT = -150.0, -118.0, 150.0, 22.0
"""Along the axis: where the head begins and ends, where the tip is, how long the point is."""
THREAD_FROM: Final = -60.0
SHANK, BROAD = 15.0, 34.0
"""Radius of the shank and of the head."""
PITCH, DEPTH = 11.0, 3.6


def screw(seed: tuple[int, ...], defect: str | None) -> tuple[Image, NDArray[np.bool_]]:
    """On white. The picture, and where its defect is; defect: one of DEFECTS."""
    random = np.random.default_rng(seed)
    made = _made(anywhere(random, 25), random, defect)
    ground = lighted_ground(random, 0.78, 0.35)
    picture = photographed(lit(made.height, made.albedo, 0.9), made.cover, ground, random, 0.35, 0.012)
    return picture, shrunk(made.spoilt())


def shining(seed: tuple[int, ...], defect: str | None) -> tuple[Image, NDArray[np.bool_]]:
    """With strong glints, in grey on a grey ground that grows darker to one side, lying far from the middle at times;
    of 1,024² pixels. The picture, and where its defect is; defect: one of DEFECTS."""
    random = np.random.default_rng(seed)
    made = _made(anywhere(random, 75), random, defect)
    at = np.arange(2 * SIDE, dtype=np.float32) / (2 * SIDE) - 0.5
    way = random.uniform(0.6, 1.6)
    fall = at[None] * np.float32(np.cos(way)) + at[:, None] * np.float32(np.sin(way))
    ground = 0.66 + random.uniform(0.1, 0.2) * fall + 0.008 * clouds(random, fall.shape, 200, 2)
    soft = cv2.GaussianBlur(made.cover, (0, 0), 12)
    fallen = cv2.warpAffine(soft, np.array([[1, 0, 8], [0, 1, 10]], np.float32), fall.shape)
    light = lit(made.height, made.albedo * np.float32(0.62), 7.0)
    picture = ground * (1 - 0.2 * fallen) * (1 - made.cover) + light * made.cover
    return sensed(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.2), random), made.spoilt() > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """A screw at each sub-pixel, float32[n, n]."""

    height: Field
    albedo: Field
    cover: Field
    changed: Field

    def spoilt(self) -> Field:
        """Where it is defective, and a little around."""
        return cv2.dilate((self.changed > 0.4).astype(np.uint8), np.ones((5, 5), np.uint8))


def _made(lying: Lying, random: np.random.Generator, defect: str | None) -> _Made:
    u, v = lying.own()
    end, changed = END, _nowhere(u.shape)
    if defect == "manipulated_front":
        bend = random.choice([-1, 1]) * random.uniform(0.012, 0.025)
        start = END - random.uniform(24, 34)
        beyond = np.maximum(u - np.float32(start), 0)
        v = v - np.float32(bend) * beyond * beyond
        end -= random.uniform(0, 8)
        changed = (u > start + 6) * (np.abs(v) < 18) * (u < end + 12)
    radius, thread = _outline(u, end)
    phase = random.uniform(0, 2 * np.pi)  # how far it is rolled
    around = np.arcsin(np.clip(v / np.maximum(radius, 1), -1, 1))
    turns = (2 * np.pi / PITCH) * u + around + np.float32(phase)
    ridge = 1 - np.abs(np.mod(turns / np.pi, 2) - 1)
    depth = np.full(u.shape, DEPTH, np.float32)
    if defect in ("thread_side", "thread_top"):
        depth, changed = _worn(u, v, random, defect == "thread_side", depth)
    radius = radius - thread * depth * (1 - ridge)
    inside = np.maximum(radius * radius - v * v, 0)
    cover = smoothstep(-0.4, 0.4, radius - np.abs(v)) * (radius > 0.5)
    height = 2 * np.sqrt(inside)  # in sub-pixels
    height += 1.2 * smoothstep(3, 1, np.abs(np.abs(v) - 9)) * (u < HEAD + 20)
    albedo = 0.62 + 0.03 * _speckle(random, u.shape)
    if defect in ("scratched_head", "scratched_neck"):
        scratch = _scratch(u, v, random, (HEAD, NECK) if defect == "scratched_head" else (NECK + 4, THREAD_FROM))
        changed = scratch * (np.abs(v) < radius)
        height -= 2.5 * changed
        albedo = albedo * (1 + np.float32(random.choice([-0.5, 0.45])) * changed)
    return _Made(height=height, albedo=albedo, cover=cover, changed=changed)


def _nowhere(shape: tuple[int, ...]) -> Field:
    return np.zeros(shape, np.float32)


def _outline(u: Field, end: float) -> tuple[Field, Field]:
    """Radius along the axis, and how much of it is thread."""
    cone = np.clip((u - (HEAD + 8)) / (NECK - HEAD - 8), 0, 1)
    head = BROAD + (SHANK - BROAD) * cone
    radius = np.where(u < NECK, head, SHANK).astype(np.float32)
    radius *= np.clip((end - u) / POINT, 0, 1) ** 0.8
    radius[u < HEAD] = 0
    return radius, smoothstep(THREAD_FROM, THREAD_FROM + 10, u)


def _worn(u: Field, v: Field, random: np.random.Generator, side: bool, depth: Field) -> tuple[Field, Field]:
    """A flattened piece of thread: at the outline, or in the middle of it."""
    middle = random.uniform(THREAD_FROM + 30, END - 40)
    half = random.uniform(6, 14)
    across = random.choice([-1, 1]) * SHANK if side else random.uniform(-5, 5)
    spot = smoothstep(half, half - 4, np.abs(u - np.float32(middle)))
    spot = spot * smoothstep(13, 9, np.abs(v - np.float32(across)))
    return depth * (1 - np.float32(random.uniform(0.6, 1.0)) * spot), spot * (np.abs(v) < SHANK)


def _scratch(u: Field, v: Field, random: np.random.Generator, between: tuple[float, float]) -> Field:
    """A line of a few pixels' width across the part, between two places along it."""
    at, off = random.uniform(between[0] + 6, between[1] - 4), random.uniform(-10, 10)
    tilt, length, width = random.uniform(-1.3, 1.3), random.uniform(7, 16), random.uniform(1.0, 2.0)
    along = (u - np.float32(at)) * np.float32(np.sin(tilt)) + (v - np.float32(off)) * np.float32(np.cos(tilt))
    beside = (u - np.float32(at)) * np.float32(np.cos(tilt)) - (v - np.float32(off)) * np.float32(np.sin(tilt))
    return smoothstep(width, width - 0.8, np.abs(beside)) * smoothstep(length, length - 2, np.abs(along))


def _speckle(random: np.random.Generator, shape: tuple[int, ...]) -> Field:
    return grain(random, (shape[0], shape[1]), (1.5, 1.5))
