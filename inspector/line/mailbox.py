"""One place, newest wins: what people look at may be skipped, never queued."""

import threading
from typing import Generic, TypeVar

T = TypeVar("T")


class Pace:
    """Says yes at most so many times a second, over any stretch but for one; never at 0. Belongs to one thread.

    Parts that come at that very rate come now a little early and now a little late. A pause counted from the last yes
    would refuse every early one, four in ten of them; so what came late may be caught up, by one.
    """

    def __init__(self, per_second: float) -> None:
        self._interval_ns = int(1e9 / per_second) if per_second > 0 else None
        self._next_ns: int | None = None

    def due(self, now_ns: int) -> bool:
        """Whether it is time for the next one; a yes counts as that one."""
        if self._interval_ns is None or (self._next_ns is not None and now_ns < self._next_ns):
            return False
        earliest_ns = now_ns - self._interval_ns
        self._next_ns = self._interval_ns + (now_ns if self._next_ns is None else max(self._next_ns, earliest_ns))
        return True


class Mailbox(Generic[T]):
    """Hands the newest item from one thread to another. Posting never waits, except for the lock."""

    def __init__(self) -> None:
        self._item: T | None = None
        self._is_preview = False
        self._closed = False
        self._changed = threading.Condition()

    @property
    def closed(self) -> bool:
        """Whether nothing will come any more; an item left in it can still be taken."""
        return self._closed

    def post(self, item: T, *, preview: bool = False) -> bool:
        """Leave an item in place of what lies there; False when refused.

        A preview never displaces an item that is not one: a reject is not hidden by the empty belt after it.
        """
        with self._changed:
            if self._closed or (preview and self._item is not None and not self._is_preview):
                return False
            self._item, self._is_preview = item, preview
            self._changed.notify()
            return True

    def take(self, timeout_s: float) -> T | None:
        """The newest item, once; None when none came in time or the mailbox is closed and empty."""
        with self._changed:
            self._changed.wait_for(lambda: self._item is not None or self._closed, timeout_s)
            item, self._item = self._item, None
            return item

    def close(self) -> None:
        """Take nothing in any more, and wake who waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
