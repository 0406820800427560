"""The bridge's law, pure: one decision per part, exactly once, and a rejection whatever is not certain.

    a part is known of ──▶ open ──verdict in time──▶ accepted (a pass) or rejected
                             └────timeout, gap, silence, end of the run────▶ rejected

A decision is final: a pass that comes after a rejection changes nothing. Times are monotonic seconds of this machine.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from inspector.messages import Health, Verdict
from inspector.wire.ranges import Ranges
from inspector.wire.received import (
    Contradiction,
    Gap,
    HealthReceived,
    Ignored,
    Malformed,
    NewRun,
    Received,
    Repeated,
    VerdictReceived,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Accept or reject, of one part, or of all parts of a gap."""

    result_id: int
    """The bridge's own count of parts, from 1, through all runs; of a gap, that of its first part."""
    run: str
    seq: int
    parts: int
    """How many parts from `seq` on this stands for; more than 1 only in rejections without a verdict."""
    accept: bool
    cause: str
    """pass, fail, not_inspected.<reason>; gap: no verdict came in time; unseen: published before this bridge heard of
    the run; silence: the heartbeat had failed; contradiction: two verdicts; replay: recorded footage, not allowed;
    stopped: the bridge went first."""
    verdict: Verdict | None
    """None where none came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The READY signal, and why it is off."""

    on: bool
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a bridge has done so far."""

    parts: int
    accepted: int
    rejected: Mapping[str, int]
    """Parts by cause."""
    counted: Mapping[str, int]
    """Messages that decided nothing: repeats, contradictions, late, ignored, malformed."""

    def __str__(self) -> str:
        causes = ", ".join(f"{cause} {count}" for cause, count in sorted(self.rejected.items()))
        out = f"{self.parts} parts, {self.accepted} accepted, {self.parts - self.accepted} rejected"
        out += f" ({causes})" if causes else ""
        return out + "".join(f"; {count} {what}" for what, count in sorted(self.counted.items()))


@dataclass(slots=True)
class _Run:
    """What is known of the newest run."""

    name: str
    heard: float
    """When its last heartbeat came, or its first message."""
    known: int = 0
    """Parts 1 to this exist and are decided, or open."""
    in_step: bool = False
    """Something told how far the run was when it was first heard."""
    health: Health | None = None
    replay: bool = False
    open: Ranges = field(default_factory=Ranges)
    deadlines: deque[tuple[float, int]] = field(default_factory=deque)
    """By when the open parts up to a seq must be decided."""


class Ledger:
    """Turns what is received into decisions."""

    def __init__(self, accept_replay: bool, timeout_s: float) -> None:
        self._accept_replay = accept_replay
        self._timeout_s = timeout_s
        self._run: _Run | None = None
        self._stale = False
        self._contradicted: set[tuple[str, int]] = set()
        self._results = 0
        self._accepted = 0
        self._rejected: Counter[str] = Counter()
        self._counted: Counter[str] = Counter()

    @property
    def totals(self) -> Totals:
        """A snapshot."""
        return Totals(
            parts=self._results,
            accepted=self._accepted,
            rejected=dict(self._rejected),
            counted=dict(self._counted),
        )

    def take(self, received: Iterable[Received], now: float) -> list[Decision]:
        """Decide what can be decided. To be called several times per timeout, also with nothing received."""
        received = list(received)
        # What waited while the heartbeat had failed is stale, though a fresh heartbeat may come in the same batch.
        self._stale = self._silent(now)
        self._contradicted = {
            (item.stands.run, item.stands.seq) for item in received if isinstance(item, Contradiction)
        }
        decisions = self._expire(now)
        for item in received:
            decisions += self._one(item, now)
        return decisions

    def ready(self, now: float) -> Readiness:
        """Whether passes are accepted now and the station is ready to judge."""
        why = self._not_ready(now)
        return Readiness(on=why is None, why=why or "")

    def close(self) -> list[Decision]:
        """Reject what is still open, since nobody will look after it."""
        return self._lose(self._run, "stopped") if self._run else []

    def _not_ready(self, now: float) -> str | None:
        run = self._run
        if run is None:
            return "no station heard yet"
        if run.replay and not self._accept_replay:
            return f"run {run.name} is recorded footage, and plc.accept_replay is false"
        if run.health is not None and run.health.state == "ended":
            return f"run {run.name} has ended"
        if self._silent(now):
            return f"no heartbeat for more than {1000 * self._timeout_s:g} ms"
        if run.health is None:
            return f"no heartbeat of run {run.name} yet"
        if run.health.state != "ready":
            return f"the station is {run.health.state}{''.join(f': {reason}' for reason in run.health.reasons)}"
        return None

    def _one(self, item: Received, now: float) -> list[Decision]:
        run = self._run
        match item:
            case NewRun(run=name):
                self._run, self._stale = _Run(name=name, heard=now), False
                return self._lose(run, "gap") if run else []
            case VerdictReceived(verdict=verdict) if run and verdict.run == run.name:
                return self._verdict(run, verdict, now)
            case HealthReceived(health=health) if run and health.run == run.name:
                return self._heartbeat(run, health, now)
            case Gap() if run and item.run == run.name:
                return self._reject(run, run.open.take(item.first, item.last), "gap")
            case Contradiction():
                self._counted["contradictions"] += 1
            case Repeated():
                self._counted["repeats"] += 1
            case Ignored():
                self._counted["ignored"] += 1
            case Malformed():
                self._counted["malformed"] += 1
            case _:
                pass  # events decide nothing; a closed run's gaps were rejected when it closed
        return []

    def _verdict(self, run: _Run, verdict: Verdict, now: float) -> list[Decision]:
        run.replay = verdict.mode == "replay"
        out = self._know(run, verdict.seq - 1, now)
        run.in_step = True
        if verdict.seq > run.known:
            run.known = verdict.seq
        elif not run.open.take(verdict.seq, verdict.seq):
            self._counted["late"] += 1
            return out
        return [*out, self._decide(run, verdict.seq, 1, self._cause(verdict), verdict)]

    def _cause(self, verdict: Verdict) -> str:
        if verdict.mode == "replay" and not self._accept_replay:
            return "replay"
        if (verdict.run, verdict.seq) in self._contradicted:
            return "contradiction"
        if verdict.outcome == "not_inspected":
            return f"not_inspected.{verdict.reason}"
        return "silence" if verdict.outcome == "pass" and self._stale else verdict.outcome

    def _heartbeat(self, run: _Run, health: Health, now: float) -> list[Decision]:
        out = self._know(run, health.published, now)
        run.in_step = True
        run.health = health
        run.heard = now
        run.replay = health.mode == "replay"
        if health.state == "ended":
            out += self._know(run, health.taken, now)  # taken and not published: nothing will come of them
        return out

    def _know(self, run: _Run, newest: int, now: float) -> list[Decision]:
        """Parts up to `newest` exist. Those of the time before this bridge are past the ejector: rejected."""
        if newest <= run.known:
            return []
        first, run.known = run.known + 1, newest
        if not run.in_step:
            return self._reject(run, [(first, newest)], "unseen")
        run.open.append(first, newest)
        run.deadlines.append((now + self._timeout_s, newest))
        return []

    def _expire(self, now: float) -> list[Decision]:
        run = self._run
        if run is None:
            return []
        if self._silent(now):
            return self._lose(run, "silence")
        out = []
        while run.deadlines and run.deadlines[0][0] < now:
            _, last = run.deadlines.popleft()
            out += self._reject(run, run.open.take(1, last), "gap")
        return out

    def _lose(self, run: _Run, cause: str) -> list[Decision]:
        """Reject every part that is open, and every part that the station took and has not published."""
        lost = run.open.clear()
        if run.health is not None and run.health.taken > run.known:
            lost.append((run.known + 1, run.health.taken))
            run.known = run.health.taken
        return self._reject(run, lost, cause)

    def _silent(self, now: float) -> bool:
        return self._run is not None and now - self._run.heard > self._timeout_s

    def _reject(self, run: _Run, ranges: Iterable[tuple[int, int]], cause: str) -> list[Decision]:
        return [self._decide(run, first, last - first + 1, cause, None) for first, last in ranges]

    def _decide(self, run: _Run, seq: int, parts: int, cause: str, verdict: Verdict | None) -> Decision:
        accept = cause == "pass"
        first = self._results + 1
        self._results += parts
        if accept:
            self._accepted += parts
        else:
            self._rejected[cause] += parts
        return Decision(
            result_id=first, run=run.name, seq=seq, parts=parts, accept=accept, cause=cause, verdict=verdict
        )
