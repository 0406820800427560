"""Parts that stand still: a transistor whose legs go into a board, and a zipper that runs through the picture.

Of the transistor, standing elsewhere or not at all is a defect, which a locator must not undo. Lengths in pixels.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from tools.rendering.noise import Field, clouds, grain, smoothstep

SIDE: Final = 384
TRANSISTOR: Final = ("misplaced", "missing", "bent", "damaged")
ZIPPER: Final = ("tooth", "fray")
HOLES: Final = 32.0
"""From one hole of the board to the next."""
LEG: Final = 30.0
TOOTH: Final = 15.0
Drawn = tuple[Image, NDArray[np.bool_]]


def transistor(seed: tuple[int, ...], defect: str | None) -> Drawn:
    """The picture, and where its defect is; defect: one of TRANSISTOR."""
    random = np.random.default_rng(seed)
    x, y = _places(random.normal(0, 1.5, 2), random.normal(0, 0.008))
    light = 150 + 5 * clouds(random, x.shape, 120) + 3 * grain(random, x.shape, (0.8, 0.8))
    holes = np.hypot(*(np.mod(_at(axis), HOLES) - HOLES / 2 for axis in (1, 0)))
    light -= 110 * smoothstep(8, 6, holes)
    usual = _transistor_cover(x, y, 0)
    bend = 0.0
    changed = np.zeros(x.shape, np.float32)
    if defect == "misplaced":
        x, y = _places(
            random.choice([-1, 1], 2) * random.uniform(12, 40, 2), random.choice([-1, 1]) * random.uniform(0.25, 0.8)
        )
    if defect == "bent":
        bend = random.choice([-1, 1]) * random.uniform(0.25, 0.45)
    body, legs = (np.zeros_like(x), np.zeros_like(x)) if defect == "missing" else _transistor(x, y, bend)
    printed = 14 * (np.sin(x * 0.55) * np.sin(y * 0.4) > 0.35) * (np.abs(y + 55) < 22) * (np.abs(x) < 48)
    case = 45 + 8 * clouds(random, x.shape, 40) + 4 * grain(random, x.shape, (0.8, 0.8)) + printed
    metal = 195 + 6 * grain(random, x.shape, (4, 0.6)) - 60 * np.abs(np.mod(x + LEG / 2, LEG) / LEG - 0.5)
    light = light * (1 - legs) + metal * legs
    light = light * (1 - body) + case * body
    if defect == "damaged":
        u, v = x - random.uniform(-40, 40), y + random.uniform(25, 85)
        changed = smoothstep(1, 0.6, np.hypot(u / random.uniform(6, 14), v / random.uniform(6, 14)))
        light += (70 + 25 * grain(random, x.shape, (1.5, 1.5))) * changed
    elif defect is not None:
        changed = np.abs(_transistor_cover(x, y, bend) * (defect != "missing") - usual)
    return _taken(light, random), changed > 0.5


def zipper(seed: tuple[int, ...], defect: str | None) -> Drawn:
    """The picture, and where its defect is; defect: one of ZIPPER."""
    random = np.random.default_rng(seed)
    x, y = _places(random.normal(0, 2, 2), random.normal(0, 0.004))
    y = y + random.uniform(0, TOOTH)
    tape = smoothstep(122, 119, np.abs(x))
    changed = np.zeros(x.shape, np.float32)
    if defect == "fray":
        place, side = random.uniform(-120, 120), random.choice([-1, 1])
        changed = smoothstep(16, 8, np.hypot(x - side * 112, y - place))
        tape = tape * (1 - changed * (grain(random, x.shape, (0.8, 3)) > -0.2))
    cloth = 62 + 9 * np.sin(x * 1.1) * np.cos(y * 1.1) + 4 * grain(random, x.shape, (0.8, 0.8))
    number = np.floor(y / TOOTH)
    side = np.where(np.mod(number, 2) == 0, 1.0, -1.0)
    teeth = smoothstep(7, 5.5, np.abs(np.mod(y, TOOTH) - TOOTH / 2)) * smoothstep(25, 23, np.abs(x - side * 7))
    if defect == "tooth":
        gone = float(random.integers(-9, 9))
        changed = teeth * (number == gone)
        teeth = teeth - changed
    light = 205 + 3 * grain(random, x.shape, (0.8, 0.8))
    light = light * (1 - tape) + cloth * tape
    light = light * (1 - teeth) + (105 + 40 * np.cos((np.mod(y, TOOTH) / TOOTH - 0.4) * 4)) * teeth
    return _taken(light, random), changed > 0.5


def _transistor(x: Field, y: Field, bend: float) -> tuple[Field, Field]:
    """Cover of the case, and of its three legs; bend: of the middle leg, in pixels a pixel along it."""
    body = smoothstep(64, 62, np.abs(x)) * smoothstep(48, 46, np.abs(y + 52))
    legs = np.zeros_like(x)
    for number in (-1, 0, 1):
        off = x - LEG * number - (np.float32(bend) * np.maximum(y, 0) if number == 0 else 0)
        legs = np.maximum(legs, smoothstep(8, 7, np.abs(off)) * smoothstep(96, 94, y) * smoothstep(-20, -18, y))
    return body, legs


def _transistor_cover(x: Field, y: Field, bend: float) -> Field:
    body, legs = _transistor(x, y, bend)
    return np.maximum(body, legs)


def _places(shift: NDArray[np.float64], turn: float) -> tuple[Field, Field]:
    """The part's own coordinates float32[SIDE, SIDE] of each pixel."""
    x, y = _at(1) - SIDE / 2 - np.float32(shift[0]), _at(0) - SIDE / 2 - np.float32(shift[1])
    cosine, sine = np.float32(np.cos(turn)), np.float32(np.sin(turn))
    return cosine * x + sine * y, cosine * y - sine * x


def _at(axis: int) -> Field:
    """The row or column of each pixel, float32[SIDE, SIDE]."""
    places: Field = np.indices((SIDE, SIDE), np.float32)[axis]
    return places


def _taken(light: Field, random: np.random.Generator) -> Image:
    blurred = cv2.GaussianBlur(light.astype(np.float32), (0, 0), 0.8) * np.float32(1 + random.normal(0, 0.015))
    noisy = blurred[..., None] * np.array([0.97, 1.0, 0.99], np.float32)
    noisy = noisy + random.normal(0, 2, (SIDE, SIDE, 3)).astype(np.float32)
    picture: Image = np.clip(noisy, 0, 255).astype(np.uint8)
    return picture
