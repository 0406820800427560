"""What can be told of parts that have passed: from memory, and from the store where it is on this machine."""

from collections.abc import Iterator
from typing import Any

from inspector.messages import Verdict
from inspector.viewer.archive import Archive
from inspector.viewer.gallery import Filter, chosen
from inspector.viewer.live import Live, row
from inspector.viewer.marks import Marks
from inspector.viewer.shelf import Piece


class Past:
    """Answers questions about the past, each in a thread of its own, since the store's disk may be slow.

    `recent` is what the memory holds at the moment of the question, newest first.
    """

    def __init__(self, live: Live, marks: Marks, archive: Archive | None) -> None:
        self._live = live
        self._marks = marks
        self._archive = archive

    def rejects(self, recent: list[Verdict], wanted: Filter) -> dict[str, Any]:
        """For JSON: the newest rejects that the filter takes, and whether there are more."""
        found, more = chosen(self._newest_first(recent, wanted), wanted, self._marks)
        return {"rejects": [{**row(verdict), **self._seen(verdict)} for verdict in found], "more": more}

    def part(self, run: str, seq: int) -> dict[str, Any]:
        """For JSON: whether there is a picture, what it is to be held beside, and what people said of it."""
        piece = self.piece(run, seq)
        nearest = piece.nearest if piece else None
        return {
            "picture": piece is not None,
            "nearest": None if nearest is None else {"picture": nearest.picture, "box": nearest.suspect_box},
            "mark": self._mark(run, seq),
        }

    def piece(self, run: str, seq: int) -> Piece | None:
        """What there is to see of a part: evidence before a mere picture."""
        piece = self._live.piece(run, seq)
        if (piece is None or piece.nearest is None) and self._archive is not None:
            return self._archive.piece(run, seq) or piece
        return piece

    def marks(self, recent: list[Verdict]) -> str:
        """The marks as CSV, the newest last."""
        known = {(verdict.run, verdict.seq): verdict for verdict in reversed(recent)}
        parts = self._marks.parts()
        verdicts = (known.get(part) or (self._archive.verdict(*part) if self._archive else None) for part in parts)
        return self._marks.table(verdict for verdict in verdicts if verdict is not None)

    def _newest_first(self, recent: list[Verdict], wanted: Filter) -> Iterator[Verdict]:
        yield from recent
        if self._archive is not None:
            yield from self._archive.rejects(wanted)

    def _seen(self, verdict: Verdict) -> dict[str, Any]:
        picture = self._archive is not None or self._live.piece(verdict.run, verdict.seq) is not None
        return {"picture": picture, "mark": self._mark(verdict.run, verdict.seq)}

    def _mark(self, run: str, seq: int) -> dict[str, str] | None:
        marked = self._marks.of(run, seq)
        return None if marked is None else {"mark": marked.mark, "by": marked.by}
