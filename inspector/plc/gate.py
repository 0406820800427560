"""What the gate at the ejector is told: windows of belt positions, compared by the PLC with its own counter. Pure.

    camera                              ejector
      │  ────────── delay ──────────────▶ │
    ──●──────────●───────────●────────────┼────▶ belt
      part                          │◀ width ▶│
                                    a part's window: its position + delay, half the width to each side

A window is in the PLC's own counts, so that however late its message comes, it means this part's place and no other.
Permit: the gate lets pass within a window, and rejects everywhere else. Pulse: it rejects within one, and nowhere else.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from inspector.plc.belt import Place

SLOTS: Final = 8
"""Windows that the PLC holds at a time; the next ones follow as these pass."""


ANY: Final = 1
"""The id of a window that is for no one part."""
FAR: Final = 1 << 30
"""Counts; a PLC compares 32-bit counters by their difference, which must stay well below half of their range."""


@dataclass(frozen=True, slots=True)
class Window:
    """Positions on the belt at the ejector, first and last included, unrolled as in Belt."""

    result_id: int
    first: float
    last: float


class Gate(Protocol):
    """A way to actuate. Places are positions at the camera; `now` is the furthest that the belt has come."""

    def accept(self, result_id: int, place: Place, now: float, /) -> str | None:
        """Let this part pass; text: it cannot be, why, and it is to be rejected."""

    def reject(self, result_id: int, place: Place, now: float, /) -> bool:
        """This part, which is here, must not pass, though it may have been let pass; false where it is too late."""

    def reject_between(self, first: float | None, last: float) -> None:
        """Whatever is there must not pass; first None: from what is at the ejector now."""

    def reset(self) -> None:
        """Positions told so far mean nothing any more."""

    def windows(self, now: float) -> tuple[Window, ...]:
        """Those for the PLC now, at most SLOTS, the next first."""


class Permits:
    """Nothing passes without a window of its own."""

    def __init__(self, delay: float, width: float, lead: float) -> None:
        """In counts; lead: how far a window must be from the ejector still when it is told."""
        self._delay = delay
        self._half = width / 2
        self._lead = lead
        self._open: deque[Window] = deque()
        self._forbidden: deque[tuple[float, float]] = deque(maxlen=64)

    def accept(self, result_id: int, place: Place, now: float, /) -> str | None:
        """See Gate."""
        window = Window(result_id, place.at + self._delay - self._half, place.at + self._delay + self._half)
        if window.first <= now + self._lead:
            return "late"
        if any(low <= window.last and high >= window.first for low, high in self._forbidden):
            return "crowded"
        self._open.append(window)
        return None

    def reject(self, _result_id: int, place: Place, now: float, /) -> bool:
        """See Gate. A part let pass that is so close that both would pass loses its window."""
        low, high = place.at - place.error + self._delay, place.at + place.error + self._delay
        self._forbidden.append((low, high))
        kept = deque(window for window in self._open if window.last < low or window.first > high)
        withdrawn, self._open = len(self._open) - len(kept), kept
        return not withdrawn or low - self._half > now

    def reject_between(self, first: float | None, last: float) -> None:
        """See Gate: nothing passes there anyway."""

    def reset(self) -> None:
        """See Gate."""
        self._open.clear()
        self._forbidden.clear()

    def windows(self, now: float) -> tuple[Window, ...]:
        """See Gate."""
        if self._open and self._open[0].last < now - self._delay:  # well past, whatever `now` allows for
            self._open.popleft()
        ahead = [window for window in self._open if window.last >= now]
        return tuple(sorted(ahead, key=lambda window: window.first)[:SLOTS])


class Pulses:
    """Everything passes but what is in a window: safe only with a PLC that diverts when the bridge falls silent."""

    def __init__(self, delay: float, width: float) -> None:
        """In counts."""
        self._delay = delay
        self._half = width / 2
        self._shut: list[Window] = []

    def accept(self, _result_id: int, place: Place, _now: float, /) -> str | None:
        """See Gate: it passes where nothing is told, unless another's window reaches over it."""
        at = place.at + self._delay
        return "crowded" if any(window.first <= at <= window.last for window in self._shut) else None

    def reject(self, result_id: int, place: Place, now: float, /) -> bool:
        """See Gate."""
        middle, reach = place.at + self._delay, self._half + place.error
        self._add(Window(result_id, middle - reach, middle + reach))
        return middle - reach > now

    def reject_between(self, first: float | None, last: float) -> None:
        """See Gate."""
        begin, end = float("-inf") if first is None else first + self._delay, last + self._delay
        if end > begin:
            self._add(Window(ANY, begin, end))

    def reset(self) -> None:
        """See Gate."""
        self._shut.clear()

    def windows(self, now: float) -> tuple[Window, ...]:
        """See Gate. Behind the eighth they are told as one, from the first's beginning to the last's end."""
        self._shut = [window for window in self._shut if window.last >= now - self._delay]
        return tuple(_at_most(SLOTS, [Window(w.result_id, max(w.first, w.last - FAR), w.last) for w in self._shut]))

    def _add(self, window: Window) -> None:
        """Keep them in order, joining what overlaps."""
        joined = window
        apart = []
        for other in self._shut:
            if other.last < joined.first or other.first > joined.last:
                apart.append(other)
            else:
                joined = Window(other.result_id, min(other.first, joined.first), max(other.last, joined.last))
        self._shut = sorted([*apart, joined], key=lambda each: each.first)


def _at_most(count: int, windows: Iterable[Window]) -> list[Window]:
    told = list(windows)
    if len(told) <= count:
        return told
    rest = told[count - 1 :]
    return [*told[: count - 1], Window(rest[0].result_id, rest[0].first, max(window.last for window in rest))]
