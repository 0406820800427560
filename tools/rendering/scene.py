"""One frame of the line: a flange on the belt, under lamps that drift, before a camera."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.rendering import belt, flange
from tools.rendering.camera import expose
from tools.rendering.noise import Field, smoothstep
from tools.rendering.plan import Conditions
from tools.rendering.shading import LampBank, shade
from tools.rendering.surface import SUPERSAMPLING, Grid, Surface

SHADOW = (0.60, 0.66)
"""Where shadows fall, in pixels a pixel of height."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What stays the same: the belt's texture and the rails."""

    belt: NDArray[np.float32]
    rails: NDArray[np.float32]
    rails_cover: NDArray[np.float32]


def build_stage(rng: np.random.Generator) -> Stage:
    """The belt and the rails of one line."""
    return Stage(belt.weave(rng), *belt.rails(rng))


def lamps(conditions: Conditions) -> list[LampBank]:
    """A bar lamp left of the camera leads, another fills from the right, a weak one stands behind."""
    warm = (0.96 - 0.10 * conditions.warmth, 1.0, 1.02 + 0.08 * conditions.warmth)
    cool = (1.10, 1.0, 0.90)
    sway = conditions.sway
    return [
        LampBank(
            lamps=tuple((-300 + sway + 70 * i, -330 - 70 * i, 640) for i in (-1, 0, 1)),
            power=1.55,
            width=0.015,
            tint=warm,
        ),
        LampBank(
            lamps=tuple((430 + sway - 40 * i, 250 + 60 * i, 700) for i in (-1, 1)), power=0.95, width=0.02, tint=cool
        ),
        LampBank(lamps=((330, -560, 560),), power=0.5, width=0.03, tint=cool),
    ]


def render(stage: Stage, surface: Surface, conditions: Conditions, rng: np.random.Generator) -> Image:
    """uint8[512, 640, 3] (BGR)."""
    centre = (belt.WIDTH / 2, belt.HEIGHT / 2)
    ground = np.roll(stage.belt, -conditions.belt_offset, axis=1)[:, : belt.WIDTH]
    grid = surface.grid
    ground = ground * (_pool(centre) * (1 - _cast(surface)))[..., None]
    light = shade(surface, lamps(conditions), centre) * _self_shadow(grid)[..., None]
    light = light * surface.cover[..., None] + _walls(surface)
    frame = _composite(ground, light, surface)
    frame = frame * (1 - stage.rails_cover[..., None]) + stage.rails * stage.rails_cover[..., None]
    return expose(frame, conditions.gain, rng)


def _composite(ground: NDArray[np.float32], light: NDArray[np.float32], surface: Surface) -> NDArray[np.float32]:
    """The part, brought down to the frame's pixels, over the ground."""
    side = light.shape[0] // SUPERSAMPLING
    small = cv2.resize(light, (side, side), interpolation=cv2.INTER_AREA)
    alpha = cv2.resize(surface.cover, (side, side), interpolation=cv2.INTER_AREA)[..., None]
    x, y = surface.grid.corner
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + side, belt.WIDTH), min(y + side, belt.HEIGHT)
    frame = ground.copy()
    inside = np.s_[top - y : bottom - y, left - x : right - x]
    frame[top:bottom, left:right] = frame[top:bottom, left:right] * (1 - alpha[inside]) + small[inside]
    return frame


def _pool(centre: tuple[float, float]) -> Field:
    """How the lamps' light lies on the belt."""
    x = (np.arange(belt.WIDTH, dtype=np.float32) - centre[0] * 0.85) / belt.WIDTH
    y = ((np.arange(belt.HEIGHT, dtype=np.float32) - centre[1] * 0.85) / belt.WIDTH)[:, None]
    inward = np.minimum(np.arange(belt.HEIGHT), belt.HEIGHT - 1 - np.arange(belt.HEIGHT)).astype(np.float32)
    rails = 1 - 0.6 * np.exp(-np.maximum(inward - belt.RAIL, 0) / 9)
    return (1.35 - 1.1 * (x * x + y * y)) * rails[:, None]


def _cast(surface: Surface) -> Field:
    """The part's shadow on the belt, 0 to 1, at the frame's pixels: sharp near its foot, soft far from it."""
    side = surface.cover.shape[0] // SUPERSAMPLING
    solid = cv2.resize(surface.cover, (side, side), interpolation=cv2.INTER_AREA)
    x, y = surface.grid.corner
    total = np.zeros((belt.HEIGHT, belt.WIDTH), np.float32)
    for height, blur, weight in ((6, 2.5, 0.34), (16, 5.0, 0.30), (34, 10.0, 0.22), (0, 16.0, 0.30)):
        move = np.array([[1, 0, x + SHADOW[0] * height], [0, 1, y + SHADOW[1] * height]], np.float32)
        placed = cv2.warpAffine(solid, move, (belt.WIDTH, belt.HEIGHT))
        total += np.float32(weight) * cv2.GaussianBlur(placed, (0, 0), blur)
    return np.minimum(total, 0.90)


def _self_shadow(grid: Grid) -> Field:
    """The hub's shadow on the face, 0.6 to 1."""
    pose = grid.pose
    drop = 15.0
    cos, sin = np.cos(pose.angle), np.sin(pose.angle)
    dx, dy = cos * SHADOW[0] + sin * SHADOW[1], cos * SHADOW[1] - sin * SHADOW[0]
    distance = np.sqrt((grid.x - np.float32(dx * drop)) ** 2 + (grid.y - np.float32(dy * drop)) ** 2)
    shaded = smoothstep(flange.HUB + 7, flange.HUB - 4, distance) * smoothstep(flange.HUB + 1, flange.HUB + 5, grid.r)
    return 1 - 0.42 * shaded


def _walls(surface: Surface) -> NDArray[np.float32]:
    """Light from the walls of the bore, lit where they face the lamps."""
    grid = surface.grid
    depth = smoothstep(flange.BORE - 7, flange.BORE, grid.r) * smoothstep(flange.BORE + 0.3, flange.BORE - 0.3, grid.r)
    facing = np.maximum(0.15, np.cos(grid.theta + np.float32(grid.pose.angle) - np.float32(np.pi / 4)))
    wall = 0.20 * depth * facing
    return wall[..., None] * np.array([1.0, 1.0, 0.96], np.float32)
