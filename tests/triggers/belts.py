"""A belt drawn frame by frame, and what a presence trigger makes of it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from inspector.config import PresenceTrigger
from inspector.messages import Frame, Image, LostPart, Part
from inspector.triggers import open_trigger

WIDTH, HEIGHT = 640, 240
PART = (60, 100)
LINE = 320


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """Something on the belt, at a place on it: a box with a rim, or what is not filled from side to side."""

    at: float
    size: tuple[int, int] = PART
    colour: tuple[int, int, int] = (210, 215, 220)
    top: int | None = None
    shape: Literal["box", "ring", "bolt", "slanted bar"] = "box"


def scene(seed: int = 0) -> Image:
    """What stands behind the belt: bars and boxes, none as bright as a part."""
    random = np.random.default_rng(seed)
    picture = np.full((HEIGHT, WIDTH, 3), 60, np.uint8)
    for _ in range(40):
        x, y = int(random.integers(WIDTH)), int(random.integers(HEIGHT))
        colour = [int(c) for c in random.integers(20, 120, 3)]
        cv2.rectangle(picture, (x, y), (x + int(random.integers(10, 60)), y + int(random.integers(10, 60))), colour, -1)
    return picture


def footage(
    behind: Image, things: Sequence[Thing], places: Iterable[float], noise: float = 2.0, gain: float = 1.0
) -> Iterator[Image]:
    """A frame for each place of the belt, in pixels; a thing's centre is seen at its own place plus the belt's."""
    random = np.random.default_rng(1)
    grain = np.rint(random.normal(0, noise, (8, HEIGHT, WIDTH, 1))).astype(np.int16).repeat(3, axis=3)
    for n, place in enumerate(places):
        picture = behind.copy()
        for thing in things:
            width, height = thing.size
            left = round(thing.at + place - width / 2)
            top = HEIGHT - 40 - height if thing.top is None else thing.top
            _draw(picture, thing, left, top)
        picture = picture if gain == 1 else np.asarray(cv2.convertScaleAbs(picture, alpha=gain), np.uint8)
        yield np.asarray(cv2.add(picture, grain[n % 8], dtype=cv2.CV_8U), np.uint8)


def _draw(picture: Image, thing: Thing, left: int, top: int) -> None:
    (width, height), colour = thing.size, thing.colour
    right, bottom, middle = left + width - 1, top + height - 1, left + width // 2
    match thing.shape:
        case "box":
            cv2.rectangle(picture, (left, top), (right, bottom), colour, -1)
            cv2.rectangle(picture, (left, top), (right, bottom), tuple(round(0.85 * c) for c in colour), 3)
        case "ring":
            wall = width // 8
            axes = ((width - wall) // 2, (height - wall) // 2)
            cv2.ellipse(picture, (middle, top + height // 2), axes, 0, 0, 360, colour, wall, cv2.LINE_AA)
        case "bolt":
            cv2.rectangle(picture, (left, top), (right, top + height // 6), colour, -1)
            cv2.rectangle(picture, (middle - width // 5, top), (middle + width // 5, bottom), colour, -1)
        case "slanted bar":
            cv2.line(picture, (left + 6, bottom - 6), (right - 6, top + 6), colour, 12, cv2.LINE_AA)


def frames(pictures: Iterable[Image], fps: float = 60.0) -> Iterator[Frame]:
    for n, picture in enumerate(pictures):
        at_ns = round(n / fps * 1e9)
        yield Frame(exposed_ns=at_ns, arrived_ns=at_ns, counter=n, image=np.ascontiguousarray(picture), name=f"{n:06d}")


def seen(
    pictures: Iterable[Image], *, looks: str = "brighter", line: float = LINE, part: tuple[int, int] = PART,
    travel: str = "horizontal", behind: str = "keep", contrast: int = 25,
) -> list[Part | LostPart]:  # fmt: skip
    """The parts of a whole run; each seq once, in order."""
    config = PresenceTrigger(line=line, part=part, looks=looks, travel=travel, behind=behind, contrast=contrast)  # type: ignore[arg-type]
    trigger = open_trigger(config)
    parts = [part for frame in frames(pictures) for part in trigger.parts(frame)] + list(trigger.end())
    assert [part.seq for part in parts] == list(range(1, len(parts) + 1))
    return parts


def judged(parts: Sequence[Part | LostPart]) -> list[Part]:
    return [part for part in parts if isinstance(part, Part)]
