"""The newest verdicts of a run in the order of their parts, and what of them a follower has not seen yet."""

from bisect import bisect_left
from operator import attrgetter

from inspector.messages import Verdict


class Trend:
    """The newest verdicts of a run, at most `room`. Pure; recovered verdicts may come late and find their place.

    `version` counts changes, so a follower is one number: the version that it has seen.
    """

    def __init__(self, room: int = 300) -> None:
        self._room = room
        self._verdicts: list[Verdict] = []
        self._rearranged = 0
        self.version = 0

    @property
    def newest(self) -> Verdict | None:
        return self._verdicts[-1] if self._verdicts else None

    def add(self, verdict: Verdict) -> None:
        """Take a verdict in; one for a part already there replaces it, one older than a full trend is ignored."""
        newest = self.newest
        if newest is None or verdict.seq > newest.seq:
            self._verdicts.append(verdict)
            del self._verdicts[: -self._room]
            self.version += 1
            return
        place = bisect_left(self._verdicts, verdict.seq, key=attrgetter("seq"))
        if self._verdicts[place].seq == verdict.seq:
            self._verdicts[place] = verdict
        elif len(self._verdicts) == self._room and place == 0:
            return
        else:
            self._verdicts.insert(place, verdict)
            del self._verdicts[: -self._room]
        self._rearrange()

    def clear(self) -> None:
        """Forget all: a new run begins."""
        self._verdicts.clear()
        self._rearrange()

    def since(self, version: int) -> tuple[bool, list[Verdict]]:
        """What a follower at that version lacks: (False, those to append), or (True, all) where appending won't do."""
        missing = self.version - version
        if version < self._rearranged or missing > len(self._verdicts):
            return True, list(self._verdicts)
        return False, self._verdicts[len(self._verdicts) - missing :]

    def _rearrange(self) -> None:
        self.version += 1
        self._rearranged = self.version
