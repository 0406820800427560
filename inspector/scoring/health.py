"""Whether a picture is worth judging: what good pictures measured like, and how far a new one is from that. Pure.

    focus     how sharp: the spread of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield
              microscopy", 2000), as a logarithm: blur is a factor
    light     how bright, as a logarithm
    clipped   share of pixels at the end of the scale, where nothing can be seen any more
    blue, red how much bluer or redder than green, as logarithms: a lamp that ages, a white balance that wanders
    right     by how many pixels the picture lies to the right of the mean good one (inspector.scoring.place)
    down      by how many pixels it lies lower
    still     share of what stands still that is where it was
    covered   share of the picture that is far from all good pictures: something stands in between

Each has a limit on each side of the good pictures' median: somewhat farther than the farthest good picture was. Where
the picture lies is told by the average of some pictures before that: parts are placed one by one, a camera stays moved.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.scoring.light import Range, brighter, range_of
from inspector.scoring.place import WIDTH as PLACE_WIDTH
from inspector.scoring.place import Grey, Weights, learn_place, place, seen
from inspector.scoring.small import brightest, grey, halved, small, usable

FLOOR: Final = {
    "focus": 0.25, "light": 0.1, "clipped": 0.08, "blue": 0.025, "red": 0.025, "right": 1.5, "down": 1.5,
    "still": 0.2, "covered": 0.15,
}  # fmt: skip
"""Smallest distance from the median to a limit, so that a few good pictures, all alike, allow a little."""
EVENED: Final = 0.25
"""Light that is out of the usual by less is evened (inspector.scoring.light): 22 % darker, 28 % brighter."""
BEYOND, FEW = 1.5, 12
"""A limit is so many times as far as the farthest of many good pictures, and the floor more. The farthest of n pictures
is not yet the farthest there is: with FEW of them it is twice as many times, with 5 over three times."""
ONE_SIDED: Final = frozenset({"clipped", "covered"})
"""Here less is never wrong."""
FOCUS: Final = (640, 512)
"""Focus is measured in the middle of the picture, in so many pixels at most."""
ONLY_LESS: Final = frozenset({"still"})
"""Here more is never wrong."""
PLACE: Final = ("right", "down")
SURE: Final = 6.0
"""Standard deviations that a picture may lie out of the usual, at least: of few pictures the farthest lies near."""
FEWEST_PARTS: Final = 20
"""Of fewer good parts it cannot be said how differently they lie."""
FAR: Final = 40.0
"""Levels that a place must differ from every good picture by, at least, to count as covered."""
LOW_HIGH: Final = {
    "focus": ("blurred", "sharper than it was taught, or noisy"),
    "light": ("dark", "bright"),
    "clipped": ("", "clipped: too much of it black or white"),
    "blue": ("yellowish", "bluish"),
    "red": ("greenish", "reddish"),
    "right": ("moved to the left", "moved to the right"),
    "down": ("moved up", "moved down"),
    "still": ("unlike the good ones in what stands still: it has moved", ""),
    "covered": ("", "covered in part"),
}
"""By reading: what is wrong with a picture below and above its limits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What good pictures look like, on the small picture."""

    mean: NDArray[np.float32]
    """float32[h, w, 3], BGR."""
    lowest: NDArray[np.float32]
    """float32[h, w, 3], at the light of the mean; `highest` too."""
    highest: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From where to where a reading may be."""

    usual: float
    lowest: float
    highest: float
    spread: float = 0.0
    """Standard deviation over the good pictures, where the average of some pictures is looked at too; else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """What was learnt from the good pictures."""

    reference: Reference
    limits: dict[str, Limit]
    """By the reading's name; a check that is off has none."""
    noisy: bool
    """No two good pictures were alike: two alike at the line are one picture, frozen."""
    place: Weights | None = None
    """What `right` and `down` are read by; None where they are off."""
    off: dict[str, str] = field(default_factory=dict)
    """By the reading's name: why the check is off."""
    even: Range | None = None
    """The light that is left as it is, see inspector.scoring.light; None where no picture's light is changed."""


class Learning:
    """Good pictures uint8[H, W, 3] BGR, which may differ in size, to their norm. Of each a small one is held."""

    def __init__(self) -> None:
        self._seen: list[_Seen] = []

    def __len__(self) -> int:
        return len(self._seen)

    def add(self, picture: Image) -> None:
        """One more."""
        before = self._seen[0] if self._seen else None
        self._seen.append(_looked_at(picture, before and _size_of(before.small), before and _size_of(before.shades)))

    def norm(self, parts: int) -> Norm:
        """Of all, at least one; of so many parts, of which some may have been seen in several."""
        reference = _reference(np.stack([one.small for one in self._seen]))
        weights, untold = learn_place(np.stack([one.shades for one in self._seen]))
        readings = [_readings(one, reference, weights) for one in self._seen]
        lights = [brighter(one.small, reference.mean) for one in self._seen]
        limits = {name: _limit(name, [each[name] for each in readings]) for name in FLOOR}
        noisy, off = len({one.thumb for one in self._seen}) == len(self._seen), dict[str, str]()
        if parts < FEWEST_PARTS:
            few = f"{parts} good parts do not show how they lie, {FEWEST_PARTS} would"
            untold, off["still"] = (few, few), few
            del limits["still"]
        for name, why in zip(PLACE, untold, strict=True):
            if why:
                off[name] = why
                del limits[name]
        if not noisy:
            off["frozen"] = "some of the good pictures are the same"
        return Norm(
            reference=reference,
            limits=limits,
            noisy=noisy,
            place=weights if limits.keys() & {*PLACE, "still"} else None,
            off=off,
            even=range_of(np.array(lights)),
        )


