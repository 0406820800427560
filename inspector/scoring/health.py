"""Whether a picture is worth judging: what good pictures measured like, and how far a new one is from that. Pure.

    focus     how sharp: the spread of the Laplacian (Pech-Pacheco et al., "Diatom autofocusing in brightfield
              microscopy", 2000), as a logarithm: blur is a factor
    light     how bright, as a logarithm
    clipped   share of pixels at the end of the scale, where nothing can be seen any more
    blue, red how much bluer or redder than green, as logarithms: a lamp that ages, a white balance that wanders
    moved     by how many pixels what stands still has moved against the mean good picture; off where nothing does
    covered   share of the picture that is far from all good pictures: something stands in between

Each has a limit on each side of the good pictures' median: somewhat farther than the farthest good picture was.
"""

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.scoring.light import Range, brighter, range_of
from inspector.scoring.small import brightest, grey, small, usable

FLOOR: Final = {
    "focus": 0.25, "light": 0.1, "clipped": 0.08, "blue": 0.025, "red": 0.025, "moved": 1.5, "covered": 0.15
}  # fmt: skip
"""Smallest distance from the median to a limit, so that a few good pictures, all alike, allow a little."""
EVENED: Final = 0.25
"""Light that is out of the usual by less is evened (inspector.scoring.light): 22 % darker, 28 % brighter."""
BEYOND, FEW = 1.5, 12
"""A limit is so many times as far as the farthest of many good pictures, and the floor more. The farthest of n pictures
is not yet the farthest there is: with FEW of them it is twice as many times, with 5 over three times."""
ONE_SIDED: Final = frozenset({"clipped", "moved", "covered"})
"""Here less is never wrong."""
FOCUS: Final = (640, 512)
"""Focus is measured in the middle of the picture, in so many pixels at most."""
STILL_PX: Final = 0.4
"""What moves less than this from one good picture to the next, in pixels of the small picture, stands still."""
FEWEST_STILL: Final = 0.01
"""Share of the picture that must have edges and stand still for a moved camera to be seen by it."""
FEWEST_PICTURES: Final = 20
"""Of fewer good pictures it cannot be said what stands still."""
EDGE: Final = 4.0
"""Levels a pixel of the small picture from which there is an edge."""
MOVED_AT_MOST: Final = 6.0
"""A limit above this, in pixels of the picture, would not see a camera that moved: the check is off."""
FAR: Final = 40.0
"""Levels that a place must differ from every good picture by, at least, to count as covered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """What good pictures look like, on the small picture."""

    mean: NDArray[np.float32]
    """float32[h, w, 3], BGR."""
    lowest: NDArray[np.float32]
    """float32[h, w, 3], at the light of the mean; `highest` too."""
    highest: NDArray[np.float32]
    weight: NDArray[np.float32]
    """float32[h, w]: 1 where there is an edge that stands still, else 0."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """From where to where a reading may be."""

    usual: float
    lowest: float
    highest: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Norm:
    """What was learnt from the good pictures."""

    reference: Reference
    limits: dict[str, Limit]
    """By the reading's name; a check that is off has none."""
    noisy: bool
    """No two good pictures were alike: two alike at the line are one picture, frozen."""
    off: dict[str, str] = field(default_factory=dict)
    """By the reading's name: why the check is off."""
    even: Range | None = None
    """The light that is left as it is, see inspector.scoring.light; None where no picture's light is changed."""


class Learning:
    """Good pictures uint8[H, W, 3] BGR, which may differ in size, to their norm. Of each a small one is held."""

    def __init__(self) -> None:
        self._seen: list[_Seen] = []

    def add(self, picture: Image) -> None:
        """One more."""
        size = self._seen[0].small.shape[1::-1] if self._seen else None
        self._seen.append(_Seen(small(picture, size), _focus(picture), thumbnail(picture), picture.shape[1]))

    def norm(self) -> Norm:
        """Of all, at least one."""
        smalls, focuses, thumbs, widths = zip(*self._seen, strict=True)
        reference = _reference(np.stack(smalls))
        readings = [_readings(*one, reference) for one in zip(smalls, focuses, widths, strict=True)]
        lights = [brighter(shrunk, reference.mean) for shrunk in smalls]
        limits = {name: _limit(name, [each[name] for each in readings]) for name in FLOOR}
        noisy, off = len(set(thumbs)) == len(thumbs), dict[str, str]()
        if why := _moved_is_off(reference, limits["moved"], len(smalls)):
            off["moved"] = why
            del limits["moved"]
        if not noisy:
            off["frozen"] = "some of the good pictures are the same"
        return Norm(reference=reference, limits=limits, noisy=noisy, off=off, even=range_of(np.array(lights)))


def learn(pictures: Iterable[Image]) -> Norm:
    """The norm of these."""
    learning = Learning()
    for picture in pictures:
        learning.add(picture)
    return learning.norm()


def read(picture: Image, norm: Norm) -> dict[str, float]:
    """Every reading of a picture that has a limit, by name."""
    shrunk = small(picture, _size_of(norm.reference))
    readings = _readings(shrunk, _focus(picture), picture.shape[1], norm.reference)
    return {name: readings[name] for name in norm.limits}


def thumbnail(picture: Image) -> bytes:
    """A few pixels of a picture as they are: a camera's noise makes those of two pictures differ."""
    return picture[4::16, 4::16].tobytes()


