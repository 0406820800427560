"""Which part is where on the belt: the station's clock, the belt and the gate, taken together. Pure.

A blind interval is the time in which nothing is known of the station: from the last moment known to be good to its
recovery. What was exposed in it is rejected, whatever is said of it later.
"""

from collections import deque

from inspector.messages import Health, Verdict
from inspector.plc.belt import Belt, Place, Sample
from inspector.plc.clock import Moment, StationClock
from inspector.plc.gate import Gate, Window


class Tracking:
    """Places parts; times are monotonic seconds of this machine, positions those of Belt."""

    def __init__(self, clock: StationClock, belt: Belt, gate: Gate, tolerance: float, width: float) -> None:
        """tolerance: counts that a place may be uncertain by, and still be used; width: of a part's window."""
        self.gate = gate
        self._half = width / 2
        self._clock = clock
        self._belt = belt
        self._tolerance = tolerance
        self._blind_since: float | None = 0.0
        self._blinds: deque[tuple[float, float]] = deque(maxlen=16)
        self._good = 0.0
        self._places: deque[tuple[int, Place]] = deque(maxlen=256)

    @property
    def ready(self) -> str | None:
        """Why no part can be placed; None: it can."""
        if self._belt.epoch is None:
            return "no position of the belt from the PLC yet"
        return None if self._clock.synchronized else "the station's clock is being compared"

    @property
    def epoch(self) -> int | None:
        """See Belt."""
        return self._belt.epoch

    def new_run(self, now: float) -> None:
        """Another run of the station: its clock is to be compared anew, its parts are counted anew."""
        self._clock.restart()
        self._places.clear()
        self.lose_sight(now)

    def heartbeat(self, health: Health, now: float, steady: bool) -> bool:
        """Learn from a heartbeat; true where the station's clock was stepped.

        steady: its state has not changed since the heartbeat before, not even for a moment.
        """
        stepped = self._clock.heartbeat(health, now)
        if stepped or not steady or health.state != "ready":
            self.lose_sight(now)
        if health.state == "ready":
            self._good = max(self._good, self._clock.sent(health, now))
        return stepped

    def sample(self, sample: Sample) -> str | None:
        """A reading of the PLC's counter; text: it does not go on from the one before, and why."""
        fault = self._belt.sample(sample)
        if fault is not None:
            self._places.clear()
            self.gate.reset()
            self.gate.reject_between(None, self.position(sample.came) + self._half)
        return fault

    def position(self, now: float) -> float:
        """The furthest that the belt has come."""
        return self._belt.now(now)

    def place(self, verdict: Verdict, received: float, recovered: bool, now: float) -> Place | str | None:
        """Where its part is; None: not certain yet; text: the cause for which it is to be rejected."""
        moment = self._clock.moment(verdict, received, recovered)
        if moment is None:
            return None
        if isinstance(moment, str):
            return "clock"
        if self._was_blind(moment):
            return "blind"
        place = self._belt.at(moment.early, moment.late)
        if place is None or place.error > self._tolerance:
            return "belt" if now > moment.late + 0.5 or place is None else None
        return place

    def accept(self, result_id: int, seq: int, place: Place, now: float) -> str | None:
        """Let the part pass that is here; text: the cause for which it is to be rejected."""
        self._places.append((seq, place))
        refused = self.gate.accept(result_id, place, self.position(now))
        if refused is not None:
            self.gate.reject(result_id, place, self.position(now))
        return refused

    def reject(self, result_id: int, seq: int, place: Place, now: float) -> bool:
        """The part that is here must not pass; false where it is too late to say so."""
        self._places.append((seq, place))
        return self.gate.reject(result_id, place, self.position(now))

    def withdraw(self, result_id: int, seq: int, now: float) -> bool:
        """A part that was let pass must not; false where it is too late to say so."""
        place = next((place for known, place in self._places if known == seq), None)
        return place is not None and self.gate.reject(result_id, place, self.position(now))

    def reject_lost(self, first: int, last: int, now: float) -> None:
        """Parts of which no place is known: they are between their neighbours, and not in their windows."""
        after = max((place.at + self._half for seq, place in self._places if seq < first), default=None)
        before = min((place.at - self._half for seq, place in self._places if seq > last), default=None)
        self.gate.reject_between(after, self.position(now) + self._half if before is None else before)

    def lose_sight(self, now: float) -> None:
        """From the last good moment on nothing is known of the station."""
        if self._blind_since is None:
            self._blind_since = min(self._good, now)

    def see(self, now: float, good: bool) -> None:
        """To be called often: whether the station is heard, ready and in step."""
        if self._blind_since is not None:
            self._reject_blind(self._blind_since, now)
            if good:
                self._blinds.append((self._blind_since, now))
                self._blind_since = None
        elif not good:
            self.lose_sight(now)

    def windows(self, now: float) -> tuple[Window, ...]:
        """What the PLC is to hold now, in counts of its own counter."""
        return tuple(
            Window(window.result_id, self._belt.counter(window.first), self._belt.counter(window.last))
            for window in self.gate.windows(self.position(now))
        )

    def _reject_blind(self, since: float, now: float) -> None:
        place, now_at = self._belt.at(since, since), self.position(now) + self._half
        self.gate.reject_between(None if place is None else place.at - place.error - self._half, now_at)

    def _was_blind(self, moment: Moment) -> bool:
        since = self._blind_since
        if since is not None and moment.late >= since:
            return True
        return any(moment.late >= begin and moment.early <= end for begin, end in self._blinds)
