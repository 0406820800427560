"""Frame numbers for a stream that has only times. Pure."""

from collections import deque
from statistics import median
from typing import Final

LEAST: Final = 5
"""Pauses between frames from which their interval is known."""
MEMORY: Final = 16
"""The newest pauses, from which it is taken."""
JITTER: Final = 0.2
"""Share of the interval by which a pause may differ from it."""
STEADY: Final = 0.75
"""Share of the pauses that must be of that length; else the stream has no steady rate, and a pause says nothing."""


class StreamTimes:
    """Numbers frames by their times: the same time again, or an earlier one, is the same frame; where frames come
    steadily, a pause of two or more of their intervals is frames left out."""

    def __init__(self) -> None:
        self.number = 0
        self._newest_ns: int | None = None
        self._pauses: deque[int] = deque(maxlen=MEMORY)

    @property
    def learnt(self) -> bool:
        """Whether the interval is known."""
        return len(self._pauses) >= LEAST

    @property
    def gapless(self) -> bool:
        """Whether none of the newest pauses is longer than the others."""
        return not self._pauses or max(self._pauses) <= (2 - JITTER) * median(self._pauses)

    def count(self, time_ns: int | None) -> int:
        """Number the frame of this time; returns how many were left out before it. A frame without a time is new."""
        before, self._newest_ns = self._newest_ns, time_ns
        if time_ns is None or before is None:
            self.number += 1
            return 0
        pause = time_ns - before
        if pause <= 0:
            self._newest_ns = before
            return 0
        lost = self._left_out(pause)
        self._pauses.append(pause)
        self.number += 1 + lost
        return lost

    def lose(self) -> None:
        """There was a frame whose time is not known: the next pause says nothing."""
        self._newest_ns = None

    def _left_out(self, pause: int) -> int:
        if not self.learnt:
            return 0
        usual = median(self._pauses)
        steady = sum(abs(each - usual) <= JITTER * usual for each in self._pauses)
        return max(0, round(pause / usual) - 1) if steady >= STEADY * len(self._pauses) else 0
