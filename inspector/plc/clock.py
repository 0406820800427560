"""The station's clock seen from here: which of our monotonic seconds a verdict's `exposed_ns` stands for. Pure.

A heartbeat of the station's time `now` that arrives at ours `t` says: offset ≤ t − now, by however long it travelled.
The least of the last ones is the offset, unless the clock was stepped:

    t − now
      │  · ·  ·   · ·                     · a delayed heartbeat: waited out
      │ ──────────────── least + tolerance
      │ ·· · ·· ·  · ··      ··· ·· ·  ·· below: stepped forward, at once certain
      └────────────────────────────────▶  above, three alike: stepped back

Across a step nothing is known of where parts are: they are refused (`since_seq`).
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

from inspector.messages import Health, Verdict

ALIKE: Final = 3
"""So many heartbeats that agree within the tolerance make a clock known, or known anew."""
KEPT: Final = 40
"""Heartbeats whose least offset counts: 10 s, in which two clocks drift apart by a millisecond or so."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a part was exposed: certainly within these monotonic seconds of this machine."""

    early: float
    late: float


class StationClock:
    """Learns the offset from heartbeats, and trusts no timestamp that it cannot confirm."""

    def __init__(self, tolerance_s: float) -> None:
        self._tolerance_s = tolerance_s
        self.since_seq: int | None = None
        """Parts up to this one were exposed before the clock was known, or stepped; None: it is not known."""
        self._offsets: deque[float] = deque(maxlen=KEPT)
        self._strange: deque[float] = deque(maxlen=ALIKE)
        self._usual: deque[float] = deque(maxlen=KEPT)
        self._confirmed = 0.0

    @property
    def synchronized(self) -> bool:
        """Timestamps can be placed."""
        return self.since_seq is not None

    def restart(self) -> None:
        """Another run: another process, perhaps another machine."""
        self.since_seq = None
        self._offsets.clear()
        self._strange.clear()
        self._usual.clear()

    def heartbeat(self, health: Health, received: float) -> bool:
        """Learn from a heartbeat of the newest run; true where it shows that the clock was stepped."""
        offset, known, stepped = received - health.now_ns / 1e9, self.synchronized, False
        least = min(self._offsets, default=offset)
        if offset < least - self._tolerance_s:
            stepped = known
            self.restart()
        elif offset > least + self._tolerance_s:
            self._strange.append(offset)
            if len(self._strange) < ALIKE or max(self._strange) - min(self._strange) > self._tolerance_s:
                return False  # a delay, as far as is known: it confirms nothing
            stepped, alike = known, list(self._strange)[:-1]
            self.restart()
            self._offsets.extend(alike)
        self._strange.clear()
        self._offsets.append(offset)
        self._confirmed = received
        if self.since_seq is None and len(self._offsets) >= ALIKE:
            self.since_seq = health.taken
        return stepped

    def sent(self, health: Health, received: float) -> float:
        """The latest moment at which a heartbeat can have been true: before it travelled, where that is known."""
        if not self.synchronized:
            return received
        return min(received, health.now_ns / 1e9 + min(self._offsets) + self._tolerance_s)

    def moment(self, verdict: Verdict, received: float, recovered: bool) -> Moment | str | None:
        """When its part was exposed; None: not certain before the next heartbeat; text: it never will be, and why.

        At once where its age (`latency_ms`, which is monotonic) agrees with its timestamp as it usually does; else
        once a heartbeat that came after it has shown that the clock still is what it was.
        """
        if self.since_seq is None:
            return None
        if verdict.seq <= self.since_seq:
            return "exposed before the station's clock was known"
        exposed = verdict.exposed_ns / 1e9 + min(self._offsets)
        moment = Moment(exposed - self._tolerance_s, exposed + self._tolerance_s)
        travelled = received - verdict.latency_ms / 1e3 - exposed
        if travelled < -self._tolerance_s:
            return f"its timestamp is {-1e3 * travelled:.0f} ms later than its age allows"
        usual = not recovered and bool(self._usual) and abs(travelled - min(self._usual)) <= self._tolerance_s
        if usual:
            return moment
        if self._confirmed <= received or self._strange:
            return None
        if not recovered:
            self._usual.append(travelled)
        return moment
