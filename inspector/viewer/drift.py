"""Is it getting worse? The scores of the last parts against those at the beginning of the bank. Pure.

Compared are medians, which a few rejects do not move, and the difference is told in units of the reference's own spread
(its interquartile range / 1.349: the standard deviation, were it normal). With 60 parts on each side chance alone moves
the difference by about 0.23 spreads, so 0.75 is more than three times that.
"""

from collections import deque
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Final

from inspector.messages import Verdict

RECENT: Final = 60
REFERENCE: Final = 300
"""The first so many parts of a bank are its reference, once there are as many; at least RECENT."""
DRIFTS: Final = 0.75
"""Spreads from which on it is called a drift."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What the comparison says; scores in units of the score."""

    before: float
    now: float
    spreads: float
    """(now - before) / spread; above 0: the parts look less like the good ones."""
    reference: int
    """Parts in the reference."""

    @property
    def drifts(self) -> bool:
        return abs(self.spreads) >= DRIFTS


class Scores:
    """Keeps the reference and the newest scores of the bank in force."""

    def __init__(self) -> None:
        self._bank: str | None = None
        self._reference: list[float] = []
        self._recent: deque[float] = deque()

    def add(self, verdict: Verdict, bank: str) -> None:
        """Take a verdict in; another bank begins anew."""
        if bank != self._bank:
            self._bank = bank
            self._reference.clear()
            self._recent.clear()
        if verdict.score is None:
            return
        self._recent.append(verdict.score)
        if len(self._recent) > RECENT:
            oldest = self._recent.popleft()
            if len(self._reference) < REFERENCE:
                self._reference.append(oldest)

    @property
    def missing(self) -> int:
        """Parts still needed before anything can be said."""
        return max(0, 2 * RECENT - len(self._reference) - len(self._recent))

    def drift(self) -> Drift | None:
        """None while there are too few parts."""
        if self.missing:
            return None
        before, now = median(self._reference), median(self._recent)
        low, _, high = quantiles(self._reference, n=4)
        spread = max((high - low) / 1.349, 0.002 * before, 1e-9)  # equal pictures have no spread; a 500th is no drift
        return Drift(before=before, now=now, spreads=(now - before) / spread, reference=len(self._reference))
