"""What a subscriber knows of runs and seqs: pure, so that every pattern of loss, reordering and repeats can be tried.

Of the newest run, each seq that is known to have been published is in one of three states:

    missing ──verdict()──▶ delivered     as VerdictReceived, once
       └────give_up()────▶ given up      within a Gap, once

A message of an unknown run makes that the newest. Were it an old one, held up on its way, the station that lives would
be ignored for ever; so a run that goes on saying that it lives, while the newest is silent, is the newest again. What
was known of it when it was closed stays decided.
"""

from collections import Counter, OrderedDict
from typing import Final

from inspector.messages import Verdict
from inspector.wire.ranges import Ranges
from inspector.wire.received import Contradiction, Gap, Ignored, NewRun, Received, Repeated, VerdictReceived
from inspector.wire.recovery import HISTORY

RETURNS: Final = 8
"""Heartbeats in a row, 2 s of them, with nothing from the newest run; the last words of an ended run are fewer."""


class Sequence:
    """The runs heard, and of the newest one which verdicts came."""

    def __init__(self) -> None:
        self._run: str | None = None
        self._superseded: dict[str, int] = {}
        """Runs closed, and up to which seq each was known then."""
        self._beats: Counter[str] = Counter()
        """Of those, heartbeats since the newest run was last heard."""
        self._newest = 0
        self._taken = 0
        self._missing = Ranges()
        # Only as many as the station can send again: an older repeat cannot be told from a contradiction.
        self._delivered: OrderedDict[int, Verdict] = OrderedDict()

    @property
    def run(self) -> str | None:
        """The newest run; None before the first message."""
        return self._run

    @property
    def missing(self) -> tuple[int, int] | None:
        """The lowest range of seqs published and neither delivered nor given up; None when there is none."""
        return self._missing.lowest

    def heard(self, run: str, seq: int | None = None) -> list[Received]:
        """Anything of a run but a heartbeat: an unknown one becomes the newest and closes the one before."""
        if run == self._run:
            self._beats.clear()
            return []
        if run in self._superseded:
            return [Ignored(run=run, seq=seq, why="superseded")]
        return self._open(run, 0)

    def published(self, run: str, newest: int, taken: int = 0) -> list[Received]:
        """A heartbeat: the station has published 1 to `newest`, so that a lost last verdict shows.

        taken: the newest part it had taken; what it never published of these is a gap once a new run closes this one.
        RETURNS of them in a row bring back a run that was closed, as NewRun, with the parts that it has had since.
        """
        self._beats[run] += run in self._superseded
        returns = self._beats[run] >= RETURNS
        out = self._open(run, self._superseded.pop(run)) if returns else self.heard(run)
        if run == self._run:
            self._know(newest)
            self._taken = max(self._taken, taken)
        return out

    def verdict(self, verdict: Verdict, recovered: bool = False) -> list[Received]:
        """A verdict, from the stream or recovered."""
        out = self.heard(verdict.run, verdict.seq)
        if verdict.run != self._run:
            return out
        self._know(verdict.seq)
        if self._missing.take(verdict.seq, verdict.seq):
            self._remember(verdict)
            return [*out, VerdictReceived(verdict=verdict, recovered=recovered)]
        return [*out, self._again(verdict)]

    def give_up(self, run: str, first: int, last: int) -> list[Received]:
        """The station no longer has these, or does not answer."""
        if run != self._run:
            return []
        return [Gap(run=run, first=low, last=high) for low, high in self._missing.take(first, last)]

    def _open(self, run: str, known: int) -> list[Received]:
        """Make it the newest, with the parts up to `known` accounted for; close the one before."""
        closed: list[Received] = []
        if self._run is not None:
            self._know(self._taken)
            self._superseded[self._run] = self._newest
            closed += [Gap(run=self._run, first=first, last=last) for first, last in self._missing.clear()]
        closed.append(NewRun(run=run, previous=self._run))
        self._run = run
        self._newest = self._taken = known
        self._delivered.clear()
        self._beats.clear()
        return closed

    def _know(self, newest: int) -> None:
        self._missing.append(self._newest + 1, newest)
        self._newest = max(self._newest, newest)

    def _remember(self, verdict: Verdict) -> None:
        self._delivered[verdict.seq] = verdict
        if len(self._delivered) > HISTORY:
            self._delivered.popitem(last=False)

    def _again(self, verdict: Verdict) -> Received:
        before = self._delivered.get(verdict.seq)
        if before is None:
            return Ignored(run=verdict.run, seq=verdict.seq, why="too_late")
        if before == verdict:
            return Repeated(run=verdict.run, seq=verdict.seq)
        if before.outcome == "pass" and verdict.outcome != "pass":
            self._delivered[verdict.seq] = verdict
            return Contradiction(stands=verdict, refused=before)
        return Contradiction(stands=before, refused=verdict)
