"""Parts followed along the belt: what is covered now, told apart by where each part must be. Pure.

A track keeps its identity while its part is hidden, touches another, stands, or leaves the picture and backs up into
it again: what is not seen moves as the belt does, which is as the seen parts do. All lengths are in pixels of the small
picture.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from inspector.triggers.profile import LONG, Stretch

REACH: Final = 0.5
"""A part is looked for so many part widths around where it must be."""
TALL: Final = 2.2
"""What is higher than this many part heights (a hand, a person, the light) is nothing to follow."""
PATIENCE: Final = 30
"""Frames for which a part in the middle of the picture may be hidden before it is given up."""
FEWEST: Final = 0.25
"""A stretch at the picture's edge is followed from this share of a part's width on."""


@dataclass(slots=True, kw_only=True, eq=False)
class Track:
    """One part on the belt."""

    x: float
    """Centre along the travel; predicted while it is not seen."""
    width: float
    first_x: float
    furthest: float = 0.0
    """How far it has been from where it was first seen."""
    seen: int = 0
    """In how many frames."""
    missing: int = 0
    """In how many frames since."""
    alone: Stretch | None = None
    """What covers the belt, if in this frame that is this part alone and all of it."""
    shared: bool = False
    """What covers the belt there is more than one part: where each of them is, is told by their usual size."""


class Tracks:
    """The parts on the belt of one run."""

    def __init__(self, part: tuple[float, float], length: float) -> None:
        """part: width and height of a part; length: of the picture along the travel."""
        self._width, self._height = part
        self._length = length
        self._step = 0.0
        self._place = self._least = self._most = 0.0
        self.all: list[Track] = []

    @property
    def travelled(self) -> float:
        """How far apart the belt's farthest places were, as seen by its parts."""
        return self._most - self._least

    @property
    def step(self) -> float:
        """How far the belt has moved with the last picture, as seen by its parts."""
        return self._step

    def update(self, found: Sequence[Stretch]) -> list[Track]:
        """Take in the stretches of one frame; returns the tracks that are given up."""
        before = {track: track.x for track in self.all}
        for track in self.all:
            track.x += self._step
            track.alone = None
            track.shared = False
        found = [s for s in found if s.bottom - s.top <= TALL * self._height]
        held: list[list[Track]] = [[] for _ in found]
        for track in self.all:
            gaps = [max(s.start - track.x, track.x - s.end, 0.0) for s in found]
            if gaps and min(gaps) <= REACH * self._width:
                held[gaps.index(min(gaps))].append(track)
        placed: set[Track] = set()
        for stretch, tracks in zip(found, held, strict=True):
            placed.update(self._settle(stretch, tracks))
        for track in self.all:
            if track in placed:
                track.seen += 1
                track.missing = 0
                track.furthest = max(track.furthest, abs(track.x - track.first_x))
            else:
                track.missing += 1
        moved = [track.x - x for track, x in before.items() if track.alone is not None and track.missing == 0]
        self._step = median(moved) if moved else 0.0
        self._place += self._step
        self._least, self._most = min(self._least, self._place), max(self._most, self._place)
        gone = [track for track in self.all if self._is_gone(track)]
        self.all = [track for track in self.all if track not in gone]
        return gone

    def _settle(self, stretch: Stretch, tracks: list[Track]) -> list[Track]:
        """Say where in a stretch each of its tracks is; begins tracks for parts that none of them is."""
        count = max(1, round(stretch.length / self._width)) if stretch.length > LONG * self._width else 1
        if count == 1:
            if not tracks:
                if (stretch.cut_start or stretch.cut_end) and stretch.length < FEWEST * self._width:
                    return []
                tracks = [self._begin(self._centre(stretch, self._width))]
            track = min(tracks, key=lambda t: abs(t.x - self._centre(stretch, t.width)))
            track.x = self._centre(stretch, track.width)
            if not (stretch.cut_start or stretch.cut_end):
                track.width += (stretch.length - track.width) / min(track.seen + 1, 10)
                track.alone = stretch
            return [track]
        places = [stretch.start + (n + 0.5) * stretch.length / count for n in range(count)]
        placed = []
        for track in sorted(tracks, key=lambda t: abs(t.x - stretch.centre), reverse=True):  # the outermost are surest
            if not places:
                break
            place = min(places, key=lambda p: abs(p - track.x))
            places.remove(place)
            track.x = place
            track.shared = True
            placed.append(track)
        return placed + [self._begin(place) for place in places]

    def _begin(self, x: float) -> Track:
        track = Track(x=x, width=self._width, first_x=x)
        self.all.append(track)
        return track

    def _centre(self, stretch: Stretch, width: float) -> float:
        """Where the part's centre is, also when the picture's edge hides some of it."""
        if stretch.cut_start and not stretch.cut_end:
            return stretch.end - max(width, stretch.length) / 2
        if stretch.cut_end and not stretch.cut_start:
            return stretch.start + max(width, stretch.length) / 2
        return stretch.centre

    def _is_gone(self, track: Track) -> bool:
        if track.missing and track.seen < 2:
            return True
        outside = max(-track.x, track.x - self._length) - track.width / 2
        if outside > 0:
            return outside > self._length
        return track.missing > PATIENCE
