"""Where the readings of the pictures that could be judged are going, before it costs a part: for maintenance. Pure."""

import math
from collections import deque
from collections.abc import Mapping, Sequence
from itertools import islice
from statistics import fmean
from typing import Final

from inspector.scoring.health import LOW_HIGH, PLACE, SURE, Limit

MEMORY: Final = 32
"""Pictures over which a drift is averaged."""
EARLY: Final = 0.5
"""A drift is told when the average has gone so much of the way from usual to the limit."""
RUNS: Final = (8, 16, MEMORY)
"""Where pictures lie is averaged over so many of the last: how parts are placed averages out, a moved camera not."""
LEAST_PX: Final = 1.0
"""Such an average is told when it is out of the usual by SURE of its own standard deviations, and so many pixels."""


class Drift:
    """Follows the readings of one run, against their limits by name."""

    def __init__(self, limits: Mapping[str, Limit]) -> None:
        self._limits = limits
        self._averages: dict[str, float] = {}
        self._places: dict[str, deque[float]] = {name: deque(maxlen=MEMORY) for name in PLACE if name in limits}
        self._seen = 0

    def add(self, readings: Mapping[str, float]) -> None:
        """One more picture's."""
        self._seen += 1
        share = 1 / min(self._seen, MEMORY)
        for name, value in readings.items():
            before = self._averages.get(name, value)
            self._averages[name] = before + share * (value - before)
        for name, values in self._places.items():
            values.append(readings[name])

    def told(self) -> tuple[str, ...]:
        """What is on its way, in words that are the same as long as it is."""
        moved = [_moved(name, values, self._limits[name]) for name, values in self._places.items()]
        if self._seen >= MEMORY:
            moved += [_early(name, value, self._limits[name]) for name, value in self._averages.items()]
        return tuple(filter(None, moved))


def _moved(name: str, values: Sequence[float], limit: Limit) -> str:
    """That what the camera sees has moved, by the average of the last pictures; constant while it has."""
    if not limit.spread:
        return ""
    for run in RUNS:
        if len(values) < run:
            break
        average = fmean(islice(reversed(values), run)) - limit.usual
        if abs(average) > SURE * limit.spread / math.sqrt(run) + LEAST_PX:
            word = LOW_HIGH[name][average > 0]
            return (f"maintenance: pictures have {word}: the camera, its mounting, or how parts are placed ({name}; "
                    f"usual {limit.usual:.1f} ± {limit.spread:.1f} pixels)")  # fmt: skip
    return ""


def _early(name: str, average: float, limit: Limit) -> str:
    if limit.spread:
        return ""  # _moved tells of it
    bound = limit.highest if average > limit.usual else limit.lowest
    way = (average - limit.usual) / (bound - limit.usual)
    if way <= EARLY:
        return ""
    word = LOW_HIGH[name][average > limit.usual].split(":")[0]
    return f"maintenance: pictures are getting {word} ({name} nears its limit {bound:.2f}; usual {limit.usual:.2f})"
