"""From the decisions that a bridge has made: where its successor goes on. Pure."""

from collections.abc import Iterable

from inspector.plc.decisions import Decision, Restored
from inspector.wire.ranges import Ranges


def restored(decisions: Iterable[Decision]) -> Restored | None:
    """What to know of them, in the order in which they were made; None of none."""
    run, results, known, open_ = None, 0, 0, Ranges()
    for decision in decisions:
        if decision.run != run:
            run, known, open_ = decision.run, 0, Ranges()
        first, last = decision.seq, decision.seq + decision.parts - 1
        if last > known:
            open_.append(known + 1, last)
            known = last
        open_.take(first, last)
        results = max(results, decision.result_id + decision.parts - 1)
    return None if run is None else Restored(results=results, run=run, known=known, open=tuple(open_.clear()))
