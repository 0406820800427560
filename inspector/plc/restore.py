"""From the decisions that a bridge has made: where its successor goes on. Pure."""

from collections.abc import Iterable
from typing import Final

from inspector.plc.decisions import Decision, Left, Restored
from inspector.wire.ranges import Ranges

RUNS: Final = 16
"""Runs that are remembered: a message of an earlier one may come after the first of a new one, never after so many."""


def restored(decisions: Iterable[Decision]) -> Restored | None:
    """What to know of them, in the order in which they were made; None of none."""
    results, runs = 0, dict[str, tuple[int, Ranges]]()
    for decision in decisions:
        known, open_ = runs.pop(decision.run, (0, Ranges()))
        first, last = decision.seq, decision.seq + decision.parts - 1
        if last > known:
            open_.append(known + 1, last)
            known = last
        open_.take(first, last)
        runs[decision.run] = known, open_
        if len(runs) > RUNS:
            del runs[next(iter(runs))]
        results = max(results, decision.result_id + decision.parts - 1)
    left = {run: Left(known=known, open=tuple(open_.clear())) for run, (known, open_) in runs.items()}
    return Restored(results=results, runs=left) if left else None


def decisions_of(restored: Restored) -> Iterable[Decision]:
    """Rejections, as few as can be, from which the same is known."""
    for run, left in restored.runs.items():
        begin = 1
        for first, last in (*left.open, (left.known + 1, left.known)):
            if (parts := first - begin) > 0:
                yield Decision(result_id=restored.results - parts + 1, run=run, seq=begin, parts=parts, accept=False,
                               cause="carried over", verdict=None)  # fmt: skip
            begin = last + 1
