"""The ring between capture and scoring: lent slots, a named policy for when it is full, counted loss.

    driver's picture ──put: the one copy──▶ slot ──take: lent, not copied──▶ scorer

A slot is free, being filled, queued or lent, and never two of these; so what a scorer reads is never written to.
"""

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from inspector.config import Overflow
from inspector.messages import Part

STOP_POLL_S = 0.05
"""How often a producer that waits for room looks at its stop event, which cannot wake it."""


class FrameRing:
    """A bounded queue of parts whose pictures live in slots allocated once, at the start.

    overflow, when no slot is free: `block` makes the producer wait; `drop_oldest` gives up the part that has waited
    longest, `drop_newest` the one that comes. Any thread may call any method.
    """

    def __init__(self, slots: int, slot_bytes: int, overflow: Overflow) -> None:
        self._slots = [np.empty(slot_bytes, np.uint8) for _ in range(slots)]
        self._overflow = overflow
        self._free = deque(range(slots))
        self._queued: deque[tuple[int, Part]] = deque()
        self._lost = 0
        self._closed = False
        self._changed = threading.Condition()

    def __len__(self) -> int:
        """How many parts wait to be taken."""
        return len(self._queued)

    @property
    def slot_bytes(self) -> int:
        """Bytes of the largest picture that a slot holds."""
        return self._slots[0].nbytes

    @property
    def lost(self) -> int:
        """How many parts were displaced so far."""
        return self._lost

    @property
    def drained(self) -> bool:
        """Closed and empty: nothing will come any more."""
        with self._changed:
            return self._closed and not self._queued

    def put(self, part: Part, stop: threading.Event) -> int | None:
        """Copy a part into a slot; the seq of the part displaced by that: an older one, this one, or None.

        A put that has to wait when `stop` is set, or that comes after close(), displaces its own part.
        Raises ValueError for a picture larger than a slot.
        """
        size = part.image.nbytes
        if size > self.slot_bytes:
            raise ValueError(f"picture of part {part.seq} has {size} bytes; a slot of the ring has {self.slot_bytes}")
        slot, displaced = self._reserve(stop)
        if slot is None:
            return part.seq
        picture = self._slots[slot][:size].reshape(part.image.shape)
        np.copyto(picture, part.image)  # outside the lock: the slot is nobody else's now
        with self._changed:
            self._queued.append((slot, replace(part, image=picture)))
            self._changed.notify_all()
        return displaced

    @contextmanager
    def take(self, timeout_s: float) -> Iterator[Part | None]:
        """Lend the part that has waited longest; its picture must not be used after the block.

        None when none came in time, or when the ring is closed and drained.
        """
        lent = self._lend(timeout_s)
        if lent is None:
            yield None
            return
        slot, part = lent
        try:
            yield part
        finally:
            self._give_back(slot)

    def close(self) -> None:
        """Take no more parts in; those inside can still be taken. Wakes all who wait."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _reserve(self, stop: threading.Event) -> tuple[int | None, int | None]:
        """A slot to fill, None when the newcomer is given up; and the seq of an older part given up for it."""
        with self._changed:
            while not self._closed:
                if self._free:
                    return self._free.popleft(), None
                if self._overflow == "drop_oldest" and self._queued:
                    slot, oldest = self._queued.popleft()
                    self._lost += 1
                    return slot, oldest.seq
                if self._overflow != "block" or stop.is_set():
                    break
                self._changed.wait(STOP_POLL_S)
            self._lost += 1
            return None, None

    def _lend(self, timeout_s: float) -> tuple[int, Part] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._queued or self._closed, timeout_s)
            return self._queued.popleft() if self._queued else None

    def _give_back(self, slot: int) -> None:
        with self._changed:
            self._free.append(slot)
            self._changed.notify_all()