def learn(pictures: Iterable[Image]) -> Norm:
    """The norm of these."""
    learning = Learning()
    for picture in pictures:
        learning.add(picture)
    return learning.norm(len(learning))


def read(picture: Image, norm: Norm) -> dict[str, float]:
    """Every reading of a picture that has a limit, by name."""
    place_size = None if norm.place is None else _size_of(norm.place[0])
    readings = _readings(_looked_at(picture, _size_of(norm.reference.mean), place_size), norm.reference, norm.place)
    return {name: readings[name] for name in norm.limits}


def thumbnail(picture: Image) -> bytes:
    """A few pixels of a picture as they are: a camera's noise makes those of two pictures differ."""
    return picture[4::16, 4::16].tobytes()


class _Seen(NamedTuple):
    """What is read of a picture, and held of a good one until all have been seen."""

    small: NDArray[np.float32]
    shades: Grey
    focus: float
    thumb: bytes
    width: int


def _looked_at(picture: Image, size: tuple[int, int] | None, place_size: tuple[int, int] | None) -> _Seen:
    """Sizes: (width, height) of the small picture, and of the one that its place is read from."""
    halves = halved(picture, PLACE_WIDTH)
    shades = seen(halves, place_size)
    return _Seen(small(halves, size), shades, _focus(picture), thumbnail(picture), picture.shape[1])


def _readings(one: _Seen, reference: Reference, weights: Weights | None) -> dict[str, float]:
    light = math.log(max(float(grey(one.small).mean()), 0.5))
    even = one.small * np.float32(float(reference.mean.mean()) / math.exp(light))  # its light is a reading of its own
    far = FAR + 0.5 * (reference.highest - reference.lowest)
    outside = np.maximum(even - reference.highest, reference.lowest - even) > far
    bright = brightest(one.small)
    blue, red = _tint(one.small, reference.mean)
    right, down, still = (0.0, 0.0, 0.0) if weights is None else place(one.shades, weights)
    return {
        "focus": one.focus,
        "light": light,
        "clipped": float(((bright > 252) | (bright < 3)).mean()),
        "blue": blue,
        "red": red,
        "right": right * one.width / one.shades.shape[1],
        "down": down * one.width / one.shades.shape[1],
        "still": still,
        "covered": float((outside[:, :, 0] | outside[:, :, 1] | outside[:, :, 2]).mean()),
    }


def _focus(picture: Image) -> float:
    height, width = picture.shape[:2]
    x, y = max(0, (width - FOCUS[0]) // 2), max(0, (height - FOCUS[1]) // 2)
    grey = cv2.cvtColor(picture[y : y + FOCUS[1], x : x + FOCUS[0]], cv2.COLOR_BGR2GRAY)
    return math.log(max(cv2.norm(cv2.Laplacian(grey, cv2.CV_16S), cv2.NORM_L1) / grey.size, 0.05))


def _tint(picture: NDArray[np.float32], mean: NDArray[np.float32]) -> tuple[float, float]:
    """How much bluer and redder than the mean good picture, pixel by pixel; the median, of what is not clipped."""
    picture, mean = picture[::2, ::2], mean[::2, ::2]
    places = usable(picture, mean)
    if not places.any():
        return 0.0, 0.0
    ratio = np.log(picture[places] / mean[places])
    blue, red = np.median(ratio[:, 0] - ratio[:, 1]), np.median(ratio[:, 2] - ratio[:, 1])
    return float(blue), float(red)


def _size_of(array: NDArray[np.float32]) -> tuple[int, int]:
    return array.shape[1], array.shape[0]


def _reference(smalls: NDArray[np.float32]) -> Reference:
    lights = smalls.mean(axis=(1, 2, 3), keepdims=True)
    smalls = smalls * (lights.mean() / np.maximum(lights, 0.5))  # that one is brighter covers nothing
    return Reference(mean=smalls.mean(axis=0), lowest=smalls.min(axis=0), highest=smalls.max(axis=0))


def _limit(name: str, values: Sequence[float]) -> Limit:
    usual = float(np.median(values))
    below, above = usual - min(values), max(values) - usual
    beyond = BEYOND * (1 + FEW / len(values))
    down, up = beyond * below + FLOOR[name], beyond * above + FLOOR[name]
    if name == "light":  # what is less than this out of it is evened
        down, up = max(down, EVENED), max(up, EVENED)
    spread = float(np.std(values)) if name in PLACE else 0.0
    down, up = max(down, SURE * spread + FLOOR[name]), max(up, SURE * spread + FLOOR[name])
    return Limit(
        usual=usual,
        lowest=-1e9 if name in ONE_SIDED else usual - down,
        highest=1e9 if name in ONLY_LESS else usual + up,
        spread=spread,
    )
