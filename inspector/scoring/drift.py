"""Where the readings of the pictures that could be judged are going, before it costs a part: for maintenance. Pure."""

import math
from collections.abc import Mapping
from typing import Final

import numpy as np

from inspector.scoring.health import LOW_HIGH, SURE, Limit

RUNS: Final = (8, 16, 32)
"""Readings are averaged over so many of the last pictures: few tell soon what goes fast, many tell what is slight."""
EARLY: Final = 0.5
"""A drift is told when an average has gone so much of the way from usual to the limit."""
LEAST_PX: Final = 1.0
"""Of where pictures lie it is told earlier: when an average is out of the usual by SURE of its own standard deviations
and so many pixels. How parts are placed averages out, a moved camera does not."""


class Drift:
    """Follows the readings of one run, against their limits by name."""

    def __init__(self, limits: Mapping[str, Limit]) -> None:
        self._limits = dict(limits)
        self._usual = np.array([limit.usual for limit in limits.values()])
        self._allowed = {run: np.array([_allowed(limit, run) for limit in limits.values()]) for run in RUNS}
        self._last = np.zeros((RUNS[-1], len(limits)))
        self._seen = 0

    def add(self, readings: Mapping[str, float]) -> None:
        """One more picture's."""
        self._seen += 1
        self._last[:-1] = self._last[1:]
        self._last[-1] = [readings[name] for name in self._limits]

    def told(self) -> tuple[str, ...]:
        """What is on its way, in words that are the same as long as it is."""
        found = dict[str, float]()
        for run in RUNS:
            if self._seen >= run and self._limits:
                away = self._last[-run:].mean(axis=0) - self._usual
                below, above = self._allowed[run].T
                out = np.flatnonzero((away < below) | (away > above))
                found |= {name: away[at] for at in out if (name := list(self._limits)[at]) not in found}
        return tuple(_words(name, self._limits[name], bool(away > 0)) for name, away in found.items())


def _allowed(limit: Limit, run: int) -> tuple[float, float]:
    """How far below and above the usual an average over so many pictures may be."""
    if limit.spread:
        most = SURE * limit.spread / math.sqrt(run) + LEAST_PX
        return -most, most
    return EARLY * (limit.lowest - limit.usual), EARLY * (limit.highest - limit.usual)


def _words(name: str, limit: Limit, above: bool) -> str:
    word = LOW_HIGH[name][above]
    if limit.spread:
        return (f"maintenance: pictures have {word}: the camera, its mounting, or how parts are placed "
                f"({name}; usual {limit.usual:.1f} ± {limit.spread:.1f} pixels)")  # fmt: skip
    bound, getting = limit.highest if above else limit.lowest, word.split(":")[0]
    return f"maintenance: pictures are getting {getting} ({name} nears its limit {bound:.2f}; usual {limit.usual:.2f})"
