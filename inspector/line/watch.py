"""How the line sees that it was stopped from outside, or that something in it does not come back."""

import threading
import time
from typing import Final

FROZEN_S: Final = 1.0
"""A process of which no thread ran for so long was frozen: stopped, swapped out, or held up by one of them."""
WAITED_S: Final = 0.002
"""A driver that has to be waited for longer than this has no backlog."""


class Pulse:
    """Since when a thread has been inside something that may never return. That thread sets it, any thread reads it."""

    def __init__(self) -> None:
        self._since_ns: int | None = None

    def begin(self) -> None:
        """The thread goes in."""
        self._since_ns = time.monotonic_ns()

    def end(self) -> None:
        """It came back."""
        self._since_ns = None

    def busy_s(self) -> float:
        """For how long it has been inside; 0 while it is not."""
        since_ns = self._since_ns
        return 0.0 if since_ns is None else (time.monotonic_ns() - since_ns) / 1e9


class Freshness:
    """Tells a driver's backlog from new pictures once the process was frozen: what piled up meanwhile comes at once.

    tick() is called by threads that never sleep longer than FROZEN_S; stale() by the thread that takes the pictures.
    """

    def __init__(self) -> None:
        self._ticked_ns: int | None = None
        self._thaws = 0
        self._thaws_seen = 0
        self._draining = False
        self._lock = threading.Lock()

    def tick(self, now_ns: int) -> None:
        """The process runs, now (monotonic)."""
        with self._lock:
            if self._ticked_ns is not None and now_ns - self._ticked_ns > FROZEN_S * 1e9:
                self._thaws += 1
            self._ticked_ns = max(now_ns, self._ticked_ns or now_ns)

    def stale(self, asked_ns: int, given_ns: int) -> bool:
        """Whether a picture asked for and given at these times (monotonic) was taken while the process was frozen."""
        self.tick(given_ns)
        if self._thaws != self._thaws_seen:
            self._thaws_seen = self._thaws
            self._draining = True  # and this picture, whose wait the frost is part of, is the first of the backlog
            return True
        self._draining = self._draining and given_ns - asked_ns < WAITED_S * 1e9
        return self._draining
