"""One part as people are told of it while it travels: calmer than what is decided by. It decides nothing."""

from dataclasses import dataclass
from typing import Final

from inspector.messages import Followed
from inspector.triggers.tracks import Track

AVERAGED: Final = 10
"""Frames over which a part's top and bottom are averaged, as a track's width is."""
LIKE: Final = 0.1
"""What is seen of a part is believed while it is as long as before, but for this share: else it meets a bright wall, or
another part. Then the part moves as the belt does."""
HASTE: Final = 0.02
"""A box goes after its part by at most so many part widths a frame, besides what the belt moves."""
ALONE: Final = 0.1
"""The same while nothing tells how the belt moves: the last part leaves the picture, say."""
MOVED: Final = 0.3
"""A box is shown of what has moved by so many part widths: what stands there from the start may be no part."""
HIDDEN: Final = 10
"""Frames for which a part that is not seen is still told of, where it must be; for longer it would be a guess."""


@dataclass(slots=True, kw_only=True, eq=False)
class Following:
    """What is remembered of one track. All lengths are in pixels of the small picture, in which the travel is
    horizontal."""

    seq: int | None = None
    """None until it is taken for judging."""
    _x: float = 0.0
    _width: float = 0.0
    _top: float = 0.0
    _bottom: float = 0.0
    _seen: int = 0
    _best: float = 0.0
    """Where it was in the best picture so far: once it is taken, in the one that is judged."""

    def look(self, track: Track, step: float) -> None:
        """Take in where it is in a new frame. step: how far the belt has moved since the one before.

        From when it is taken on it keeps its size: at the line it is seen best, and it does not change on its way.
        """
        if not self._seen:
            self._x = track.x
        self._x += step if self._seen else 0.0
        if not step or self._is_plain(track):
            haste = (HASTE if step else ALONE) * self._width
            self._x += max(-haste, min(haste, track.x - self._x))
        if track.alone is not None and self.seq is None:
            self._seen = min(self._seen + 1, AVERAGED)
            self._top += (track.alone.top - self._top) / self._seen
            self._bottom += (track.alone.bottom - self._bottom) / self._seen
            self._width = track.width

    def _is_plain(self, track: Track) -> bool:
        """Whether it is this part, and nothing besides it, that is seen where the track is."""
        like = track.alone is None or abs(track.alone.length - self._width) <= LIKE * self._width
        return not (track.missing or track.shared) and like

    def stands_best(self, track: Track) -> None:
        """The picture of it in this frame is the best so far."""
        self._best = track.x

    def taken(self, seq: int, window: tuple[float, float] | None) -> None:
        """It is judged from its best picture. window: from where to where across the travel a part of the usual size
        was found in it, which its box takes in; None where it was not understood."""
        self.seq = seq
        if window is not None:
            self._top, self._bottom = min(self._top, window[0]), max(self._bottom, window[1])

    def told(self, track: Track, usual: tuple[float, float], factor: int, upright: bool) -> Followed | None:
        """Where it is, in pixels of a frame `factor` times as large, in a box no smaller than a usual part's; None
        while it has not been seen whole, has not moved, or is hidden."""
        is_part = self.seq is not None or track.furthest > MOVED * track.width
        if not (self._seen and is_part and track.missing <= HIDDEN):
            return None
        along, across = max(self._width, usual[0]), max(self._bottom - self._top, usual[1])
        box = (self._x - along / 2, (self._top + self._bottom - across) / 2, along, across)
        x, y, width, height = (round(factor * length, 1) for length in box)
        moved = round(factor * (self._x - self._best), 1)
        return Followed(
            x=y if upright else x,
            y=x if upright else y,
            width=height if upright else width,
            height=width if upright else height,
            seq=self.seq,
            moved=None if self.seq is None else (0.0, moved) if upright else (moved, 0.0),
        )
