"""What is a part and what is not, pixel by pixel: the belt without parts, learnt while parts pass.

The belt is kept as a few snapshots, and each pixel's background is an order statistic of them. A snapshot is taken when
the picture has changed enough since the last one, so that what counts is how far things moved: a belt that stands, for
a second or an hour, teaches nothing, and the speed of the footage makes no difference.
"""

from collections.abc import Sequence
from typing import Final, Literal

import cv2
import numpy as np
from cv2.typing import MatLike
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.triggers.light import evened, levels

Looks = Literal["brighter", "darker", "different"]
Mask = NDArray[np.uint8]
"""uint8[h, w], 255 where true."""
Brightness = NDArray[np.uint16]
"""uint16[h, w]: the three colours added up."""

SNAPSHOTS: Final = 16
RARE: Final = 0.12
"""Share of snapshots that may be wrong at a pixel (noise, a shadow, a sleeve) and change nothing."""
FIRST_STEP, LAST_STEP = 0.1, 1.0
"""How much must change for a snapshot, in areas of a part; it doubles each time the snapshots fill up."""
FORGET: Final = np.ones((1, 1, 3), np.uint8)
"""Levels (blue, green, red) by which the belt's known extremes may be given up with each new snapshot."""
FRINGE: Final = np.ones((5, 5), np.uint8)
"""What is so near to a part is its edge or its shadow, and teaches nothing of the belt."""
ACTIVE: Final = 0.015
"""Share of a row in which parts and belt must have been told apart for parts to pass there."""
SURE: Final = 1.5
"""Times the contrast by which a part must differ from the belt where it is told from it for the first time."""
STRIPS: Final = 8
"""The background is recomputed over so many frames, a strip in each, to spread the cost."""
EVERYWHERE: Final = slice(None)
BRIGHTEST: Final = 3 * 255
QUIET_FRAMES: Final = 64
"""Frames without a part after which a snapshot is taken all the same, so that slow light is followed."""
FLOODED, FLOODED_FRAMES = 0.8, 30
"""When so much of the picture has differed for so many frames, the light or the camera changed: learn anew."""
LANE: Final = 1.7
"""Parts of one lane, the largest there are and side by side, cover so many part heights of the picture's; what covers
more is not parts. Where they need not be gone for the belt to be learnt, it is learnt anew then, but not for less than
half of the picture: a hand is no light."""


