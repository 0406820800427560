"""When footage is due."""

import threading
import time
from collections.abc import Callable


class Pacer:
    """Holds footage back until its time, on one schedule that starts with the first release: lateness never adds up.

    Decode first, then wait, then stamp: the decoder's time is part of no frame's age.
    """

    def __init__(self, stop: threading.Event, speed: float, clock: Callable[[], float] = time.monotonic) -> None:
        """speed: 1 in real time, 2 twice as fast, 0 without waiting."""
        self._stop = stop
        self._speed = speed
        self._clock = clock
        self._start: float | None = None

    def wait(self, due_s: float) -> bool:
        """Wait until `due_s` seconds of footage have passed since its start; False, at once, when told to stop."""
        now = self._clock()
        if self._start is None and self._speed > 0:
            self._start = now - due_s / self._speed
        if self._start is not None:
            # an Event may wake a little early
            while (left := self._start + due_s / self._speed - now) > 0 and not self._stop.wait(left):
                now = self._clock()
        return not self._stop.is_set()
