"""Twelve ways in which a bridge could be wrong, by name: each lets bad parts pass, which shows that the model can tell.

In `pulse` a forgotten rejection passes; in `permit` it is harmless by design, and what hurts is a permit out of place.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from inspector.messages import Health, Verdict
from inspector.plc.belt import Belt, Place, Sample
from inspector.plc.clock import Moment, StationClock
from inspector.plc.gate import Window
from inspector.plc.ledger import Ledger
from inspector.plc.slots import EMPTY, Slots, Told
from inspector.plc.tracking import Tracking
from inspector.wire.received import Contradiction, VerdictReceived
from tools.line_model.bridge import Parts


class Mutation(NamedTuple):
    """A wrong bridge, and the way of actuating in which it shows."""

    parts: Parts
    mode: Literal["permit", "pulse"]


class _ForgetGap(Tracking):
    def reject_lost(self, first: int, last: int, now: float) -> None:
        pass


class _AcceptOnSilence(Tracking):
    def see(self, now: float, good: bool) -> None:
        super().see(now, True)

    def lose_sight(self, now: float) -> None:
        pass


class _ResetWithRun(Tracking):
    def new_run(self, now: float) -> None:
        super().new_run(now)
        self.gate.reset()
        self._blind_since = now


class _SkipBlind(Tracking):
    def _reject_blind(self, since: float, now: float) -> None:
        pass


class _PassWins(Ledger):
    def _withdraw(self, item: Contradiction, now: float) -> None:
        passes = next((each for each in (item.stands, item.refused) if each.outcome == "pass"), None)
        if passes is not None and self._run is not None and self._run.name == passes.run:
            self._run.open.take(passes.seq, passes.seq)
            self._contradicted.discard((passes.run, passes.seq))
            self._run.known = max(self._run.known, passes.seq)
            if isinstance(self._tracking, _LetPass):
                self._tracking.let_pass(passes.seq)


class _LetPass(Tracking):
    def let_pass(self, seq: int) -> None:
        place = next((place for known, place in self._places if known == seq), None)
        if place is not None:
            self.gate.reset()
            self.gate.accept(1, place, 0.0)


class _TrustClock(StationClock):
    def heartbeat(self, health: Health, received: float) -> bool:
        self._offsets.append(received - health.now_ns / 1e9) if not self._offsets else None
        self.since_seq = 0
        return False

    def moment(self, verdict: Verdict, received: float, recovered: bool) -> Moment | str | None:
        exposed = verdict.exposed_ns / 1e9 + self._offsets[0] if self._offsets else received
        return Moment(exposed - 0.01, exposed + 0.01)


class _GuessPlace(Tracking):
    def place(self, verdict: Verdict, received: float, recovered: bool, now: float) -> Place | str | None:
        place = self._belt.at(received - 0.02, received)
        return place and replace(place, error=0.0)


class _IgnoreReset(Belt):
    def _break(self, last: Sample, sample: Sample) -> str | None:
        return None


class _AcceptNotInspected(Ledger):
    def _cause(self, verdict: Verdict) -> str:
        return "pass" if verdict.outcome == "not_inspected" else super()._cause(verdict)


class _ForgetUnseen(Tracking):
    def see(self, now: float, good: bool) -> None:
        if self._blind_since == 0.0:
            self._blind_since = None  # as if it had been there all the time
        super().see(now, good)


class _ForgetFail(Ledger):
    """A fail that comes late, recovered, is only counted."""

    def _verdict(self, run, item: VerdictReceived, now: float):  # type: ignore[no-untyped-def]
        out = super()._verdict(run, item, now)
        if (
            item.recovered
            and self._waiting
            and self._waiting[-1].verdict is item.verdict
            and item.verdict.outcome == "fail"
        ):
            self._waiting.pop()
        return out


class _ClearFirst(Slots):
    """A window that has grown is taken away before it is there again."""

    def changes(self, windows: Iterable[Window], epoch: int) -> list[tuple[int, Told]]:
        return sorted(super().changes(windows, epoch), key=lambda change: change[1] != EMPTY)


MUTATIONS: Final[dict[str, Mutation]] = {
    "forget_gap": Mutation(Parts(tracking=_ForgetGap), "pulse"),
    "accept_on_silence": Mutation(Parts(tracking=_AcceptOnSilence), "pulse"),
    "reset_with_run": Mutation(Parts(tracking=_ResetWithRun), "pulse"),
    "skip_blind": Mutation(Parts(tracking=_SkipBlind), "pulse"),
    "forget_unseen": Mutation(Parts(tracking=_ForgetUnseen), "pulse"),
    "forget_late_fail": Mutation(Parts(ledger=_ForgetFail), "pulse"),
    "clear_first": Mutation(Parts(slots=_ClearFirst), "pulse"),
    "pass_wins": Mutation(Parts(ledger=_PassWins, tracking=_LetPass), "permit"),
    "trust_clock": Mutation(Parts(clock=_TrustClock), "permit"),
    "guess_place": Mutation(Parts(tracking=_GuessPlace), "permit"),
    "ignore_reset": Mutation(Parts(belt=_IgnoreReset), "permit"),
    "accept_not_inspected": Mutation(Parts(ledger=_AcceptNotInspected), "permit"),
}
