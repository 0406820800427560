"""From an order to a picture and the mask of its defect."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.rendering import belt, defects, flange
from tools.rendering.noise import Field
from tools.rendering.plan import Order
from tools.rendering.scene import Stage, render
from tools.rendering.surface import SUPERSAMPLING, Grid, Surface, lay_grid

MASKED = 0.3
"""Share of a pixel that must be defective for the mask to hold it."""


def draw(stage: Stage, order: Order) -> tuple[Image, NDArray[np.bool_] | None]:
    """The frame uint8[512, 640, 3] (BGR) and the mask bool[512, 640] of its defect, None for a good part."""
    rng = np.random.default_rng(order.seed)
    surface, found = _make(order, rng)
    picture = render(stage, surface, order.conditions, rng)
    return picture, None if found is None else _in_frame(found, surface.grid)


def _make(order: Order, rng: np.random.Generator) -> tuple[Surface, Field | None]:
    """The part as it comes off the machines, and where it is defective."""
    grid = lay_grid(order.conditions.pose, flange.REACH)
    surface = flange.turn(grid, rng)
    flaw = order.flaw
    flawed_hole = int(rng.integers(flange.HOLES)) if flaw and flaw.name in defects.HOLE_DEFECTS else None
    found = None
    for n, hole in enumerate(flange.holes()):
        if flaw and n == flawed_hole:
            found = defects.HOLE_DEFECTS[flaw.name](surface, hole, rng, flaw.severity)
        else:
            flange.drill(surface, hole, rng)
    flange.mark(surface, order.counter)
    flange.handle(surface, rng)
    if flaw and flaw.name in defects.SURFACE_DEFECTS:
        found = defects.SURFACE_DEFECTS[flaw.name](surface, rng, flaw.severity)
    return surface, found


def _in_frame(found: Field, grid: Grid) -> NDArray[np.bool_]:
    """A map over the part's box, brought to the frame's pixels."""
    side = grid.shape[0] // SUPERSAMPLING
    small = cv2.resize(found, (side, side), interpolation=cv2.INTER_AREA)
    move = np.array([[1, 0, grid.corner[0]], [0, 1, grid.corner[1]]], np.float32)
    return cv2.warpAffine(small, move, (belt.WIDTH, belt.HEIGHT), flags=cv2.INTER_NEAREST) > MASKED
