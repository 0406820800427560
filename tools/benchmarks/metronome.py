"""Sources without a camera: pictures in memory, given on a schedule, or as fast as they are taken."""

import math
import threading
import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from inspector.messages import Frame, Image


class Metronome:
    """Gives picture k at its time, whatever became of the one before, and keeps how late it woke.

    In bursts of `burst` pictures at once, if more than 1, at the same rate on average.
    """

    live = True
    paced = True

    def __init__(self, pictures: Sequence[Image], count: int, rate: float, burst: int = 1) -> None:
        """rate: pictures a second."""
        self.frame_size: tuple[int, int] | None = (pictures[0].shape[1], pictures[0].shape[0])
        self.late_ms: NDArray[np.float64] = np.zeros(count)
        """By part: from its time to its arrival."""
        self.arrived_ms: NDArray[np.float64] = np.zeros(count)
        """By part: its arrival, monotonic."""
        self._pictures = pictures
        self._step_ns = 1e9 / rate
        self._burst = burst

    def frames(self, stop: threading.Event) -> Iterator[Frame]:
        start_ns = time.monotonic_ns() + 200_000_000
        for number in range(len(self.late_ms)):
            due_ns = start_ns + int(number // self._burst * self._burst * self._step_ns)
            while (left_ns := due_ns - time.monotonic_ns()) > 0:
                time.sleep(left_ns / 1e9)  # an Event's wait is coarser
            if stop.is_set():
                return
            arrived_ns = time.monotonic_ns()
            self.late_ms[number] = (arrived_ns - due_ns) / 1e6
            self.arrived_ms[number] = arrived_ns / 1e6
            yield _frame(self._pictures[number % len(self._pictures)], number, arrived_ns)

    def close(self) -> None:
        """Nothing is held open."""


class Preloaded:
    """Gives its pictures as fast as they are taken; waits where the ring is full."""

    live = False
    paced = False

    def __init__(self, pictures: Sequence[Image], count: int, at_most: float = math.inf) -> None:
        """at_most: pictures a second."""
        self.frame_size: tuple[int, int] | None = (pictures[0].shape[1], pictures[0].shape[0])
        self.first_ns = self.last_ns = 0
        """When the first and the last picture was given."""
        self._pictures = pictures
        self._count = count
        self._step_ns = 1e9 / at_most

    def frames(self, stop: threading.Event) -> Iterator[Frame]:
        self.first_ns = time.monotonic_ns()
        for number in range(self._count):
            if stop.is_set():
                return
            if number % 64 == 0 and (left_ns := self.first_ns + number * self._step_ns - time.monotonic_ns()) > 0:
                time.sleep(left_ns / 1e9)
            yield _frame(self._pictures[number % len(self._pictures)], number, time.monotonic_ns())
        self.last_ns = time.monotonic_ns()

    def close(self) -> None:
        """Nothing is held open."""


def _frame(image: Image, number: int, arrived_ns: int) -> Frame:
    return Frame(exposed_ns=time.time_ns(), arrived_ns=arrived_ns, counter=number + 1, image=image)
