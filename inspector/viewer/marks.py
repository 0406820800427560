"""What people have said of rejected parts: really defective, or a false reject."""

import csv
import io
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from inspector.messages import OperatorMark, Verdict
from inspector.wire.received import EventReceived, Received

ROOM: Final = 5000
COLUMNS: Final = ("run", "seq", "part", "recipe", "score", "threshold", "mark", "by")
"""Of the exported table, which `tools.optimize_threshold --marks` reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """A mark, and who made it."""

    mark: OperatorMark
    by: str


class Marks:
    """The newest marks; of two on one part the later counts. Pure."""

    def __init__(self) -> None:
        self._marks: OrderedDict[tuple[str, int], Marked] = OrderedDict()
        self.version = 0

    def hear(self, received: Iterable[Received]) -> None:
        """What a Subscriber received: a mark is an event of the station, whoever made it, on whatever page."""
        for item in received:
            if isinstance(item, EventReceived) and item.event.kind == "mark":
                facts, seq = item.event.facts, item.event.seq
                self.add(facts.get("run", ""), seq, facts.get("mark", ""), facts.get("by", ""))

    def add(self, run: str, seq: int | None, mark: str, by: str) -> None:
        """Take a mark in, from an event or the log; what is none is left out."""
        if mark not in ("confirmed", "false_reject") or seq is None:
            return
        self._marks[run, seq] = Marked(mark=mark, by=by)  # type: ignore[arg-type]
        self._marks.move_to_end((run, seq))
        while len(self._marks) > ROOM:
            self._marks.popitem(last=False)
        self.version += 1

    def of(self, run: str, seq: int) -> Marked | None:
        return self._marks.get((run, seq))

    def parts(self) -> list[tuple[str, int]]:
        """Run and seq of the parts that are marked, the newest mark last."""
        return list(self._marks)

    def table(self, verdicts: Iterable[Verdict]) -> str:
        """The marks of these parts as CSV, for the threshold tool; parts without a score have none to choose by."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(COLUMNS)
        for verdict in verdicts:
            marked = self.of(verdict.run, verdict.seq)
            if marked is not None and verdict.score is not None:
                writer.writerow((verdict.run, verdict.seq, _plain(verdict.part), verdict.recipe, repr(verdict.score),
                                 repr(verdict.threshold), marked.mark, _plain(marked.by)))  # fmt: skip
        return out.getvalue()


def _plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