def as_files(norm: Norm) -> tuple[bytes, NDArray[np.float32]]:
    """A norm for a recipe: JSON, and an array float32[h, w, 10]: mean, lowest, highest, weight."""
    document = {"limits": {name: asdict(limit) for name, limit in norm.limits.items()}, "noisy": norm.noisy,
                "off": norm.off, "even": norm.even}  # fmt: skip
    maps = norm.reference
    return json.dumps(document, indent=2).encode(), np.dstack([maps.mean, maps.lowest, maps.highest, maps.weight])


def from_files(document: bytes, maps: NDArray[np.float32]) -> Norm:
    """The norm again. Raises AttributeError, KeyError, TypeError or ValueError for what is none."""
    content = json.loads(document)
    if maps.dtype != np.float32 or maps.ndim != 3 or maps.shape[2] != 10:
        raise ValueError(f"{maps.dtype}{maps.shape}, expected float32 [h, w, 10]")
    mean, lowest, highest, weight = (np.ascontiguousarray(part) for part in np.split(maps, (3, 6, 9), axis=2))
    return Norm(
        reference=Reference(mean=mean, lowest=lowest, highest=highest, weight=weight[:, :, 0]),
        limits={name: Limit(**limit) for name, limit in content["limits"].items()},
        noisy=content["noisy"],
        off=dict(content.get("off", {})),
        even=_range(content.get("even")),
    )


def _range(pair: Sequence[float] | None) -> Range | None:
    """From JSON; recipes from before it was learnt have none. Raises TypeError or ValueError for what is none."""
    if pair is None:
        return None
    lowest, highest = map(float, pair)
    return lowest, highest


class _Seen(NamedTuple):
    """What is held of a good picture until all have been seen."""

    small: NDArray[np.float32]
    focus: float
    thumb: bytes
    width: int


def _readings(shrunk: NDArray[np.float32], focus: float, width: int, reference: Reference) -> dict[str, float]:
    light = math.log(max(float(grey(shrunk).mean()), 0.5))
    even = shrunk * np.float32(float(reference.mean.mean()) / math.exp(light))  # its light is a reading of its own
    far = FAR + 0.5 * (reference.highest - reference.lowest)
    outside = np.maximum(even - reference.highest, reference.lowest - even) > far
    bright = brightest(shrunk)
    blue, red = _tint(shrunk, reference.mean)
    return {
        "focus": focus,
        "light": light,
        "clipped": float(((bright > 252) | (bright < 3)).mean()),
        "blue": blue,
        "red": red,
        "moved": _shift(grey(even), reference) * width / shrunk.shape[1],
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


def _size_of(reference: Reference) -> tuple[int, int]:
    return reference.weight.shape[1], reference.weight.shape[0]


def _reference(smalls: NDArray[np.float32]) -> Reference:
    lights = smalls.mean(axis=(1, 2, 3), keepdims=True)
    smalls = smalls * (lights.mean() / np.maximum(lights, 0.5))  # that one is brighter moves and covers nothing
    mean = smalls.mean(axis=0)
    across, down = _gradients(mean.mean(axis=2))
    edge = np.hypot(across, down)
    still = (edge > EDGE) & (smalls.mean(axis=3).std(axis=0) < STILL_PX * edge)
    if still.mean() < FEWEST_STILL or len(smalls) < FEWEST_PICTURES:
        still[:] = False
    return Reference(mean=mean, lowest=smalls.min(axis=0), highest=smalls.max(axis=0), weight=still.astype(np.float32))


def _shift(even: NDArray[np.float32], reference: Reference) -> float:
    """How far what stands still has moved, in pixels of the small picture: one step of least squares (Lucas, Kanade).

    Along an edge nothing can be said: of the two principal directions only those with edges across them count.
    """
    weight = reference.weight
    if not weight.any():
        return 0.0
    mean = grey(reference.mean)
    across, down = _gradients(mean)
    a, b, c = (float((one * other * weight).sum()) for one, other in ((across, across), (across, down), (down, down)))
    strengths, directions = np.linalg.eigh(np.array([[a, b], [b, c]]))
    if strengths[-1] <= 0:
        return 0.0
    difference = (even - mean) * weight
    along = directions.T @ (float((across * difference).sum()), float((down * difference).sum()))
    steps = [step / strength for step, strength in zip(along, strengths, strict=True) if strength > 0.1 * strengths[-1]]
    return math.hypot(*steps)


def _gradients(picture: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _moved_is_off(reference: Reference, limit: Limit, count: int) -> str:
    """Why a camera that moved would not be seen; empty when it would."""
    if count < FEWEST_PICTURES:
        return f"{count} good pictures do not show what stands still, {FEWEST_PICTURES} would"
    if not reference.weight.any():
        return "too little of the picture has edges that stand still"
    if limit.highest > MOVED_AT_MOST:
        return f"good pictures differ so much that only a move by {limit.highest:.0f} pixels would be sure"
    return ""


def _limit(name: str, values: Sequence[float]) -> Limit:
    usual = float(np.median(values))
    below, above = usual - min(values), max(values) - usual
    beyond = BEYOND * (1 + FEW / len(values))
    down, up = beyond * below + FLOOR[name], beyond * above + FLOOR[name]
    if name == "light":  # what is less than this out of it is evened
        down, up = max(down, EVENED), max(up, EVENED)
    return Limit(usual=usual, lowest=-1e9 if name in ONE_SIDED else usual - down, highest=usual + up)
