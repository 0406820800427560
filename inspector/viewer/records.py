"""What the viewer remembers of past parts, and what it can tell from them: rows, hours, the shift's scores, drift."""

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final

from inspector.messages import Verdict
from inspector.viewer.banks import Banks
from inspector.viewer.drift import Drift, Scores
from inspector.viewer.history import History
from inspector.viewer.hours import Hour, Hours
from inspector.viewer.shift import Shift
from inspector.wire.received import Contradiction, EventReceived, Received, VerdictReceived

RECIPES: Final = 100
"""Recipe versions that are remembered."""


class Records:
    """All that is kept of past verdicts; bounded, in memory, and filled from the store's log where there is one."""

    def __init__(self, shifts: Iterable[str]) -> None:
        self.epoch = str(time.time_ns())
        """Names this memory: a page that knows places of another one begins anew."""
        self._history = History()
        self._hours = Hours()
        self._shift = Shift(shifts)
        self._scores = Scores()
        self._banks = Banks()
        self._recipes: dict[str, None] = {}
        self._remembered: frozenset[tuple[str, int]] = frozenset()

    def remember(
        self, verdicts: Iterable[Verdict], hours: Iterable[Hour], retuned: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Begin with what was logged before: verdicts, oldest first, and hours, which have counted these already.

        retuned: recipe versions, before and after, that differ in their threshold alone.

        The wire brings those of the current run again, since it recovers what was published before we listened.
        """
        for before, after in retuned:
            self._banks.link(before, after)
        verdicts = list(verdicts)
        for verdict in verdicts:
            self._history.add(verdict)
            self._count(verdict)
        self._hours.remember(hours)
        self._remembered = frozenset((verdict.run, verdict.seq) for verdict in verdicts)

    def hear(self, received: Iterable[Received]) -> None:
        """What a Subscriber received."""
        for item in received:
            match item:
                case VerdictReceived(verdict=verdict) if (verdict.run, verdict.seq) not in self._remembered:
                    self.add(verdict)
                case Contradiction(stands=verdict):
                    self._history.add(verdict)  # its part is counted already
                case EventReceived(event=event):
                    self._banks.hear(event)
                case _:
                    pass

    def add(self, verdict: Verdict) -> None:
        """Take in one verdict."""
        self._history.add(verdict)
        self._hours.add(verdict)
        self._count(verdict)

    def _count(self, verdict: Verdict) -> None:
        bank = self._banks.of(verdict.recipe)
        self._shift.add(verdict, bank)
        self._scores.add(verdict, bank)
        self._recipes.pop(verdict.recipe, None)
        self._recipes[verdict.recipe] = None  # the newest last
        if len(self._recipes) > RECIPES:
            del self._recipes[next(iter(self._recipes))]

    def newest_first(self) -> list[Verdict]:
        """The verdicts that are kept, as they are now."""
        return list(self._history.newest_first())

    def drift(self) -> Drift | None:
        return self._scores.drift()

    def rows(self, epoch: str, place: int) -> dict[str, Any]:
        """For JSON: the verdicts from a place on, as short rows, and the place after them; below `end`: ask on.

        `comparable`: the recipe versions whose scores can be compared with the newest's.
        """
        begins = epoch != self.epoch
        after, verdicts = self._history.since(0 if begins else place)
        newest = next(reversed(self._recipes), "")
        return {
            "epoch": self.epoch,
            "anew": begins,
            "next": after,
            "end": self._history.end,
            "comparable": self._banks.comparable(self._recipes, newest),
            **_table(verdicts),
        }

    def figures(self) -> dict[str, Any]:
        """For JSON: hours, the shift's histogram, drift."""
        drift = self.drift()
        return {
            "hours": [
                {"start_ms": hour.start_s * 1000, "first_ms": hour.first_ns // 1_000_000,
                 "last_ms": hour.last_ns // 1_000_000,
                 **{kind: hour.outcomes[kind] for kind in _OUTCOMES}, "reasons": dict(hour.reasons)}
                for hour in self._hours.oldest_first()
            ],
            "shift": {
                "since_ms": round(self._shift.first_s * 1000),
                "width": self._shift.width,
                "counts": sorted(self._shift.counts.items()),
            },
            "drift": None if drift is None else {
                "before": drift.before, "now": drift.now, "spreads": drift.spreads, "drifts": drift.drifts,
                "reference": drift.reference,
            },
            "missing": self._scores.missing,
        }  # fmt: skip


_OUTCOMES = ("pass", "fail", "not_inspected")


def _table(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Rows of [run, seq, exposed ms, score, threshold, outcome, reason, part, recipe]; run, recipe: index of names."""
    names: dict[str, int] = {}
    rows = [
        [names.setdefault(v.run, len(names)), v.seq, v.exposed_ns // 1_000_000, v.score, v.threshold, v.outcome,
         v.reason, v.part, names.setdefault(v.recipe, len(names))]
        for v in verdicts
    ]  # fmt: skip
    return {"names": list(names), "rows": rows}
