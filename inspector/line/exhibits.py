"""Which judged parts are evidence: the picture comes from who judged it, the verdict from who published it.

Both wait here for each other, and for somebody to draw them; there is room for so many, and what is dropped is counted.
"""

import threading
from collections import OrderedDict
from typing import Final

from inspector.line.overlay import Shown
from inspector.messages import Outcome, Verdict

PICTURES: Final = 16
"""Pictures that wait; each is as large as a frame."""
VERDICTS: Final = 200
"""Verdicts that wait for their picture: of a late part it comes later than the verdict, of a lost one never."""


def sampled(seq: int, share: float) -> bool:
    """Whether a pass is among the share of those kept: evenly spread, and the same in each replay."""
    return int(seq * share) != int((seq - 1) * share)


class Exhibits:
    """Any thread may call any method; all return at once."""

    def __init__(self, passes: float) -> None:
        """passes: the share of passes that are evidence; all others are."""
        self.wanted = False
        """Whether anybody listens to evidence; while nobody does, nothing is kept."""
        self._passes = passes
        self._pictures: OrderedDict[int, Shown] = OrderedDict()
        self._verdicts: OrderedDict[int, Verdict] = OrderedDict()
        self._lock = threading.Lock()

    def wants(self, seq: int, outcome: Outcome) -> bool:
        """Whether a part of that outcome is evidence."""
        return self.wanted and (outcome != "pass" or sampled(seq, self._passes))

    def picture(self, shown: Shown) -> bool:
        """Keep a picture; False when an older one had to go for it."""
        with self._lock:
            self._pictures[shown.seq] = shown
            if full := len(self._pictures) > PICTURES:
                self._pictures.popitem(last=False)
            return not full

    def verdict(self, verdict: Verdict) -> None:
        """Keep what was published of a part that is evidence."""
        if self.wants(verdict.seq, verdict.outcome):
            with self._lock:
                self._verdicts[verdict.seq] = verdict
                if len(self._verdicts) > VERDICTS:
                    self._verdicts.popitem(last=False)

    def take(self) -> tuple[Verdict, Shown] | None:
        """The oldest part of which both are there, once."""
        with self._lock:
            seq = next((seq for seq in self._pictures if seq in self._verdicts), None)
            return None if seq is None else (self._verdicts.pop(seq), self._pictures.pop(seq))
