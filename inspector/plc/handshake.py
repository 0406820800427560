"""The result handshake, pure: which writes bring one result to the PLC whole, and what its acknowledgement changes.

RESULT_VALID ──┐        ┌──────────────┐          VALID off and OUTCOME 0 first, then the data with its id at both
               └────────┘              └───       ends, then OUTCOME, and VALID on last: whenever a PLC looks, it
RESULT_ID    ════X══ n ════════════════════       sees the old result, none, or the new one.
OUTCOME      ═══ 0 ═══X═ 1, 2, 3 ═══════ 0 ═
RESULT_ACK   ═ 0 ══════════════════ n ═══ 0       acknowledged: VALID goes off again, and RESULT_ACK after it

An acknowledgement that stands before VALID is on is an old one (ids began anew, say): VALID waits until it has gone. A
PLC that never takes it back loses that one result, which is an overrun once the next one comes.
"""

from dataclasses import dataclass

from inspector.plc.decisions import Decision
from inspector.plc.registers import Outcome, Values

NO_SCORE = -1.0
MOST_SCORE = 3.4e38
"""What a float32 holds."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the PLC is told of a part; of a gap, of its last part."""

    result_id: int
    outcome: Outcome
    passes: bool
    score: float


def result(decision: Decision) -> Result:
    """The result of a decision."""
    verdict = decision.verdict
    judged = verdict is not None and verdict.outcome != "not_inspected"
    outcome = Outcome.PASS if decision.accept else Outcome.FAIL if decision.cause == "fail" else Outcome.NOT_INSPECTED
    score = verdict.score if judged and verdict is not None and verdict.score is not None else NO_SCORE
    return Result(decision.result_id + decision.parts - 1, outcome, decision.accept, min(score, MOST_SCORE))


class Handshake:
    """The result that stands, and whether the PLC has taken it over."""

    def __init__(self) -> None:
        self._standing: int | None = None
        self._held_back = False
        """VALID waits for the PLC to take an old acknowledgement back."""
        self._overrun = False
        self.overruns = 0

    def present(self, new: Result, ack: int) -> list[Values]:
        """The writes for a result, in this order, each to be confirmed before the next; ack: RESULT_ACK now."""
        if self._standing is not None:
            self._overrun = True
            self.overruns += 1
        self._standing = new.result_id & 0xFFFFFFFF
        self._held_back = ack == self._standing
        data: Values = {
            "RESULT_ID": self._standing,
            "RESULT_PASS": int(new.passes),
            "SCORE": new.score,
            "RESULT_ID_CHECK": self._standing,
            "RESULT_OVERRUN": int(self._overrun),
        }
        whole: list[Values] = [
            {"RESULT_VALID": 0, "OUTCOME": int(Outcome.UNDEFINED)},
            data,
            {"OUTCOME": int(new.outcome)},
        ]
        return whole if self._held_back else [*whole, {"RESULT_VALID": 1}]

    def taken_back(self, ack: int) -> list[Values]:
        """The PLC's RESULT_ACK is this: VALID on, where it has waited for the old one to go."""
        if not self._held_back or ack == self._standing:
            return []
        self._held_back = False
        return [{"RESULT_VALID": 1}]

    def acknowledged(self, ack: int) -> list[Values]:
        """The PLC's RESULT_ACK is this: what to write now; nothing where it is of another result."""
        if self._standing is None or ack != self._standing or self._held_back:
            return []
        self._standing, overran, self._overrun = None, self._overrun, False
        withdraw: Values = {"RESULT_VALID": 0, "OUTCOME": int(Outcome.UNDEFINED)}
        return [withdraw, {"RESULT_OVERRUN": 0}] if overran else [withdraw]

    def reconnected(self) -> list[Values]:
        """The PLC may have lost everything: no result stands."""
        self._standing, self._overrun, self._held_back = None, False, False
        return [{"RESULT_VALID": 0, "OUTCOME": int(Outcome.UNDEFINED)}]
