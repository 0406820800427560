"""The part's surface as the shader wants it: maps over a square box of sub-pixels around the part."""

from dataclasses import dataclass, fields

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.rendering.noise import Field, Number

SUPERSAMPLING = 2
"""Sub-pixels a frame's pixel, along each axis."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a part lies in the frame: its centre in pixels, its turn in radians, its size relative to the drawing."""

    x: float
    y: float
    angle: float
    scale: float


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the box's sub-pixels lie in the part's own drawing: frame pixels at scale 1, origin at its centre."""

    x: Field
    y: Field
    r: Field
    theta: Field
    """Polar angle from 0 to 2π."""
    corner: tuple[int, int]
    """Frame pixel (x, y) of the box's top left corner."""
    pose: Pose

    @property
    def shape(self) -> tuple[int, int]:
        return self.x.shape[0], self.x.shape[1]

    @property
    def step(self) -> float:
        """Length of a sub-pixel in the drawing."""
        return 1 / (SUPERSAMPLING * self.pose.scale)

    def window(self, x: float, y: float, radius: float) -> tuple[slice, slice]:
        """Rows and columns that hold everything within `radius` of a point of the drawing."""
        pose = self.pose
        cos, sin = np.cos(pose.angle) * pose.scale, np.sin(pose.angle) * pose.scale
        column = (cos * x - sin * y + pose.x - self.corner[0]) * SUPERSAMPLING
        row = (sin * x + cos * y + pose.y - self.corner[1]) * SUPERSAMPLING
        half = radius * pose.scale * SUPERSAMPLING + 2
        return (
            slice(max(0, int(row - half)) & ~1, max(0, int(row + half))),
            slice(max(0, int(column - half)) & ~1, max(0, int(column + half))),
        )


def lay_grid(pose: Pose, reach: int) -> Grid:
    """The box that holds everything within `reach` frame pixels of the part's centre."""
    corner = (int(np.floor(pose.x)) - reach, int(np.floor(pose.y)) - reach)
    steps = (np.arange(2 * reach * SUPERSAMPLING, dtype=np.float32) + 0.5) / SUPERSAMPLING
    u, v = np.meshgrid(steps + np.float32(corner[0] - pose.x), steps + np.float32(corner[1] - pose.y))
    cos, sin = np.float32(np.cos(pose.angle) / pose.scale), np.float32(np.sin(pose.angle) / pose.scale)
    x, y = cos * u + sin * v, cos * v - sin * u
    r, theta = cv2.cartToPolar(x, y)
    return Grid(x, y, r, theta, corner, pose)


@dataclass(slots=True, kw_only=True)
class Surface:
    """What is being drawn; features and defects change it in place before it is shaded.

    All are float32[H, W] on the grid; heights and lengths in pixels of the drawing.
    """

    grid: Grid
    height: Field
    cover: Field
    """1 where the part is, 0 where one looks past it or through it."""
    along: Field
    """Angle of the tool marks in the drawing, radians."""
    rough_along: Field
    """Spread of facet slopes along the tool marks: how wide highlights are."""
    rough_across: Field
    gloss: Field
    """Share of light reflected as metal does."""
    matte: Field
    """Share of light scattered as paint does."""
    tint: NDArray[np.float32]
    """float32[H, W, 3], BGR: colour of what is scattered."""

    def blend(self, name: str, amount: Field, value: Number | Field) -> None:
        """Move one map towards `value` by `amount` (0 to 1)."""
        field: Field = getattr(self, name)
        field += amount * (value - field)

    def paint(self, amount: Field, colour: tuple[float, float, float]) -> None:
        """Move the scattered colour (BGR, 0 to 1) towards `colour` by `amount`."""
        self.tint += amount[..., None] * (np.asarray(colour, np.float32) - self.tint)

    def window(self, x: float, y: float, radius: float) -> "Surface":
        """The square of this surface around a point of the drawing; what is changed in place there changes here."""
        grid = self.grid
        inside = grid.window(x, y, radius)
        row, column = inside[0].start, inside[1].start
        corner = (grid.corner[0] + column // SUPERSAMPLING, grid.corner[1] + row // SUPERSAMPLING)
        return Surface(
            grid=Grid(grid.x[inside], grid.y[inside], grid.r[inside], grid.theta[inside], corner, grid.pose),
            **{name: getattr(self, name)[inside] for name in _MAPS},
        )


_MAPS = [field.name for field in fields(Surface) if field.name != "grid"]
