"""Percentiles of any number of latencies in constant memory."""

import math

LOWEST_MS = 1e-3
STEP = 1.01
_BINS = 1 + math.ceil(math.log(1e7 / LOWEST_MS) / math.log(STEP))


class Latencies:
    """A histogram whose bins each span 1 %, from a microsecond to three hours; the maximum is kept exactly."""

    def __init__(self) -> None:
        self._bins = [0] * _BINS
        self._count = 0
        self._max_ms = 0.0

    def __len__(self) -> int:
        return self._count

    @property
    def max_ms(self) -> float:
        """The largest so far; 0 when there is none."""
        return self._max_ms

    def add(self, value_ms: float) -> None:
        """Count one latency; what lies beyond the histogram counts in its first or last bin."""
        place = math.ceil(math.log(value_ms / LOWEST_MS) / math.log(STEP)) if value_ms > LOWEST_MS else 0
        self._bins[min(place, _BINS - 1)] += 1
        self._count += 1
        self._max_ms = max(self._max_ms, value_ms)

    def percentile(self, percent: float) -> float:
        """The latency in ms that `percent` of them do not exceed, at most 1 % too high; 0 when there is none."""
        wanted = max(1, math.ceil(self._count * percent / 100))
        seen = 0
        for place, count in enumerate(self._bins):
            seen += count
            if seen >= wanted:
                return min(LOWEST_MS * STEP**place, self._max_ms)
        return 0.0

    def as_json(self) -> dict[str, float]:
        """p50, p95, p99 and max, in ms."""
        figures = {f"p{percent}": round(self.percentile(percent), 3) for percent in (50, 95, 99)}
        return {**figures, "max": round(self._max_ms, 3)}
