"""From a mask of part pixels to stretches of the belt that are covered. Pure.

Along the travel a column is covered when enough of a part's height is in it; thin things (a reflection along the belt's
edge, a cable) and holes in the mask do not count. All lengths are in pixels of the small picture.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.triggers.belt import Mask

COVERED: Final = 0.5
"""Share of a part's height that must be seen in a column."""
BLIND: Final = 0.25
"""Where less than this share of a part's height can be told from the belt, nothing can be said."""
SMALLEST: Final = 0.3
"""Stretches shorter than this share of a part's width are no parts."""
HOLE: Final = 0.05
"""Gaps up to this share of a part's height are holes in the mask."""
THIN: Final = 0.06
"""Share of a part's height from which a column belongs to what is beside it: a bolt's head, a ring around its hole."""
SOLID: Final = 0.7
"""A thing whose longest covered piece is less than this share of it is open: a ring, a bolt, a bar at a slant."""
FILLED: Final = 0.15
"""Share of a part's width times height that an open thing covers at least."""
LONG: Final = 1.4
"""Longer than this many part widths: more than one part, if it comes apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A covered stretch of the belt, from `start` up to `end`, and across from `top` up to `bottom`."""

    start: float
    end: float
    top: float
    bottom: float
    cut_start: bool
    """It goes on beyond the picture's edge."""
    cut_end: bool
    row: float
    """How much of it is covered in a usual row; all of it, but for an open thing."""

    @property
    def open(self) -> bool:
        """It is not filled from side to side: a ring, a bolt, a bar at a slant."""
        return self.row < self.length

    def moved(self, along: float) -> "Stretch":
        """The same stretch so many pixels on."""
        return replace(self, start=self.start + along, end=self.end + along)

    def around(self) -> slice:
        """The columns that it is read from: its own, and what lies beside."""
        first, last = int(self.start), int(self.end)
        beside = 2 + _beside(first, last)
        return slice(max(0, first - beside), last + beside)

    @property
    def length(self) -> float:
        return self.end - self.start

    @property
    def centre(self) -> float:
        return (self.start + self.end) / 2


def stretches(parts: Mask, told: Mask, part: tuple[float, float]) -> list[Stretch]:
    """The covered stretches from left to right. part: width and height of a part."""
    width, height = part
    seen = cv2.reduce(parts, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0] / 255
    could = cv2.reduce(told, 0, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[0] / 255
    enough = COVERED * np.clip(could, BLIND * height, height)
    covered = (seen >= enough) & (could >= BLIND * height)
    found = []
    for first, last, row in _things(seen, covered, (seen >= THIN * height) & (could >= BLIND * height), part):
        if last - first >= SMALLEST * width:
            usual = _usual_row(parts[:, first:last]) if row is None else row
            top, bottom = _extent(across(parts, first, last, usual), height)
            found.append(
                Stretch(
                    start=first,
                    end=last,
                    top=top,
                    bottom=bottom,
                    cut_start=first <= 1,
                    cut_end=last >= len(covered) - 1,
                    row=usual,
                )
            )
    return found


def _things(
    seen: NDArray[np.float64], covered: NDArray[np.bool_], touched: NDArray[np.bool_], part: tuple[float, float]
) -> Iterator[tuple[int, int, float | None]]:
    """From and up to which column each thing goes, and its usual row; None for an open thing: it is yet to be read."""
    width, height = part
    for begin, stop in _runs(touched):
        cores = [(begin + first, begin + last) for first, last in _runs(covered[begin:stop])]
        longest = max((last - first for first, last in cores), default=0)
        is_one = stop - begin <= LONG * width and longest < SOLID * (stop - begin)
        if is_one and seen[begin:stop].sum() >= FILLED * width * height:
            yield begin, stop, None
            continue
        for start, end in cores:
            pieces = [(start, end)] if end - start <= LONG * width else list(_pieces(seen, start, end, width))
            for first, last in pieces:
                yield first, last, last - first


def _usual_row(parts: Mask) -> float:
    """How many pixels of an open thing a row of it mostly has."""
    rows = _in_rows(parts)
    return float(np.percentile(rows[rows > 0], 25)) if rows.any() else 1.0


def across(parts: Mask, first: int, last: int, row: float) -> NDArray[np.float64]:
    """float64[h]: how surely a part between two columns is in each row: 1 it is, -1 it is not, 0 cannot be said.

    row: how many pixels of the part a row of it has.

    Where what is covered goes on beside the part (a wall behind it, the belt's edge), nothing can be said.
    """
    near = _beside(first, last)
    beside = [parts[:, max(0, first - 1 - near) : max(0, first - 1)], parts[:, last + 1 : last + 1 + near]]
    sure = np.minimum(2 * _in_rows(parts[:, first:last]) / row, 2.0) - 1
    if columns := beside[0].shape[1] + beside[1].shape[1]:
        sure *= 1 - sum(_in_rows(each) for each in beside if each.shape[1]) / columns
    return np.asarray(sure)


def _beside(first: int, last: int) -> int:
    """How many columns on each side of these show what lies beside a part."""
    return max(2, round(0.05 * (last - first)))


def _in_rows(parts: Mask) -> NDArray[np.float64]:
    """float64[h]: how many pixels of a mask are set in each row."""
    return np.asarray(cv2.reduce(parts, 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)[:, 0] / 255)


def place(sure: NDArray[np.float64], length: float) -> float:
    """The centre of the window of that length in which a part most surely is; of equal ones the middle."""
    window = max(1, min(round(length), len(sure)))
    fit = np.convolve(sure, np.ones(window), "valid")
    best = np.flatnonzero(fit >= fit.max() - 0.25)
    return float(best[0] + best[-1]) / 2 + window / 2


def _pieces(seen: NDArray[np.float64], start: int, end: int, width: float) -> Iterator[tuple[int, int]]:
    """A long stretch, taken apart where less is covered; in one piece when that gives no parts."""
    within = seen[start:end]
    runs = list(_runs(within >= 0.8 * np.median(within)))
    if len(runs) > 1 and all(0.5 * width <= last - first <= LONG * width for first, last in runs):
        for first, last in runs:
            yield start + first, start + last
    else:
        yield start, end


def spread(parts: Mask, stretch: Stretch, height: float) -> Stretch:
    """The same stretch with what it covers across the travel read anew. height: of a part."""
    top, bottom = _extent(across(parts, int(stretch.start), int(stretch.end), stretch.row), height)
    return replace(stretch, top=top, bottom=bottom)


def _extent(sure: NDArray[np.float64], height: float) -> tuple[float, float]:
    """From where to where the part goes across the travel, around where most of it is; thin gaps are holes in it."""
    centre = place(sure, height)
    runs = list(_runs(sure > 0))
    top = bottom = centre
    for first, last in runs:
        if first <= centre + height / 2 and last >= centre - height / 2:
            top, bottom = min(top, first), max(bottom, last)
    for first, last in runs:  # what goes on beyond belongs to it too
        if max(top - last, first - bottom) <= HOLE * height:
            top, bottom = min(top, first), max(bottom, last)
    return top, bottom


def _runs(flags: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    framed = np.zeros(len(flags) + 2, bool)
    framed[1:-1] = flags
    edges = np.flatnonzero(framed[1:] != framed[:-1])
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
