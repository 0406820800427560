"""Belts made from the bundled recording's parts and from drawn ones: footage of which it is known what passes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image

FLANGES: Final = Path("recordings/flange/inspect/frames")
SIZE: Final = (600, 260)
"""Width and height of a frame; the belt moves from left to right."""
PITCH: Final = 170
"""Pixels from part to part, a little more or less."""
STEP: Final = 4.0
"""Pixels a frame."""
COLOURS: Final = ((40, 40, 200), (190, 90, 30), (40, 190, 210), (60, 170, 60))
"""BGR of the coloured parts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cutout:
    """A part's pixels, and how much of each is the part's: float32[h, w, 1], 0 to 1."""

    image: Image
    alpha: NDArray[np.float32]


def flanges(count: int, side: int) -> list[Cutout]:
    """The recording's first parts, cut out and scaled to `side` pixels; their holes show the recording's belt."""
    found = []
    for path in sorted(FLANGES.iterdir())[:count]:
        picture = np.asarray(cv2.imread(str(path)), np.uint8)[40:470]  # without the belt's rails
        bright = cv2.threshold(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), 105, 255, cv2.THRESH_BINARY)[1]
        outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(outlines, key=cv2.contourArea)
        x, y, width, height = cv2.boundingRect(outline)
        mask = np.zeros(bright.shape, np.uint8)
        cv2.drawContours(mask, [outline], -1, 255, -1)
        found.append(_scaled(picture[y : y + height, x : x + width], mask[y : y + height, x : x + width], side))
    return found


def coloured(count: int, side: int) -> list[Cutout]:
    """Plain discs in four colours."""
    found = []
    for n in range(count):
        mask = np.zeros((200, 200), np.uint8)
        cv2.circle(mask, (100, 100), 98, 255, -1)
        found.append(_scaled(np.full((200, 200, 3), COLOURS[n % len(COLOURS)], np.uint8), mask, side))
    return found


def dark_rings(count: int, side: int) -> list[Cutout]:
    """Matt black rings; through the hole the belt is seen."""
    mask = np.zeros((200, 200), np.uint8)
    cv2.circle(mask, (100, 100), 98, 255, -1)
    cv2.circle(mask, (100, 100), 30, 0, -1)
    return [_scaled(np.full((200, 200, 3), 50, np.uint8), mask, side)] * count


def belt(grey: float, texture: float, seed: int = 0) -> Image:
    """A long strip of rubber with blotches and a weave of so many levels, and a seam; it goes round."""
    random = np.random.default_rng(seed)
    blotches = cv2.resize(random.normal(0, 1, (12, 64)).astype(np.float32), (1600, SIZE[1]))
    weave = np.sin(np.arange(1600) * 0.9)[None, :] + np.sin(np.arange(SIZE[1]) * 0.7)[:, None]
    strip = grey + texture * (0.6 * blotches + 0.2 * weave)
    strip[:, 800:804] -= 30
    return np.asarray(np.clip(strip[..., None] * (1.0, 1.03, 0.97), 0, 255), np.uint8)


def footage(
    parts: Sequence[Cutout], rubber: Image, frames: int | None = None, passing: Sequence[Cutout] = (), seed: int = 0,
    pitches: Sequence[int] | None = None,
) -> Iterator[Image]:  # fmt: skip
    """The parts pass one after the other over a belt that moves with them, its rails standing still.

    pitches: pixels from the part before, of each; PITCH or so, if left out.
    passing: things that are no parts, each moving over the whole picture once at twice the belt's speed.
    """
    random = np.random.default_rng(seed)
    usual = PITCH + random.integers(-15, 16, len(parts))
    places = np.cumsum(usual if pitches is None else np.array(pitches))
    tops = SIZE[1] // 2 + random.integers(-8, 9, len(parts))
    grain = random.normal(0, 2, (8, SIZE[1], SIZE[0], 3)).astype(np.float32)
    end = PITCH * (len(parts) + 1) if pitches is None else sum(pitches) + PITCH
    last = int((SIZE[0] + end) / STEP) if frames is None else frames
    for n in range(last):
        moved = round(n * STEP)
        picture = np.roll(rubber, moved, axis=1)[:, : SIZE[0]].astype(np.float32)
        picture[:14] = picture[-14:] = (120, 125, 130)
        for part, place, top in zip(parts, places, tops, strict=True):
            _paste(picture, part, moved - int(place) + PITCH // 2, int(top))
        for k, thing in enumerate(passing):
            _paste(picture, thing, round(2 * STEP * n) - 700 - 900 * k, SIZE[1] // 2)
        yield np.clip(picture + grain[n % 8], 0, 255).astype(np.uint8)


def hand() -> Cutout:
    """An arm from edge to edge: much larger than a part."""
    mask = np.zeros((260, 200), np.uint8)
    cv2.ellipse(mask, (100, 130), (90, 129), 0, 0, 360, 255, -1)
    return _scaled(np.full((260, 200, 3), (120, 150, 205), np.uint8), mask, 260)


def shadow() -> Cutout:
    """A soft shadow over the whole height: less light by 15 %."""
    alpha = np.zeros((260, 220), np.float32)
    alpha[:, 60:160] = 0.15
    soft = np.asarray(cv2.GaussianBlur(alpha, (0, 0), 20), np.float32)
    return Cutout(image=np.zeros((260, 220, 3), np.uint8), alpha=soft[..., None])


def _scaled(image: Image, mask: NDArray[np.uint8], side: int) -> Cutout:
    factor = side / mask.shape[0]
    size = (round(mask.shape[1] * factor), side)
    alpha = np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), np.float32) / np.float32(255)
    shown = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return Cutout(image=shown, alpha=alpha[..., None])


def _paste(picture: NDArray[np.float32], part: Cutout, x: int, y: int) -> None:
    """With its centre at x, y; what is outside of the picture is left out."""
    height, width = part.image.shape[:2]
    left, top = x - width // 2, y - height // 2
    first, last = max(0, left), min(picture.shape[1], left + width)
    begin, end = max(0, top), min(picture.shape[0], top + height)
    if first < last and begin < end:
        there = (slice(begin - top, end - top), slice(first - left, last - left))
        alpha, under = part.alpha[there], picture[begin:end, first:last]
        picture[begin:end, first:last] = under * (1 - alpha) + part.image[there] * alpha
