"""The part: a turned steel flange with a hub, a groove, six bolt holes and a laser mark. Lengths in frame pixels."""

from dataclasses import dataclass

import cv2
import numpy as np

from tools.rendering.noise import Field, clouds, grain, smoothstep, unit
from tools.rendering.surface import Grid, Surface

BORE = 46.0
HUB = 94.0
RIM = 184.0
REACH = 206
HOLES = 6
HOLE_CIRCLE = 143.0
HOLE = 13.0
CHAMFER = 3.4

_PROFILE = (  # radius, height: the turned cross-section from the bore outwards
    (0.0, 30.0), (BORE, 30.0), (BORE + 5, 35.0), (HUB - 5, 35.0), (HUB - 1, 32.5), (HUB + 4, 19.0), (HUB + 9, 16.0),
    (109.0, 16.0), (110.2, 13.2), (114.8, 13.2), (116.0, 16.0), (RIM - 6, 16.0), (RIM, 10.5), (RIM + 40, 10.5),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hole:
    """A bolt hole of the drawing: centre and radius."""

    x: float
    y: float
    radius: float = HOLE


def holes() -> list[Hole]:
    """The bolt holes where the drawing has them, the first one right of the top, clockwise."""
    angles = (np.arange(HOLES) + 0.5) * 2 * np.pi / HOLES - np.pi / 2
    return [Hole(float(HOLE_CIRCLE * np.cos(a)), float(HOLE_CIRCLE * np.sin(a))) for a in angles]


def turn(grid: Grid, rng: np.random.Generator) -> Surface:
    """A blank straight off the lathe: profile and tool marks, no bolt holes yet."""
    radii, heights = np.array(_PROFILE, np.float32).T
    fine = np.arange(0, grid.r.max() + 1, 0.25, dtype=np.float32)
    profile = cv2.GaussianBlur(np.interp(fine, radii, heights).astype(np.float32)[None], (0, 0), 2.4)[0]
    height = _radial(profile, grid)
    height += _tool_marks(grid, rng)
    shape = grid.shape
    return Surface(
        grid=grid,
        height=height,
        cover=smoothstep(RIM + 0.3, RIM - 0.3, grid.r) * smoothstep(BORE - 0.3, BORE + 0.3, grid.r),
        along=grid.theta + np.float32(np.pi / 2),
        rough_along=np.full(shape, 0.062, np.float32),
        rough_across=np.full(shape, 0.26, np.float32),
        gloss=np.ones(shape, np.float32),
        matte=np.full(shape, 0.05, np.float32),
        tint=np.full((*shape, 3), 0.55, np.float32),
    )


def drill(blank: Surface, hole: Hole, rng: np.random.Generator) -> None:
    """A countersunk bolt hole, its edge never quite the same."""
    surface = blank.window(hole.x, hole.y, hole.radius + CHAMFER + 8)
    grid = surface.grid
    distance, angle = cv2.cartToPolar(grid.x - np.float32(hole.x), grid.y - np.float32(hole.y))
    edge = np.float32(hole.radius + CHAMFER * rng.uniform(0.96, 1.04))
    oval, rattle, burr_at = rng.uniform(0, 2 * np.pi, 3).astype(np.float32)
    wobble = 0.12 * np.sin(2 * angle + oval) + 0.08 * np.sin(5 * angle + rattle)
    surface.height += 0.85 * np.minimum(distance + wobble - edge, 0)
    sunk = smoothstep(edge + 0.6, edge - 0.6, distance)
    surface.blend("along", sunk, angle + np.float32(np.pi / 2))
    surface.blend("rough_along", sunk, 0.16)
    surface.blend("rough_across", sunk, 0.22)
    burr = np.exp(-(((distance - edge - np.float32(0.4)) / np.float32(0.9)) ** 2))
    surface.height += 0.15 * burr * np.maximum(0, np.sin(angle + burr_at))
    surface.cover *= smoothstep(hole.radius - 0.35, hole.radius + 0.35, distance)


def mark(surface: Surface, number: int) -> None:
    """The laser mark: the size for ever, and the part's own number."""
    _engrave(surface, "DN 40  PN 16", 153, -np.pi / 2, 12)
    _engrave(surface, f"1.4404  {4700 + number:04d}", 153, np.pi / 2, 10)


def handle(surface: Surface, rng: np.random.Generator) -> None:
    """What every good part shows: uneven brushing, faint stains of the washing, a few specks of dust."""
    shape = surface.grid.shape
    surface.rough_across *= 1 + 0.10 * clouds(rng, shape, 90, 2)
    surface.rough_along *= 1 + 0.07 * clouds(rng, shape, 60, 2)
    film = smoothstep(0.9, 1.9, clouds(rng, shape, rng.uniform(60, 130), 3)) * np.float32(rng.uniform(0, 0.22))
    surface.blend("gloss", film, 0.72)
    surface.blend("rough_along", film, 0.16)
    grid = surface.grid
    for _ in range(rng.poisson(4)):
        x, y = rng.uniform(-RIM, RIM, 2)
        squared = (grid.x - np.float32(x)) ** 2 + (grid.y - np.float32(y)) ** 2
        speck = np.exp(-squared / np.float32(rng.uniform(0.3, 0.8)))
        surface.blend("gloss", speck * 0.5, 0.3)
        surface.blend("matte", speck * 0.5, 0.5)


def _engrave(surface: Surface, text: str, radius: float, angle: float, size: float) -> None:
    """A laser mark along an arc, its letters upright at the top; `angle` is its middle, `size` its letters' height."""
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 1.0, 2)
    strip = np.zeros((height + 24, width + 24), np.uint8)
    cv2.putText(strip, text, (12, height + 10), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 3, cv2.LINE_AA)
    factor = height / size
    grid = surface.grid
    outward = -1 if np.sin(angle) > 0 else 1  # upright for the camera at the bottom of the ring as well
    away = np.mod(grid.theta - np.float32(angle) + np.float32(np.pi), np.float32(2 * np.pi)) - np.float32(np.pi)
    column = outward * away * np.float32(radius * factor) + strip.shape[1] / 2
    row = outward * (np.float32(radius) - grid.r) * np.float32(factor) + strip.shape[0] / 2
    ink = cv2.remap(strip, column.astype(np.float32), row.astype(np.float32), cv2.INTER_LINEAR, borderValue=0)
    mark = ink.astype(np.float32) / 255
    surface.height -= 0.08 * mark
    surface.blend("rough_along", mark, 0.45)
    surface.blend("rough_across", mark, 0.45)
    surface.blend("gloss", mark, 0.22)
    surface.blend("matte", mark, 0.03)


def _tool_marks(grid: Grid, rng: np.random.Generator) -> Field:
    """Grooves of the lathe: fine along the radius, long around it, a slight feed rhythm."""
    rows = 4 * (REACH + 90)
    marks = grain(rng, (rows, 192), (1.1, 26)) + 0.8 * grain(rng, (rows, 192), (2.6, 40))
    marks += 0.5 * np.sin(np.arange(rows, dtype=np.float32) * np.float32(rng.uniform(0.50, 0.62)))[:, None]
    wrapped = np.concatenate([marks, marks[:, :2]], axis=1)
    fade = np.linspace(0, 1, 24, dtype=np.float32)
    wrapped[:, 168:192] = (1 - fade) * marks[:, 168:] + fade * marks[:, :1]
    column = grid.theta * np.float32(192 / (2 * np.pi))
    field = cv2.remap(unit(wrapped), column, grid.r * 4, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return field * np.float32(0.020)


def _radial(table: Field, grid: Grid) -> Field:
    """A quarter-pixel table over the radius, laid over the grid."""
    column = grid.r * 4
    return cv2.remap(table[None], column, np.zeros_like(column), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
