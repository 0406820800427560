"""What came of the parts, hour by hour."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from inspector.messages import Verdict

HOUR_S: Final = 3600
ROOM: Final = 48


@dataclass(slots=True)
class Hour:
    """One hour's parts."""

    start_s: int
    """Unix time of its beginning."""
    outcomes: Counter[str] = field(default_factory=Counter)
    """pass, fail, not_inspected."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Of those not inspected."""
    first_ns: int = 0
    last_ns: int = 0
    """Unix times of the first and the last exposure: a rate over a whole hour would be wrong in the first."""

    @property
    def parts(self) -> int:
        return self.outcomes.total()


class Hours:
    """The last hours in which there was a part, at most ROOM. Pure."""

    def __init__(self) -> None:
        self._hours: dict[int, Hour] = {}

    def add(self, verdict: Verdict) -> None:
        """Count a verdict in the hour of its exposure."""
        start_s = int(verdict.exposed_ns // 1_000_000_000 // HOUR_S * HOUR_S)
        hour = self._hours.get(start_s)
        if hour is None:
            hour = self._hours[start_s] = Hour(start_s, first_ns=verdict.exposed_ns)
            while len(self._hours) > ROOM:
                del self._hours[min(self._hours)]
        hour.first_ns = min(hour.first_ns, verdict.exposed_ns)
        hour.last_ns = max(hour.last_ns, verdict.exposed_ns)
        hour.outcomes[verdict.outcome] += 1
        if verdict.reason is not None:
            hour.reasons[verdict.reason] += 1

    def remember(self, hours: Iterable[Hour]) -> None:
        """Begin with what was counted elsewhere."""
        self._hours = {hour.start_s: hour for hour in hours}

    def oldest_first(self) -> list[Hour]:
        return [self._hours[start] for start in sorted(self._hours)]
