"""The parts rejected last, and the pictures of those that were seen."""

from dataclasses import dataclass, replace

from inspector.messages import Verdict
from inspector.viewer.shelf import Piece, Shelf


@dataclass(frozen=True, slots=True, kw_only=True)
class Reject:
    """A rejected part; or several in a row that were not inspected for one reason, by the newest of them."""

    verdict: Verdict
    parts: int = 1
    run_number: int
    """Counts the runs seen, so that rejects of an earlier run stay before those of a later one."""

    @property
    def order(self) -> tuple[int, int]:
        return self.run_number, self.verdict.seq

    def joins(self, other: "Reject") -> bool:
        """Whether the two tell the same story: a hundred overruns shall not push the last defects off the page."""
        mine, theirs = self.verdict, other.verdict
        return (
            mine.outcome == theirs.outcome == "not_inspected"
            and mine.reason == theirs.reason
            and self.run_number == other.run_number
        )


class Rejects:
    """The newest rejects, at most `room`, and as many pictures of rejected parts. Pure.

    A picture may come before its verdict, after it, or never: they meet by run and seq.
    """

    def __init__(self, room: int = 50) -> None:
        self._room = room
        self._rejects: list[Reject] = []
        self._pictures = Shelf(room)
        self._run_number = 0
        self.version = 0

    def new_run(self) -> None:
        """From here on verdicts belong to a later run; what was rejected before stays to be looked at."""
        self._run_number += 1

    def add(self, verdict: Verdict) -> None:
        """Take in a verdict that is not a pass."""
        new = Reject(verdict=verdict, run_number=self._run_number)
        place = len(self._rejects)
        while place and self._rejects[place - 1].order > new.order:
            place -= 1
        before = self._rejects[place - 1] if place else None
        if before is not None and before.order == new.order:
            self._rejects[place - 1] = replace(before, verdict=verdict)
        elif before is not None and new.joins(before):
            self._rejects[place - 1] = replace(new, parts=before.parts + 1)
        elif place < len(self._rejects) and new.joins(after := self._rejects[place]):
            self._rejects[place] = replace(after, parts=after.parts + 1)
        else:
            self._rejects.insert(place, new)
            del self._rejects[: -self._room]
        self.version += 1

    def keep(self, run: str, seq: int, piece: Piece) -> None:
        """Keep the picture of a rejected part; beyond the newest `room` the oldest goes."""
        self._pictures.put(run, seq, piece)
        self.version += 1

    def newest_first(self) -> list[Reject]:
        return self._rejects[::-1]

    def piece(self, run: str, seq: int) -> Piece | None:
        """The picture of a rejected part; None when none was seen, or it is gone."""
        return self._pictures.get(run, seq)
