"""What is watched beside single parts: rejects in a row, their share, and the photo-eye's count. Pure."""

from collections import deque
from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from inspector.plc.decisions import Decision

SETTLES_S: Final = 3.0
"""The photo-eye and the station may disagree for so long: a part is counted by one of them first."""


class Alarm(IntEnum):
    """ALARM."""

    NONE = 0
    IN_A_ROW = 1
    SHARE = 2
    LATE = 3


class RejectAlarm:
    """Many rejects are seldom bad parts: a dirty lens, a lamp, the wrong recipe. It stays until it is reset."""

    def __init__(self, in_a_row: int | None, share: float | None, of: int) -> None:
        self._in_a_row = in_a_row
        self._share = share
        self._row = 0
        self._last: deque[bool] = deque(maxlen=of)
        self.alarm = Alarm.NONE

    def take(self, decisions: Iterable[Decision]) -> None:
        """Count decisions of parts that were seen; what an earlier bridge or run left undecided is no sign of them."""
        for decision in decisions:
            if decision.verdict is None:
                continue
            self._row = 0 if decision.accept else self._row + 1
            self._last.append(not decision.accept)
            if self._row == self._in_a_row:
                self.alarm = Alarm.IN_A_ROW
        if self._share is not None and len(self._last) == self._last.maxlen and self._too_many(self._share):
            self.alarm = self.alarm or Alarm.SHARE

    def late(self) -> None:
        """A decision came too late for its window: the line is faster than the inspection."""
        self.alarm = self.alarm or Alarm.LATE

    def reset(self) -> None:
        """Somebody has looked."""
        self._row, self.alarm = 0, Alarm.NONE
        self._last.clear()

    def _too_many(self, share: float) -> bool:
        return sum(self._last) > share * len(self._last)


class EyeCheck:
    """The PLC's photo-eye at the camera counts the parts that the station should have taken."""

    def __init__(self) -> None:
        self._run: str | None = None
        self._offset = 0
        self._since: float | None = None

    def take(self, run: str | None, eye: int, taken: int | None, now: float) -> str | None:
        """Text where they have disagreed for long; then the count starts anew."""
        if run is None or taken is None or run != self._run:
            self._run, self._since = run, None
            self._offset = eye - (taken or 0)
            return None
        missing = (eye - taken - self._offset + (1 << 31)) % (1 << 32) - (1 << 31)
        if missing == 0:
            self._since = None
            return None
        self._since = now if self._since is None else self._since
        if now - self._since < SETTLES_S:
            return None
        self._offset, self._since = eye - taken, None
        return f"the photo-eye counted {abs(missing)} parts {'more' if missing > 0 else 'fewer'} than the station took"
