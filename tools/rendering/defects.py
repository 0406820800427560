"""What goes wrong with a part. Each defect changes the surface and returns where: float32[H, W] on the grid, 0 to 1.

Severity runs from 0, barely visible, to 1, obvious across the hall. Lengths in frame pixels.
"""

from collections.abc import Callable
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.rendering import flange
from tools.rendering.flange import Hole
from tools.rendering.noise import Field, clouds, smoothstep
from tools.rendering.surface import Grid, Surface

SurfaceDefect: TypeAlias = Callable[[Surface, np.random.Generator, float], Field]
HoleDefect: TypeAlias = Callable[[Surface, Hole, np.random.Generator, float], Field]


def scratch(surface: Surface, rng: np.random.Generator, severity: float) -> Field:
    """A groove across the tool marks, with a raised edge."""
    length, width, depth = 55 + 75 * severity, 1.0 + 0.8 * severity, 0.75 + 0.6 * severity
    return _groove(surface, rng, length, width, depth, 0.85)


def hairline(surface: Surface, rng: np.random.Generator, severity: float) -> Field:
    """A scratch thinner than a pixel: seen only where the light catches it."""
    return _groove(
        surface, rng, 75 + 60 * severity, 0.6 + 0.25 * severity, 0.55 + 0.3 * severity, 0.85 + 0.1 * severity
    )


def dent(surface: Surface, rng: np.random.Generator, severity: float) -> Field:
    """A blow: a smooth hollow that bends the light, the metal pushed up around it."""
    grid = surface.grid
    x, y = _spot(rng, 16)
    radius = 6.5 + 4.5 * severity
    turn, stretch = rng.uniform(0, np.pi), rng.uniform(0.75, 1.0)
    u, v = _frame(grid, x, y, turn)
    distance = np.sqrt(u * u + (v / np.float32(stretch)) ** 2) / np.float32(radius)
    hollow = np.where(distance < 1, (1 - np.minimum(distance, 1) ** 2) ** 2, 0).astype(np.float32)
    lip = np.exp(-(((distance - 1.08) / 0.16) ** 2))
    surface.height += np.float32(radius) * (np.float32(0.05) * lip - np.float32(0.32 + 0.15 * severity) * hollow)
    surface.blend("rough_along", hollow, 0.12)
    return smoothstep(1.15, 1.05, distance)


def chip(surface: Surface, rng: np.random.Generator, severity: float) -> Field:
    """A piece broken out of the rim, its fracture crystalline."""
    grid = surface.grid
    radius = 17 + 6 * severity
    angle = rng.uniform(0, 2 * np.pi)
    x, y = (flange.RIM + 1.5) * np.cos(angle), (flange.RIM + 1.5) * np.sin(angle)
    u, v = _frame(grid, x, y, angle)
    ragged = np.float32(radius * 0.14) * clouds(rng, grid.shape, 9, 3)
    distance = np.sqrt((u / 0.8) ** 2 + (v / 1.15) ** 2) + ragged
    bite = smoothstep(radius + 0.5, radius - 0.5, distance)
    through = smoothstep(radius * 0.45 + 0.4, radius * 0.45 - 0.4, distance)
    broken = clouds(rng, grid.shape, 10, 3)
    surface.height -= bite * (0.55 * np.maximum(np.float32(radius) - distance, 0) - 1.3 * broken)
    surface.blend("rough_along", bite, 0.14)
    surface.blend("rough_across", bite, 0.14)
    surface.blend("gloss", bite, np.clip(0.55 + 0.5 * broken, 0.05, 1.2))
    visible = bite * (surface.cover > 0.02)
    surface.cover *= 1 - through
    return visible


def chatter(surface: Surface, rng: np.random.Generator, severity: float) -> Field:
    """Waves that a vibrating tool left across its own marks, over a few degrees of the face."""
    grid = surface.grid
    middle = rng.uniform(127, 134) if rng.uniform() < 0.5 else rng.uniform(158, 166)
    around = (rng.integers(flange.HOLES) + rng.uniform(-0.1, 0.1)) * 2 * np.pi / flange.HOLES - np.pi / 2
    away = np.mod(grid.theta - np.float32(around) + np.float32(np.pi), np.float32(2 * np.pi)) - np.float32(np.pi)
    half = np.float32((16 + 14 * severity) / middle)
    inside = smoothstep(half, 0.6 * half, np.abs(away))
    inside *= smoothstep(7.5, 5.0, np.abs(grid.r - np.float32(middle)))
    waves = np.sin(away * np.float32(middle * 2 * np.pi / rng.uniform(4.4, 5.2)) + 0.35 * (grid.r - np.float32(middle)))
    surface.height += inside * waves * np.float32(0.18 + 0.10 * severity)
    surface.blend("rough_along", inside, 0.09)
    return smoothstep(0.2, 0.5, inside) * (surface.cover > 0.5)


