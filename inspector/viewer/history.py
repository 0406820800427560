"""The last thousands of verdicts, across runs, for whoever wants to look back: the trend, the what-if."""

from collections import deque
from collections.abc import Iterator
from typing import Final

from inspector.messages import Verdict

ROOM: Final = 10_000
"""Five minutes at 30 parts a second; more than an hour at two."""
PAGE: Final = 2000
"""Verdicts given at a time, so that the pictures do not wait while they are written."""


class History:
    """Verdicts in the order in which they came, each with a place that never changes. Pure, bounded.

    A verdict that replaces another (a contradiction) is one more: of two with the same run and seq the later counts.
    """

    def __init__(self, room: int = ROOM) -> None:
        self._verdicts: deque[Verdict] = deque(maxlen=room)
        self._end = 0

    @property
    def end(self) -> int:
        """The place after the newest."""
        return self._end

    def add(self, verdict: Verdict) -> None:
        self._verdicts.append(verdict)
        self._end += 1

    def since(self, place: int, limit: int = PAGE) -> tuple[int, list[Verdict]]:
        """At most `limit` verdicts from a place on, or from the oldest kept, and the place after them."""
        start = min(max(place, self._end - len(self._verdicts)), self._end)
        first = start - (self._end - len(self._verdicts))
        chosen = [self._verdicts[index] for index in range(first, min(len(self._verdicts), first + limit))]
        return start + len(chosen), chosen

    def newest_first(self) -> Iterator[Verdict]:
        """All that are kept."""
        return reversed(self._verdicts)
