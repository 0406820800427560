"""What can be told of parts that have passed: from memory, and from the store where it is on this machine."""

from typing import Any

from inspector.viewer.gallery import Filter, chosen
from inspector.viewer.live import Live, row
from inspector.viewer.marks import Marks
from inspector.viewer.records import Records
from inspector.viewer.shelf import Piece


class Past:
    """Answers questions about the past, each in a thread of its own: the store's disk may be slow."""

    def __init__(self, live: Live, records: Records, marks: Marks) -> None:
        self._live = live
        self._records = records
        self._marks = marks

    def rejects(self, wanted: Filter) -> dict[str, Any]:
        """For JSON: the newest rejects that the filter takes, and whether there are more."""
        found, more = chosen(self._records.newest_first(), wanted, self._marks)
        rows = [{**row(verdict), **self._facts(verdict.run, verdict.seq)} for verdict in found]
        return {"rejects": rows, "more": more}

    def part(self, run: str, seq: int) -> dict[str, Any]:
        """For JSON: whether there is a picture, what it is to be held beside, and what people said of it."""
        return self._facts(run, seq)

    def piece(self, run: str, seq: int) -> Piece | None:
        """What there is to see of a part."""
        return self._live.piece(run, seq)

    def marks(self) -> str:
        """The marks as CSV."""
        return self._marks.table(self._records.newest_first())

    def _facts(self, run: str, seq: int) -> dict[str, Any]:
        piece, marked = self.piece(run, seq), self._marks.of(run, seq)
        nearest = piece.nearest if piece else None
        return {
            "picture": piece is not None,
            "nearest": None if nearest is None else {"picture": nearest.picture, "box": nearest.suspect_box},
            "mark": None if marked is None else {"mark": marked.mark, "by": marked.by},
        }
