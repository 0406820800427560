"""From a camera's clock to the host's. Pure."""

from typing import Final

WINDOW_NS: Final = 5_000_000_000
"""The shortest transport is looked for in the newest one to two of these, so that a drifting crystal (20 to 100 parts
in a million) costs at most a millisecond."""
RATE: Final = 0.01
"""A clock that runs faster or slower than the host's by more than this is not counting nanoseconds."""
SLACK_NS: Final = 20_000_000
"""What the shortest transport may differ by from one window to the next."""


class ClockMap:
    """Maps the camera's time of a frame to the host's monotonic time.

    arrival − camera time is the two clocks' offset plus how long the frame was on its way; the smallest of many is the
    offset plus the shortest way, and it is what is subtracted. So what is mapped is late by the shortest transport,
    which is constant, and free of the jitter of the others. A camera whose clock starts over or leaps is met anew; one
    that has no clock, or whose clock runs at another rate, gets the arrival.
    """

    def __init__(self) -> None:
        self._newest: int | None = None
        self._start_ns = 0
        self._this: int | None = None
        self._last: int | None = None
        self._usable = True

    @property
    def usable(self) -> bool:
        """Whether times are the camera's: it has a clock, of the right rate as far as is known."""
        return self._usable and self._this is not None

    def monotonic_ns(self, camera_ns: int | None, arrived_ns: int) -> int:
        """When the frame was exposed, at the latest when it arrived."""
        if camera_ns is None:
            return arrived_ns
        if self._newest is not None and camera_ns <= self._newest:
            self._this = self._last = None  # the camera was started anew
        self._newest = camera_ns
        offset = arrived_ns - camera_ns
        if self._this is None:
            self._this, self._start_ns = offset, arrived_ns
        elif arrived_ns - self._start_ns >= WINDOW_NS:
            self._usable = self._last is None or self._is_steady(self._this - self._last, arrived_ns - self._start_ns)
            self._this, self._last, self._start_ns = offset, self._this, arrived_ns
        self._this = min(self._this, offset)
        shortest = self._this if self._last is None else min(self._this, self._last)
        return camera_ns + shortest if self._usable else arrived_ns

    @staticmethod
    def _is_steady(change_ns: int, elapsed_ns: int) -> bool:
        return abs(change_ns) <= RATE * elapsed_ns + SLACK_NS