class Belt:
    """The learnt background of small pictures uint8[h, w, 3]."""

    def __init__(self, looks: Looks, contrast: int, part: tuple[float, float]) -> None:
        """part: width and height of a part."""
        self._looks: Looks = looks
        self._contrast = contrast
        self._part_area = part[0] * part[1]
        self._part_height = part[1]
        self._relearn()

    def _relearn(self) -> None:
        self._snapshots: list[Image] = []
        self._step = LAST_STEP if self._looks == "different" else FIRST_STEP
        self._oldest = 0
        self._strip = self._due = 0
        self._quiet = self._flooded = 0
        self._empty = True
        self._level: float | None = None

    def evened(self, picture: Image) -> Image:
        """The picture in the light in which the belt was learnt."""
        return evened(picture, self._first) if self._snapshots else picture

    def look(self, picture: Image, starting: bool) -> tuple[Mask, Mask]:
        """Which pixels belong to parts, and at which of them that can be told at all.

        starting: parts have not yet passed everywhere. A pixel that was always covered, or never, is then judged by the
        brightness between those parts and that belt which were told apart elsewhere in its row.
        """
        self._learn(self._as_brighter(picture), starting)
        parts, told = self.tell(picture, starting)
        self._watch_flood(parts)
        return parts, told

    def tell(self, picture: Image, starting: bool, columns: slice = EVERYWHERE) -> tuple[Mask, Mask]:
        """The same of a picture that was learnt from before, by what is known now; of these columns alone."""
        picture = self._as_brighter(picture[:, columns])
        low, told = self._low[:, columns], self._told[:, columns]
        if self._looks == "different":
            return _above(_highest(cv2.absdiff(picture, low)), self._contrast), np.full(low.shape[:2], 255, np.uint8)
        # Nearer to the parts' colour than to the belt's; one colour alone would take a shadow's edge for a part.
        towards = _summed(cv2.multiply(picture, self._span[:, columns], dtype=cv2.CV_32F))
        parts = np.asarray(cv2.compare(towards, self._halfway[:, columns], cv2.CMP_GT), np.uint8) & told
        if self._level is None:
            return parts, told
        bright = _above(brightness(picture), self._level)
        if starting:
            return parts | (bright & ~told & self._active), told | self._active
        # Where no part has been, the first one shows by how far it is above the belt; what is darker is belt.
        first = bright & ~told & _above(_highest(cv2.subtract(picture, low)), SURE * self._contrast)
        return parts | first, told | first | (self._active & ~bright)

    def outlined(self, picture: Image, columns: slice = EVERYWHERE) -> Mask:
        """The pixels of parts in a picture that was learnt from before, none guessed: for the outline of one.

        A belt in and out of its parts' shadow is the darker and the brighter of two in its pixels, but not as bright as
        a part is anywhere.
        """
        parts, _ = self.tell(picture, starting=False, columns=columns)
        if self._level is None:
            return parts
        return parts & _above(brightness(self._as_brighter(picture[:, columns])), self._level)

    def _as_brighter(self, picture: Image) -> Image:
        return np.asarray(cv2.bitwise_not(picture), np.uint8) if self._looks == "darker" else picture

    def _watch_flood(self, parts: Mask) -> None:
        count = cv2.countNonZero(parts)
        self._empty = bool(count < FIRST_STEP * self._part_area)
        most = FLOODED
        if self._looks != "different":
            most = min(FLOODED, max(0.5, LANE * self._part_height / len(parts)))
        self._flooded = self._flooded + 1 if count > most * parts.size else 0
        if self._flooded > FLOODED_FRAMES:
            self._relearn()

    def _learn(self, picture: Image, starting: bool) -> None:
        if not self._snapshots:
            self._first = levels(self._as_brighter(picture))  # as it came: what is turned over is turned back
            self._snapshots = [picture] * (SNAPSHOTS if self._looks == "different" else 1)  # it starts empty
            self._low, self._high = picture.copy(), picture.copy()
            self._newest = picture
            self._stood, self._told = np.zeros(picture.shape[:2], np.uint8), np.zeros(picture.shape[:2], np.uint8)
            self._span, self._halfway = np.zeros_like(picture), np.zeros(picture.shape[:2], np.float32)
            self._summarise(EVERYWHERE)
            self._tell_apart()
            return
        changed = cv2.countNonZero(_above(_highest(cv2.absdiff(picture, self._newest)), self._contrast))
        self._quiet = self._quiet + 1 if self._empty else 0
        if changed > self._step * self._part_area or self._quiet > QUIET_FRAMES:
            self._quiet = 0
            self._keep(self._without_parts(picture) if self._looks == "different" else picture)
            self._newest = picture
        if starting and self._looks != "different":  # every frame counts while little is known
            cv2.min(self._low, picture, self._low)
            cv2.max(self._high, picture, self._high)
            self._summarise(EVERYWHERE)
            self._tell_apart()
        elif self._due:
            height = len(self._low)
            rows = slice(self._strip * height // STRIPS, (self._strip + 1) * height // STRIPS)
            self._refresh(rows)
            self._summarise(rows)
            self._strip, self._due = (self._strip + 1) % STRIPS, self._due - 1
            if self._strip == 0:
                self._tell_apart()

    def _without_parts(self, picture: Image) -> Image:
        """The picture with the known belt in place of parts, so that a belt is not forgotten under many of them. What
        stood there unmoved for a whole round of snapshots belongs to the belt."""
        parts = _above(_highest(cv2.absdiff(picture, self._low)), self._contrast)
        moved = _above(_highest(cv2.absdiff(picture, self._newest)), self._contrast)
        self._stood = np.where((parts > 0) & (moved == 0), np.minimum(self._stood, 254) + np.uint8(1), np.uint8(0))
        covered = (cv2.dilate(parts, FRINGE) > 0) & (self._stood < SNAPSHOTS)
        return np.where(covered[..., None], self._low, picture)

    def _keep(self, picture: Image) -> None:
        if len(self._snapshots) < SNAPSHOTS:
            self._snapshots.append(picture)
        elif self._step < LAST_STEP:
            self._snapshots = [*self._snapshots[1::2], picture]
            self._step *= 2
        else:
            self._snapshots[self._oldest] = picture
            self._oldest = (self._oldest + 1) % SNAPSHOTS
        self._due = STRIPS  # from where it is: begun at the top, a fast belt's last rows would have no turn

    def _refresh(self, rows: slice) -> None:
        pictures = [snapshot[rows] for snapshot in self._snapshots]
        count = len(pictures)
        if self._looks == "different":
            self._low[rows] = _ranked(pictures, count // 2, lowest=True)
            return
        rank = int(RARE * count)
        # Behind dense traffic the snapshots may miss the belt altogether: what is known is given up only slowly.
        kept_low = self._low[rows] + np.minimum(FORGET, 255 - self._low[rows])
        kept_high = self._high[rows] - np.minimum(FORGET, self._high[rows])
        self._low[rows] = cv2.min(_ranked(pictures, rank, lowest=True), kept_low)
        self._high[rows] = cv2.max(_ranked(pictures, rank, lowest=False), kept_high)

    def _summarise(self, rows: slice) -> None:
        """What follows from the background of these rows, pixel by pixel, until it changes."""
        if self._looks == "different":
            return
        low, high = self._low[rows], self._high[rows]
        span = self._span[rows] = cv2.subtract(high, low)
        both = cv2.add(low, high, dtype=cv2.CV_16U)
        self._halfway[rows] = _summed(cv2.multiply(span, both, scale=0.5, dtype=cv2.CV_32F))
        self._told[rows] = _above(_highest(span), SURE * self._contrast)

    def _tell_apart(self) -> None:
        """What follows from all of it: where parts pass, and which level of brightness is between them and the belt."""
        passed = np.asarray(cv2.reduce(self._told, 1, cv2.REDUCE_AVG, dtype=cv2.CV_32F)) > 255 * ACTIVE
        thick = np.ones((max(1, round(0.1 * self._part_height)), 1), np.uint8)  # flickering edges of the scene are thin
        self._active = np.asarray(cv2.morphologyEx(_mask(passed), cv2.MORPH_OPEN, thick), np.uint8)
        sure = self._told & self._active
        if cv2.countNonZero(sure) > FIRST_STEP * self._part_area:
            self._level = (median(brightness(self._low), sure) + median(brightness(self._high), sure)) / 2


def _ranked(pictures: Sequence[Image], rank: int, lowest: bool) -> Image:
    """Per pixel and colour the value of that rank, counted from 0 at the lowest (or highest).

    rank + 1 passes of a bubble sort: cv2's minima and maxima of whole pictures are far quicker than sorting pixels.
    """
    left, right = (cv2.min, cv2.max) if lowest else (cv2.max, cv2.min)
    rest: list[MatLike] = list(pictures)
    for _ in range(rank + 1):
        best, others = rest[0], list[MatLike]()
        for picture in rest[1:]:
            others.append(right(best, picture))
            best = left(best, picture)
        rest = others
    return np.asarray(best, np.uint8)


def _highest(picture: MatLike) -> NDArray[np.uint8]:
    """uint8[h, w]: the highest of the three colours."""
    blue, green, red = cv2.split(picture)
    return np.asarray(cv2.max(cv2.max(blue, green), red), np.uint8)


def _summed(picture: MatLike) -> NDArray[np.float32]:
    """float32[h, w]: the three colours added up."""
    return np.asarray(cv2.transform(picture, np.ones((1, 3), np.float32)), np.float32)


def brightness(picture: Image) -> Brightness:
    """uint16[h, w]: the three colours of uint8[h, w, 3] added up."""
    blue, green, red = cv2.split(picture)
    return np.add(blue, green, dtype=np.uint16) + np.asarray(red, np.uint8)


def median(levels: Brightness, where: Mask) -> float:
    """Of the levels in a mask; 0 where that is empty."""
    counts = np.cumsum(cv2.calcHist([levels], [0], where, [BRIGHTEST + 1], [0, BRIGHTEST + 1]))
    return float(np.searchsorted(counts, counts[-1] / 2))


def _above(picture: NDArray[np.uint8] | Brightness, level: float) -> Mask:
    return np.asarray(cv2.threshold(picture, level, 255, cv2.THRESH_BINARY)[1], np.uint8)


def _mask(where: NDArray[np.bool_]) -> Mask:
    return where.view(np.uint8) * np.uint8(255)
