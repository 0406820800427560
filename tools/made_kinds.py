"""Made belts of many kinds, and what passes on each: what a presence trigger is measured on."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from inspector.config import PresenceTrigger
from inspector.messages import Image
from tools.disturbed import (
    backing_up,
    exposed,
    glaring,
    noisy,
    recompressed,
    seen_from,
    shaded,
    shaken,
    smeared,
    turned,
)
from tools.made_belts import Cutout, belt, coloured, dark_rings, flanges, footage, hand, shadow

Looks = Literal["brighter", "darker", "different"]
PALE: Final[tuple[Looks, ...]] = ("brighter", "different")
DARK: Final[tuple[Looks, ...]] = ("darker", "different")
UNEVEN: Final = (60, 125, 300, 130, 500, 135)
"""Pixels from part to part: gaps of 15, and of nearly a picture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Footage, how it is looked at, and what is to be found in it."""

    name: str
    pictures: Iterable[Image]
    trigger: PresenceTrigger
    expected: int
    """Parts that pass."""
    lost: int = 0
    """How many of them are not to be understood."""


def made_kinds() -> Iterator[Kind]:
    """Each to be looked at before the next is asked for."""
    yield from _belts()
    for name, (pictures, expected) in _conditions().items():
        for looks in PALE:
            yield Kind(name=f"{name}, {looks}", pictures=pictures(), trigger=_looking(looks), expected=expected)
    for looks in DARK:
        yield Kind(name=f"black rings on a light belt, {looks}", pictures=footage(dark_rings(6, 110), belt(200, 8)),
                   trigger=_looking(looks), expected=6)  # fmt: skip


def _looking(looks: Looks = "different", side: int = 110) -> PresenceTrigger:
    return PresenceTrigger(line=300, part=(side, side), looks=looks)


def _belts() -> Iterator[Kind]:
    parts, rubber = flanges(6, 110), belt(60, 8)
    different, small = _looking(), _looking(side=90)

    def kind(name: str, pictures: Iterable[Image], trigger: PresenceTrigger, expected: int, lost: int = 0) -> Kind:
        return Kind(name=name, pictures=pictures, trigger=trigger, expected=expected, lost=lost)

    yield kind("flanges on a textured belt that moves with them, brighter", footage(parts, rubber),
               _looking("brighter"), 6)  # fmt: skip
    yield kind("the same, different", footage(parts, rubber), different, 6)
    yield kind("the same, backwards", list(footage(parts, rubber))[::-1], different, 6)
    upright = PresenceTrigger(line=300, part=(110, 110), travel="vertical")
    yield kind("the same, a vertical belt", turned(footage(parts, rubber)), upright, 6)
    yield kind("the same, half as large", footage(flanges(6, 55), rubber), _looking(side=55), 6)
    yield kind("the same, half as large, not told so", footage(flanges(6, 50), rubber), different, 6, lost=6)
    for side, name in ((-1, "left"), (1, "right")):
        yield kind(f"the same, seen from the {name}", seen_from(side, footage(parts, rubber)), different, 6)
    colours = coloured(8, 90)
    yield kind("parts of four colours on a dark belt", footage(colours, belt(40, 5)), small, 8)
    yield kind("the same, a shadow moving over them", footage(colours, belt(40, 5), passing=[shadow()]), small, 8)
    yield kind("a shadow over a light belt", footage([], belt(120, 8), 300, [shadow()]), different, 0)
    yield kind("a hand over the empty belt", footage([], rubber, 300, [hand()]), _looking(side=70), 0)
    yield kind("an empty belt that moves", footage([], rubber, 300), different, 0)
    pair = Cutout(image=np.hstack([parts[0].image, parts[1].image]), alpha=np.hstack([parts[0].alpha, parts[1].alpha]))
    yield kind("two discs that touch", footage([pair], rubber), different, 2)


def _conditions() -> dict[str, tuple[Callable[[], Iterable[Image]], int]]:
    """By name: footage that is harder to look at, and how many parts pass in it."""
    parts, rubber = flanges(6, 110), belt(60, 8)
    kept = list(footage(parts, rubber))
    return {
        "a strong weave": (lambda: footage(parts, belt(80, 14, 5)), 6),
        "blotches as strong as a part": (lambda: footage(parts, belt(60, 20)), 6),
        "uneven gaps": (lambda: footage(parts, rubber, pitches=UNEVEN), 6),
        "a belt empty for 1500 frames": (lambda: footage(parts[:3], rubber, pitches=(60, 6000, 200)), 3),
        "a standing reflex": (lambda: glaring(kept, 160), 6),
        "smeared by 21 pixels": (lambda: smeared(kept, 21), 6),
        "20 pixels a frame": (lambda: kept[::5], 6),
        "48 pixels a frame": (lambda: kept[::12], 6),
        "a camera that shakes by 2 pixels": (lambda: shaken(kept, 2), 6),
        "recompressed (JPEG 30)": (lambda: recompressed(kept, 30), 6),
        "noise of 6 levels added": (lambda: noisy(kept, 6), 6),
        "exposure 25% up at once": (lambda: exposed(kept, 1.25, 120), 6),
        "exposure 25% down at once": (lambda: exposed(kept, 0.75, 120), 6),
        "backs up with a part at the edge, twice": (lambda: backing_up(kept, (20, 5), (60, 35)), 6),
        "backs up by a third": (lambda: backing_up(kept, (130, 65)), 6),
        "a deep shadow (40%) that passes": (lambda: shaded(kept, 0.4, 300, 9), 6),
        "the same, as fast as the belt": (lambda: shaded(kept, 0.4, 300, 4), 6),
    }
