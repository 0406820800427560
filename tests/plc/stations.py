"""A station of the tests on a real wire, with the times of this machine: heartbeats and verdicts when told."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from inspector.config import WireConfig
from inspector.messages import Health, Outcome, State, Verdict
from inspector.wire.publish import Publisher
from tests.wire.samples import health, verdict

LATENCY_S = 0.02
BOUND_S = 30.0
"""How long a test waits for what must happen, on a machine that has much else to do."""


def moment() -> tuple[float, int]:
    """Now, in monotonic seconds and Unix nanoseconds: the same moment, though the process may be held up in between."""
    while True:
        before, unix_ns, after = time.monotonic(), time.time_ns(), time.monotonic()
        if after - before < 0.001:
            return before, unix_ns


class LiveStation:
    """Belongs to the thread that made it; publish() is to be called often."""

    def __init__(self, wire: WireConfig, run: str = "r1") -> None:
        self.run = run
        self.publisher = Publisher(wire, "line1", run)
        self.seq = 0
        self.state: State = "ready"
        self._changes = 0
        self._due: list[tuple[float, Verdict]] = []
        self._beat_at = 0.0

    def expose(self, outcome: Outcome, recipe: str = "abc") -> float:
        """A part is at the camera now; returns the moment."""
        self.seq += 1
        now, unix_ns = moment()
        said = replace(verdict(self.seq, outcome, self.run), exposed_ns=unix_ns, recipe=recipe)
        self._due.append((now + LATENCY_S, said))
        return now

    def publish(self, for_s: float = 0.01) -> None:
        """Send what is due: heartbeats, verdicts, answers."""
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            sent_at, said = self._due.pop(0)
            self.publisher.verdict(replace(said, latency_ms=1000 * (now - sent_at + LATENCY_S)))
        if now >= self._beat_at:
            self._beat_at = now + 0.1  # quicker than a real one's, so that tests are
            self.publisher.health(self.health())
        self.publisher.serve(for_s)

    def health(self) -> Health:
        said = health(self.seq - len(self._due), self.run, self.state, self.seq)
        return replace(said, now_ns=time.time_ns(), counts={"state": self._changes})

    def until(self, done: Callable[[], bool], bound_s: float = BOUND_S) -> None:
        """Publish until it is so."""
        limit = time.monotonic() + bound_s
        while not done():
            assert time.monotonic() < limit, "did not come about"
            self.publish()

    def wait(self, seconds: float) -> None:
        """Publish for so long."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.publish(0.002)

    def close(self) -> None:
        self.publisher.close()


@contextmanager
def live_station(wire: WireConfig, run: str = "r1") -> Iterator[LiveStation]:
    with closing(LiveStation(wire, run)) as station:
        yield station
