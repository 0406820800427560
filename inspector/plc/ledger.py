"""The bridge's law, pure: one decision per part, exactly once, and a rejection whatever is not certain.

    a part is known of ──▶ open ──verdict in time──▶ accepted (a pass) or rejected
                             └────timeout, gap, silence, end of the run────▶ rejected

With a belt to follow (`tracking`) a pass stays open until its place is certain, and is rejected where that comes too
late for the ejector. A decision is final: a pass that comes after a rejection changes nothing; a contradiction after an
acceptance withdraws the permit. Times are monotonic seconds of this machine.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Iterable

from inspector.messages import Health, Verdict
from inspector.plc.belt import Place, Sample
from inspector.plc.decisions import Decision, Left, Readiness, Restored, Totals
from inspector.plc.faults import Fault
from inspector.plc.open_parts import Run, Waiting, hindrance
from inspector.plc.recipe_change import RecipeChange
from inspector.plc.restore import RUNS
from inspector.plc.tracking import Tracking
from inspector.wire.received import (
    Contradiction,
    EventReceived,
    Gap,
    HealthReceived,
    Ignored,
    Malformed,
    NewRun,
    Received,
    Repeated,
    VerdictReceived,
)

LET = 256
"""Accepted parts that a contradiction can still withdraw: those between camera and ejector."""


class Ledger:
    """Turns what is received into decisions."""

    def __init__(
        self,
        accept_replay: bool,
        timeout_s: float,
        tracking: Tracking | None = None,
        recipes: frozenset[str] = frozenset(),
        restored: Restored | None = None,
    ) -> None:
        """tracking: the belt, None where there is none to follow; recipes: ids that may pass, empty for any; restored:
        what an earlier bridge has decided."""
        self._accept_replay = accept_replay
        self._timeout_s = timeout_s
        self._tracking = tracking
        self._recipes = recipes
        self._left: OrderedDict[str, Left] = OrderedDict(restored.runs if restored else {})
        """Runs of before the newest one, and how far they are decided: one of them may come back."""
        self._run: Run | None = None
        self._stale = False
        self._contradicted: set[tuple[str, int]] = set()
        self._waiting: deque[Waiting] = deque()
        self._let: OrderedDict[tuple[str, int], int] = OrderedDict()
        self._results = restored.results if restored else 0
        self._decided = 0
        self._accepted = 0
        self._rejected: Counter[str] = Counter()
        self._counted: Counter[str] = Counter()
        self.change = RecipeChange()
        self.notes: deque[tuple[Fault, str]] = deque(maxlen=100)
        """What went wrong, newest last: for whoever logs it."""
        self.recipe: str | None = None
        """The recipe of the newest verdict."""

    @property
    def totals(self) -> Totals:
        """A snapshot."""
        return Totals(
            parts=self._decided,
            accepted=self._accepted,
            rejected=dict(self._rejected),
            counted=dict(self._counted),
        )

    @property
    def taken(self) -> int | None:
        """Parts that the station has taken in this run, as far as it said; None before it did."""
        return self._run.health.taken if self._run and self._run.health else None

    @property
    def health(self) -> Health | None:
        """The newest heartbeat of the newest run."""
        return self._run.health if self._run else None

    def take(self, received: Iterable[Received], now: float, samples: Iterable[Sample] = ()) -> list[Decision]:
        """Decide what can be decided. To be called several times per timeout, also with nothing received."""
        received = list(received)
        # What waited while the heartbeat had failed is stale, though a fresh heartbeat may come in the same batch.
        self._stale = self._silent(now)
        if self._tracking is not None:
            for sample in samples:
                if (broken := self._tracking.sample(sample)) is not None:
                    self._note("belt_faults", Fault.BELT, broken)
            if self._stale:
                self._tracking.lose_sight(now)
        self._contradicted |= {
            (item.stands.run, item.stands.seq) for item in received if isinstance(item, Contradiction)
        }
        decisions = self._expire(now)
        for item in received:
            decisions += self._one(item, now)
        decisions += self._settle(now)
        if self._tracking is not None:
            self._tracking.see(now, self._not_ready(now) is None)
        return decisions

    def ready(self, now: float) -> Readiness:
        """Whether passes are accepted now and the station is ready to judge."""
        hindrance = self._not_ready(now)
        return Readiness(on=True) if hindrance is None else Readiness(on=False, fault=hindrance[0], why=hindrance[1])

    def close(self) -> list[Decision]:
        """Reject what is still open, since nobody will look after it."""
        return self._lose(self._run, "stopped", 0.0) if self._run else []

    def _not_ready(self, now: float) -> tuple[Fault, str] | None:
        why = hindrance(self._run, self._silent(now), self._accept_replay, self._timeout_s)
        out_of_step = self._tracking.ready if self._tracking and why is None else None
        return (Fault.NOT_IN_STEP, out_of_step) if out_of_step else why

    def _one(self, item: Received, now: float) -> list[Decision]:
        run = self._run
        match item:
            case NewRun(run=name):
                lost = self._end(run, now) if run else []
                self._run, self._stale = self._begin(name, now), False
                if self._tracking is not None:
                    self._tracking.new_run(now)
                return [*lost, *self._reject(self._run, self._run.open.clear(), "stopped", now)]
            case VerdictReceived(verdict=verdict) if run and verdict.run == run.name:
                return self._verdict(run, item, now)
            case HealthReceived(health=health) if run and health.run == run.name:
                return self._heartbeat(run, health, now)
            case Gap() if run and item.run == run.name:
                return self._reject(run, run.open.take(item.first, item.last), "gap", now)
            case Contradiction():
                self._counted["contradictions"] += 1
                self._withdraw(item, now)
            case Repeated():
                self._counted["repeats"] += 1
            case Ignored():
                self._counted["ignored"] += 1
            case Malformed():
                self._counted["malformed"] += 1
            case EventReceived(event=event) if run and event.run == run.name and self._tracking is not None:
                if event.kind == "state":
                    self._tracking.lose_sight(now)  # until a heartbeat says that it is ready
            case _:
                pass  # other events decide nothing; a closed run's gaps were rejected when it closed
        return []

    def _end(self, run: Run, now: float) -> list[Decision]:
        lost = self._lose(run, "gap", now)
        self._left[run.name] = Left(known=run.known, open=())
        while len(self._left) > RUNS:
            self._left.popitem(last=False)
        return lost

    def _begin(self, name: str, now: float) -> Run:
        """A run; of one that was heard before, or that an earlier bridge was deciding, what is decided stays so."""
        run, before = Run(name=name, heard=now), self._left.pop(name, None)
        self._waiting.clear()
        self._contradicted.clear()
        if before is not None:
            run.known = before.known
            for first, last in before.open:
                run.open.append(first, last)
        return run

    def _verdict(self, run: Run, item: VerdictReceived, now: float) -> list[Decision]:
        verdict = item.verdict
        run.replay = verdict.mode == "replay"
        out = self._know(run, verdict.seq - 1, now)
        run.in_step = True
        if not item.recovered:
            self.recipe = verdict.recipe
            self.change.judged(verdict)
        if verdict.seq > run.known:
            run.known = verdict.seq
        elif not run.open.take(verdict.seq, verdict.seq):
            self._counted["late"] += 1
            return out
        cause = self._cause(verdict)
        if self._tracking is None:
            return [*out, self._decide(run, verdict.seq, 1, cause, verdict)]
        result_id = None
        if cause == "pass":
            run.placing.add(verdict.seq)
        else:
            out.append(self._decide(run, verdict.seq, 1, cause, verdict))
            result_id = out[-1].result_id
        self._waiting.append(Waiting(verdict, now, item.recovered, now + self._timeout_s, result_id))
        return out

    def _settle(self, now: float) -> list[Decision]:
        """Place what can be placed by now: accept passes, tell the gate where rejected parts are."""
        out: list[Decision] = []
        run, tracking = self._run, self._tracking
        if run is None or tracking is None or not self._waiting:
            return out
        waiting, self._waiting = self._waiting, deque()
        for each in waiting:
            seq = each.verdict.seq
            place = tracking.place(each.verdict, each.received, each.recovered, now)
            if place is None and now < each.until:
                self._waiting.append(each)
            elif each.result_id is None:
                if seq not in run.placing:
                    continue
                run.placing.discard(seq)
                out.append(self._place(run, each.verdict, place, now))
            elif place is None or isinstance(place, str):
                tracking.reject_lost(seq, seq, now)
            elif not tracking.reject(each.result_id, seq, place, now):
                self._note("too_late", Fault.LATE, f"part {seq} of run {run.name} is rejected too late to pulse")
        return out

    def _place(self, run: Run, verdict: Verdict, place: Place | str | None, now: float) -> Decision:
        """Decide of a part that passed: its place is known, or it never will be."""
        assert self._tracking is not None
        cause, result_id = self._cause(verdict), self._results + 1
        if not isinstance(place, Place):
            self._tracking.reject_lost(verdict.seq, verdict.seq, now)
            cause = (place or "clock") if cause == "pass" else cause
        elif cause == "pass":
            cause = self._tracking.accept(result_id, verdict.seq, place, now) or cause
            if cause == "late":
                self._note(
                    "too_late", Fault.LATE, f"part {verdict.seq} of run {run.name} passed too late for its window"
                )
        else:
            self._tracking.reject(result_id, verdict.seq, place, now)
        return self._decide(run, verdict.seq, 1, cause, verdict)

    def _cause(self, verdict: Verdict) -> str:
        if verdict.mode == "replay" and not self._accept_replay:
            return "replay"
        if (verdict.run, verdict.seq) in self._contradicted:
            return "contradiction"
        if verdict.outcome == "not_inspected":
            return f"not_inspected.{verdict.reason}"
        if verdict.outcome == "pass" and (self._recipes and verdict.recipe not in self._recipes):
            return "recipe"
        if verdict.outcome == "pass" and verdict.recipe == self.change.leaving:
            return "recipe"
        return "silence" if verdict.outcome == "pass" and self._stale else verdict.outcome

    def _withdraw(self, item: Contradiction, now: float) -> None:
        result_id = self._let.pop((item.stands.run, item.stands.seq), None)
        if result_id is None or self._tracking is None or self._run is None or item.stands.run != self._run.name:
            return
        in_time = self._tracking.withdraw(result_id, item.stands.seq, now)
        if in_time:
            self._counted["withdrawn"] += 1
        else:
            self._note("too_late", Fault.LATE, f"part {item.stands.seq} was accepted, and contradicted too late")

    def _note(self, count: str, fault: Fault, what: str) -> None:
        self._counted[count] += 1
        self.notes.append((fault, what))

    def _heartbeat(self, run: Run, health: Health, now: float) -> list[Decision]:
        out = self._know(run, health.published, now)
        run.in_step = True
        changes = [each.counts.get("state") for each in (run.health, health) if each is not None]
        run.health = health
        run.heard = now
        run.replay = health.mode == "replay"
        self.change.beat(health)
        if self._tracking is not None and self._tracking.heartbeat(health, now, steady=changes[0] == changes[-1]):
            self._note("clock_steps", Fault.CLOCK, "the station's clock was stepped")
        if health.state == "ended":
            out += self._know(run, health.taken, now)  # taken and not published: nothing will come of them
        return out

    def _know(self, run: Run, newest: int, now: float) -> list[Decision]:
        """Parts up to `newest` exist. Those of the time before this bridge are past the ejector: rejected."""
        if newest <= run.known:
            return []
        first, run.known = run.known + 1, newest
        if not run.in_step:
            return self._reject(run, [(first, newest)], "unseen", now)
        run.open.append(first, newest)
        run.deadlines.append((now + self._timeout_s, newest))
        return []

    def _expire(self, now: float) -> list[Decision]:
        run = self._run
        if run is None:
            return []
        if self._silent(now):
            return self._lose(run, "silence", now)
        out = []
        while run.deadlines and run.deadlines[0][0] < now:
            _, last = run.deadlines.popleft()
            out += self._reject(run, run.open.take(1, last), "gap", now)
        return out

    def _lose(self, run: Run, cause: str, now: float) -> list[Decision]:
        """Reject every part that is open, and every part that the station took and has not published."""
        lost = run.open.clear() + [(seq, seq) for seq in sorted(run.placing)]
        run.placing.clear()
        if run.health is not None and run.health.taken > run.known:
            lost.append((run.known + 1, run.health.taken))
            run.known = run.health.taken
        return self._reject(run, lost, cause, now)

    def _silent(self, now: float) -> bool:
        return self._run is not None and now - self._run.heard > self._timeout_s

    def _reject(self, run: Run, ranges: Iterable[tuple[int, int]], cause: str, now: float) -> list[Decision]:
        out = []
        for first, last in ranges:
            out.append(self._decide(run, first, last - first + 1, cause, None))
            if self._tracking is not None:
                self._tracking.reject_lost(first, last, now)
        return out

    def _decide(self, run: Run, seq: int, parts: int, cause: str, verdict: Verdict | None) -> Decision:
        accept = cause == "pass"
        first = self._results + 1
        self._results += parts
        self._decided += parts
        if accept:
            self._accepted += parts
            self._let[(run.name, seq)] = first
            if len(self._let) > LET:
                self._let.popitem(last=False)
        else:
            self._rejected[cause] += parts
        return Decision(
            result_id=first, run=run.name, seq=seq, parts=parts, accept=accept, cause=cause, verdict=verdict
        )