def corrosion(surface: Surface, rng: np.random.Generator, severity: float) -> Field:
    """Rust in blotches and pits; the mildest is a brown film."""
    grid = surface.grid
    x, y = _spot(rng, 20)
    radius = 12 + 6 * severity
    near = np.sqrt((grid.x - np.float32(x)) ** 2 + (grid.y - np.float32(y)) ** 2) / np.float32(radius)
    field = 1.1 * (1 - near) + 0.42 * clouds(rng, grid.shape, 14, 4)
    film = smoothstep(0.0, 0.5, field) * np.float32(0.78 + 0.22 * severity)
    core = smoothstep(0.45, 0.9, field) * np.float32(0.5 + 0.5 * severity)
    pits = clouds(rng, grid.shape, 4, 2)
    surface.height += core * 0.5 * pits
    surface.blend("gloss", film, 0.22)
    surface.blend("rough_along", film, 0.35)
    surface.blend("rough_across", film, 0.40)
    surface.blend("matte", film, 0.15)
    surface.paint(film, (0.06, 0.19, 0.44))
    surface.paint(core * smoothstep(-0.6, 0.8, pits), (0.05, 0.12, 0.27))
    surface.blend("gloss", core, 0.12)
    return smoothstep(0.15, 0.35, film)


def droplet(surface: Surface, rng: np.random.Generator, severity: float) -> Field:
    """Cutting oil, one drop and a satellite: a lens on the metal with the lamps mirrored in it."""
    grid = surface.grid
    x, y = _spot(rng, 18)
    total = np.zeros(grid.shape, np.float32)
    for share, far in ((1.0, 0.0), (0.42, 1.7)):
        radius = (7.5 + 4.5 * severity) * share
        turn = rng.uniform(0, 2 * np.pi)
        u, v = _frame(grid, x + far * radius / share * np.cos(turn), y + far * radius / share * np.sin(turn), turn)
        bump = 1 + 0.10 * np.sin(2 * np.arctan2(v, u) + np.float32(turn)) + 0.05 * np.sin(3 * np.arctan2(v, u))
        distance = np.sqrt(u * u + v * v) / (np.float32(radius) * bump)
        drop = smoothstep(1.04, 0.96, distance)
        dome = np.sqrt(np.maximum(1 - distance * distance, 0)) * np.float32(0.42 * radius)
        surface.height += drop * (dome - 0.02 * clouds(rng, grid.shape, 40))
        surface.blend("rough_along", drop, 0.07)
        surface.blend("rough_across", drop, 0.07)
        surface.blend("gloss", drop, 0.30 + 0.2 * np.minimum(distance, 1) ** 4)
        surface.blend("matte", drop, 0.05)
        surface.paint(drop, (0.06, 0.27, 0.40))
        total = np.maximum(total, drop)
    return total


def swarf(surface: Surface, rng: np.random.Generator, severity: float) -> Field:
    """A curled chip of the lathe lying on the face, straw to blue from its heat, with its own shadow."""
    grid = surface.grid
    x, y = _spot(rng, 20)
    turn, loops = rng.uniform(0, 2 * np.pi), rng.uniform(1.6, 2.2) + 1.2 * severity
    t = np.linspace(0, 1, 120)
    wide = (4.6 + 2.4 * severity) * (0.7 + 0.5 * t)
    u = (10 + 14 * severity) * (t - 0.5) + wide * np.cos(2 * np.pi * loops * t)
    v = 1.1 * wide * np.sin(2 * np.pi * loops * t) + 3 * np.sin(3 * t)
    path = np.stack([x + u * np.cos(turn) - v * np.sin(turn), y + u * np.sin(turn) + v * np.cos(turn)], axis=1)
    distance = _distance_to(path, grid)
    half = np.float32(1.3 + 0.3 * severity)
    strip = smoothstep(half + 0.35, half - 0.35, distance)
    shadow = _distance_to(path + np.array([2.4, 2.6]), grid)
    shaded = smoothstep(half + 2.2, half - 0.8, shadow) * (1 - strip)
    surface.blend("gloss", shaded * 0.62, 0.0)
    surface.blend("matte", shaded * 0.62, 0.0)
    surface.height += strip * (1.2 + np.sqrt(np.maximum(1 - (distance / (half + 0.4)) ** 2, 0)) * half)
    heat = np.clip(0.5 + 0.4 * clouds(rng, grid.shape, 12), 0, 1)
    surface.paint(strip * heat, (0.40, 0.27, 0.20))
    surface.paint(strip * (1 - heat), (0.16, 0.32, 0.44))
    surface.blend("matte", strip, 0.10)
    surface.blend("rough_along", strip, 0.16)
    surface.blend("rough_across", strip, 0.12)
    surface.blend("gloss", strip, 0.75)
    return np.maximum(strip, smoothstep(0.3, 0.6, shaded))


