"""How many parts a minute pass, from the station's own count."""

from collections import deque

WINDOW_S = 60.0
ENOUGH_S = 2.0
"""From a shorter stretch a rate would only jump about."""


class Rate:
    """Parts per minute over the last minute. Pure; at most 200 or so readings, since closer ones replace each other."""

    def __init__(self) -> None:
        self._readings: deque[tuple[float, int]] = deque()

    def read(self, now: float, parts: int) -> None:
        """The count of parts so far, at a time in seconds; a count that fell begins anew."""
        if self._readings and parts < self._readings[-1][1]:
            self._readings.clear()
        if len(self._readings) >= 2 and now - self._readings[-2][0] < WINDOW_S / 200:
            self._readings.pop()
        self._readings.append((now, parts))
        while len(self._readings) > 2 and now - self._readings[1][0] >= WINDOW_S:
            self._readings.popleft()

    def clear(self) -> None:
        self._readings.clear()

    @property
    def per_minute(self) -> float | None:
        """None until there is enough to tell."""
        if not self._readings:
            return None
        (since, first), (until, last) = self._readings[0], self._readings[-1]
        return (last - first) * 60.0 / (until - since) if until - since >= ENOUGH_S else None
