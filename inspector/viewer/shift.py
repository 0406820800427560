"""How the scores of a shift are spread: a histogram that begins anew with each shift."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from inspector.messages import Verdict

BINS_TO_THRESHOLD: Final = 50
MOST_BINS: Final = 200
"""The last bin holds all that is higher: four times the threshold and above."""


class Shift:
    """Counts the scores of the parts exposed in the current shift. Pure; `starts` are times of day (HH:MM)."""

    def __init__(self, starts: Iterable[str]) -> None:
        self._bank = ""
        self._starts = sorted(time.fromisoformat(start) for start in starts)
        self.start_s = 0.0
        """Unix time at which the shift began; 0 before the first part."""
        self.width = 0.0
        """Of a bin, as a score; set by the shift's first threshold, and kept when that changes."""
        self.counts: Counter[int] = Counter()
        """Parts by bin: bin i holds scores from i to i + 1 widths."""
        self.first_s = 0.0
        """Unix time of the first part counted: later than the shift's beginning where we were not there then."""

    def add(self, verdict: Verdict, bank: str = "") -> None:
        """Take a verdict in; one of a shift that is over is not counted any more. Another bank's scores begin anew."""
        exposed_s = verdict.exposed_ns / 1e9
        start_s = beginning(exposed_s, self._starts)
        if start_s < self.start_s:
            return
        if start_s > self.start_s or bank != self._bank:
            self._bank = bank
            self.start_s, self.width, self.first_s = start_s, 0.0, exposed_s
            self.counts.clear()
        self.first_s = min(self.first_s, exposed_s)
        if verdict.score is None:
            return
        if self.width == 0:
            self.width = (verdict.threshold or 1.0) / BINS_TO_THRESHOLD
        self.counts[min(MOST_BINS - 1, int(verdict.score / self.width))] += 1


def beginning(at_s: float, starts: list[time]) -> float:
    """Unix time at which the shift of a moment began, by this machine's clock; without shifts its day's midnight."""
    at = datetime.fromtimestamp(at_s).astimezone()
    candidates = [
        datetime.combine(at.date() - timedelta(days=days), start).astimezone()
        for days in (0, 1)
        for start in starts or [time()]
    ]
    return max(each for each in candidates if each <= at).timestamp()
