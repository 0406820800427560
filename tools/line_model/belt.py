"""The belt as it really moves: stretches of one speed each, stops among them, now and then a little backwards."""

import random
from bisect import bisect_right
from typing import Final

FASTEST: Final = 1000.0
"""Counts a second."""


class TrueBelt:
    """Position by time, and the time at which a position is first reached."""

    def __init__(self, chance: random.Random, steady: bool, reverses: bool) -> None:
        """steady: at one speed for ever."""
        self._chance = chance
        self._steady = steady
        self._reverses = reverses
        self._times = [0.0]
        self._stretches = [(0.0, 0.0, FASTEST)]
        """Begin, position then, speed."""
        self.reversed: list[float] = []
        """When it ran back."""

    def position(self, moment: float) -> float:
        """Counts since the beginning."""
        self._reach(moment)
        begin, position, speed = self._stretches[bisect_right(self._times, moment) - 1]
        return position + speed * (moment - begin)

    def reaches(self, target: float, first: int) -> tuple[float, int]:
        """When it is first there, and the stretch; first: the stretch of an earlier target."""
        index = first
        while True:
            while index + 1 >= len(self._stretches):
                self._extend()
            (begin, position, speed), end = self._stretches[index], self._stretches[index + 1][1]
            if speed > 0 and end >= target:
                return begin + max(0.0, target - position) / speed, index
            index += 1

    def _reach(self, moment: float) -> None:
        while self._times[-1] <= moment:
            self._extend()

    def _extend(self) -> None:
        begin, position, speed = self._stretches[-1]
        if self._steady:
            length, follows = 1000.0, FASTEST
        else:
            kind = self._chance.random()
            length = self._chance.uniform(0.4, 12.0) if speed > 0 else self._chance.uniform(0.2, 3.0)
            follows = 0.0 if kind < 0.1 and speed > 0 else self._chance.uniform(400.0, FASTEST)
            if speed < 0:
                length = self._chance.uniform(5.0, 90.0) / -speed
            elif self._reverses and kind > 0.995:
                follows = -self._chance.uniform(100.0, 500.0)
                self.reversed.append(begin + length)
        self._times.append(begin + length)
        self._stretches.append((begin + length, position + speed * length, follows))
