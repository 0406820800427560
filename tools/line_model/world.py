"""Virtual time: what happens next, and the one source of chance."""

import heapq
import random
from collections import Counter
from collections.abc import Callable


class World:
    """Events in the order of their times; the same seed gives the same world."""

    def __init__(self, seed: int) -> None:
        self.now = 0.0
        self.chance = random.Random(seed)
        self.faults: Counter[str] = Counter()
        self.troubles: list[tuple[float, float, str]] = []
        """Begin, end and kind of every fault that was made."""
        self._queue: list[tuple[float, int, Callable[[], None]]] = []
        self._count = 0

    def at(self, moment: float, happens: Callable[[], None]) -> None:
        """Something is to happen then; not before now."""
        self._count += 1
        heapq.heappush(self._queue, (max(moment, self.now), self._count, happens))

    def after(self, seconds: float, happens: Callable[[], None]) -> None:
        """Something is to happen in a while."""
        self.at(self.now + seconds, happens)

    def trouble(self, kind: str, seconds: float = 0.0) -> None:
        """A fault begins now and lasts so long."""
        self.faults[kind] += 1
        self.troubles.append((self.now, self.now + seconds, kind))

    def run(self, done: Callable[[], bool]) -> None:
        """Until then."""
        while self._queue and not done():
            self.now, _, happens = heapq.heappop(self._queue)
            happens()
