"""From the decisions that a bridge has made: where its successor goes on. Pure."""

from collections.abc import Iterable
from typing import Final

from inspector.plc.decisions import Decision, Left, Restored
from inspector.wire.ranges import Ranges

RUNS: Final = 16
"""Runs that are remembered: a message of an earlier one may come after the first of a new one, never after so many."""


class Memory:
    """What a successor must know, kept up with every decision."""

    def __init__(self) -> None:
        self._results = 0
        self._runs: dict[str, tuple[int, Ranges]] = {}

    def take(self, decision: Decision) -> None:
        """Another decision, in the order in which they are made."""
        known, open_ = self._runs.pop(decision.run, (0, Ranges()))
        first, last = decision.seq, decision.seq + decision.parts - 1
        if last > known:
            open_.append(known + 1, last)
            known = last
        open_.take(first, last)
        self._runs[decision.run] = known, open_
        if len(self._runs) > RUNS:
            del self._runs[next(iter(self._runs))]
        self._results = max(self._results, decision.result_id + decision.parts - 1)

    def known(self) -> Restored | None:
        """None before the first decision."""
        left = {run: Left(known=known, open=tuple(open_)) for run, (known, open_) in self._runs.items()}
        return Restored(results=self._results, runs=left) if left else None


def restored(decisions: Iterable[Decision]) -> Restored | None:
    """What to know of them, in the order in which they were made; None of none."""
    memory = Memory()
    for decision in decisions:
        memory.take(decision)
    return memory.known()


def decisions_of(restored: Restored) -> Iterable[Decision]:
    """Rejections, as few as can be, from which the same is known."""
    for run, left in restored.runs.items():
        begin = 1
        for first, last in (*left.open, (left.known + 1, left.known)):
            if (parts := first - begin) > 0:
                yield Decision(result_id=restored.results - parts + 1, run=run, seq=begin, parts=parts, accept=False,
                               cause="carried over", verdict=None)  # fmt: skip
            begin = last + 1
