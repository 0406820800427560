"""Where the belt is: the PLC's position counter, sampled, and read back for the moment of an exposure. Pure.

The counter is an encoder's, or the PLC's milliseconds where the belt always runs at one speed; 32 bits, rolling over.
It was read at a moment between `sent` and `came`, and runs between two known speeds, so that at any moment it lies in

            ╱·····╱ ◀ slowest
          ╱·····╱          an interval: narrow between two samples, however the belt sped up or stood between them
    ────●─────●────
     sent    came

A counter that jumps, runs backwards or restarts (`epoch`) says nothing of what was exposed before: a fault.
"""

from bisect import bisect_right
from collections import deque
from dataclasses import dataclass
from typing import Final

ROLL: Final = 1 << 32
KEPT_S: Final = 10.0
"""Samples are kept for so long: parts are exposed, judged and placed within it."""
GAP_S: Final = 1.0
"""After so long without a sample a jump could not be told from a run: what was exposed before is lost."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One reading of the PLC's counter."""

    sent: float
    """Monotonic seconds of this machine, before asking."""
    came: float
    """After the answer."""
    count: int
    """0 to 2³² − 1."""
    epoch: int
    """The PLC counts here how often its counter was set anew."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position on the belt, in counts since the bridge came, not rolling over; certain within ± error."""

    at: float
    error: float


class Belt:
    """The samples, unrolled."""

    def __init__(self, slowest: float, fastest: float, slack: float) -> None:
        """slowest, fastest: counts a second; slack: counts that it may jitter by, backwards too."""
        self._slowest = slowest
        self._fastest = fastest
        self._slack = slack
        self._samples: deque[tuple[float, float, int]] = deque()
        """sent, came, unrolled count."""
        self._last: Sample | None = None
        self._count = 0
        self._highest = 0
        self.since = 0.0
        """Exposures before this moment cannot be placed."""

    @property
    def epoch(self) -> int | None:
        """Which numbering of the PLC's counter the positions belong to; None before the first sample."""
        return self._last.epoch if self._last else None

    def sample(self, sample: Sample) -> str | None:
        """Add a reading; text: it does not go on from the one before, and why."""
        last, self._last = self._last, sample
        broken = "the first sample" if last is None else self._break(last, sample)
        if broken is None and last is not None:
            self._count += _signed(sample.count - last.count)
            self._highest = max(self._highest, self._count)
        else:
            # Far from every position before, so that none of those can be taken for one of these.
            self._count = self._highest = sample.count + ROLL * (self._count // ROLL + 2)
            self._samples.clear()
            self.since = sample.came
        self._samples.append((sample.sent, sample.came, self._count))
        while self._samples[0][1] < sample.came - KEPT_S:
            self._samples.popleft()
        return broken if last is not None else None

    def at(self, early: float, late: float) -> Place | None:
        """Where the belt was at a moment between these two; None before the samples begin."""
        if not self._samples or early < self.since:
            return None
        before = self._samples[bisect_right(self._samples, early, key=lambda sample: sample[1]) - 1]
        low = before[2] + self._slowest * (early - before[1])
        high = before[2] + self._fastest * (late - before[0])
        guess = before[2] + self._slowest * ((early + late) / 2 - (before[0] + before[1]) / 2)
        position = bisect_right(self._samples, late, key=lambda sample: sample[0])
        if position < len(self._samples):
            after = self._samples[position]
            high = min(high, after[2] - self._slowest * (after[0] - late))
            low = max(low, after[2] - self._fastest * (after[1] - early))
            guess = _between(before, after, (early + late) / 2)
        low, high = low - self._slack, high + self._slack + 1  # the counter shows whole counts
        if high < low:
            return None
        at = min(max(guess, low), high)
        return Place(at, max(at - low, high - at))

    def now(self, now: float) -> float:
        """The furthest that the belt can have come; 0 before the samples begin."""
        if not self._samples:
            return 0.0
        sent, _, count = self._samples[-1]
        return count + self._fastest * max(0.0, now - sent) + self._slack + 1

    def counter(self, position: float) -> int:
        """A position as the PLC's counter shows it."""
        return round(position) % ROLL

    def _break(self, last: Sample, sample: Sample) -> str | None:
        if sample.epoch != last.epoch:
            return f"the PLC set its position counter anew (epoch {last.epoch}, now {sample.epoch})"
        if sample.came - last.came > GAP_S:
            return f"no position from the PLC for {sample.came - last.came:.1f} s"
        moved = _signed(sample.count - last.count)
        if self._count + moved < self._highest - self._slack:
            return f"the position counter ran back by {self._highest - self._count - moved}"
        most = self._fastest * (sample.came - last.sent) + self._slack + 1
        if moved > most:
            return f"the position counter jumped by {moved}; the belt moves {most:.0f} at most in that time"
        least = self._slowest * (sample.sent - last.came) - self._slack - 1
        if moved < least:
            return f"the position counter moved by {moved}; a clock moves {least:.0f} at least in that time"
        return None


def _between(before: tuple[float, float, int], after: tuple[float, float, int], moment: float) -> float:
    start, end = (before[0] + before[1]) / 2, (after[0] + after[1]) / 2
    return before[2] + (after[2] - before[2]) * (moment - start) / max(end - start, 1e-9)


def _signed(difference: int) -> int:
    return (difference + ROLL // 2) % ROLL - ROLL // 2