def hole_blind(surface: Surface, hole: Hole, _rng: np.random.Generator, severity: float) -> Field:
    """A bolt hole that the drill only began: a cone, shallower the worse it is."""
    grid = surface.grid
    distance, angle = cv2.cartToPolar(grid.x - np.float32(hole.x), grid.y - np.float32(hole.y))
    edge = np.float32(hole.radius + flange.CHAMFER - 4 * severity)
    cone = smoothstep(edge + 0.6, edge - 0.6, distance)
    spiral = 0.20 * np.sin(distance * 2.6 + angle)
    surface.height += cone * (0.85 * np.minimum(distance - edge, 0) + spiral)
    surface.blend("along", cone, angle + np.float32(np.pi / 2))
    surface.blend("rough_along", cone, 0.09)
    surface.blend("rough_across", cone, 0.26)
    return cone


SURFACE_DEFECTS: dict[str, SurfaceDefect] = {
    "scratch": scratch,
    "hairline": hairline,
    "dent": dent,
    "chip": chip,
    "chatter": chatter,
    "corrosion": corrosion,
    "droplet": droplet,
    "swarf": swarf,
}
"""Defects of a finished part, by the name they have in truth.json."""
HOLE_DEFECTS: dict[str, HoleDefect] = {"hole_blind": hole_blind}
"""Defects of the drilling."""
NAMES = (*SURFACE_DEFECTS, *HOLE_DEFECTS)


def _groove(
    surface: Surface, rng: np.random.Generator, length: float, width: float, depth: float, polish: float
) -> Field:
    """A line across the tool marks: `width` is its half width, `polish` how much of it is freshly bared metal."""
    grid = surface.grid
    x, y = _spot(rng, 8)
    across = np.arctan2(y, x) + rng.uniform(-0.8, 0.8)
    u, v = _frame(grid, x, y, across)
    bend = np.float32(rng.uniform(-0.0022, 0.0022))
    away = np.abs(v - bend * u * u)
    ends = smoothstep(length / 2, length / 2 - 8, np.abs(u))
    pressure = np.clip(0.85 + 0.22 * clouds(rng, grid.shape, 16), 0.35, 1.3) * ends
    pressure *= (grid.r > flange.BORE) & (grid.r < flange.RIM)
    cut = np.exp(-((away / np.float32(width)) ** 2)) * pressure
    shoulder = np.exp(-(((away - np.float32(2 * width)) / np.float32(0.7 * width)) ** 2)) * pressure
    surface.height += np.float32(depth) * (0.35 * shoulder - cut)
    bared = np.minimum(cut * np.float32(polish), 1)
    surface.blend("along", bared, np.float32(across))
    surface.blend("rough_along", bared, 0.10)
    surface.blend("rough_across", bared, 0.42)
    return smoothstep(0.12, 0.3, cut) * (surface.cover > 0.5)


def _spot(rng: np.random.Generator, margin: float) -> tuple[float, float]:
    """A place on the machined faces, mostly on the wide outer one, clear of the bolt holes by `margin`."""
    while True:
        face = (124.0, flange.RIM - 14) if rng.uniform() < 0.75 else (flange.BORE + 14, flange.HUB - 14)
        r, angle = rng.uniform(*face), rng.uniform(0, 2 * np.pi)
        x, y = float(r * np.cos(angle)), float(r * np.sin(angle))
        if all(np.hypot(x - hole.x, y - hole.y) > hole.radius + margin for hole in flange.holes()):
            return x, y


def _frame(grid: Grid, x: float, y: float, angle: float) -> tuple[Field, Field]:
    """Coordinates along and across a direction, from a point of the drawing."""
    dx, dy = grid.x - np.float32(x), grid.y - np.float32(y)
    cos, sin = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return cos * dx + sin * dy, cos * dy - sin * dx


def _distance_to(path: NDArray[np.float64], grid: Grid) -> Field:
    """Distance in the drawing to a polyline float[N, 2] of the drawing."""
    pose = grid.pose
    cos, sin = np.cos(pose.angle) * pose.scale, np.sin(pose.angle) * pose.scale
    u = cos * path[:, 0] - sin * path[:, 1] + pose.x - grid.corner[0]
    v = sin * path[:, 0] + cos * path[:, 1] + pose.y - grid.corner[1]
    points = np.stack([u, v], axis=1) / (grid.step * pose.scale) - 0.5
    canvas = np.full(grid.shape, 255, np.uint8)
    cv2.polylines(canvas, [np.round(points * 16).astype(np.int32)], False, 0, 1, cv2.LINE_8, shift=4)
    return cv2.distanceTransform(canvas, cv2.DIST_L2, 5) * np.float32(grid.step)
