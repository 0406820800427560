"""The bank as it would be without one of the good pictures: what that picture's own score is taken from. Pure.

A part seen by the line was never fitted on, so a good picture must not be scored by a bank that holds its own patches;
and a bank fitted on much fewer pictures scores good parts higher than the final one will, which puts the threshold too
high. Both are kept by taking one picture out of the final bank: each vector is the mean of patches, whose sum loses
that picture's, and a vector of that picture alone is gone. Fitting anew without it would move the others a little too.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspector.scoring.bank import Features

AT_ONCE: Final = 65_536
"""Features added up at a time, in double precision: 100 MB at 192 dimensions."""


class LeaveOut:
    """A bank made of means of patches, whose pictures are known."""

    def __init__(self, features: Features, pictures: NDArray[np.int32], rows: NDArray[np.int64], size: int) -> None:
        """Patch features float32[n, C], the picture int32[n] of each, and the row int64[n] of the bank whose mean it is
        part of, -1 for none; `size` rows, each with at least one patch."""
        member = rows >= 0
        self._features = features if member.all() else features[member]
        self._rows = rows[member]
        self._order = np.argsort(pictures[member], kind="stable")
        self._sorted = pictures[member][self._order]
        self._counts = np.bincount(self._rows, minlength=size)
        self._sums = _sums(self._features, self._rows, size)

    @property
    def bank(self) -> Features:
        """The whole bank float32[size, C]."""
        return (self._sums / self._counts[:, None]).astype(np.float32)

    def without(self, picture: int) -> Features:
        """The bank float32[at most size, C] without this picture; the whole one where it has no part in it.

        A bank of that picture alone stays whole: there is nothing else to compare with.
        """
        begin, end = np.searchsorted(self._sorted, [picture, picture + 1])
        own = self._order[begin:end]
        counts = self._counts - np.bincount(self._rows[own], minlength=len(self._counts))
        if not counts.any():
            return self.bank
        sums = self._sums - _sums(self._features[own], self._rows[own], len(counts))
        left = counts > 0
        return (sums[left] / counts[left, None]).astype(np.float32)


def _sums(features: Features, rows: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """float64[size, C]: of the features of each row."""
    sums = np.zeros((size, features.shape[1]))
    for begin in range(0, len(rows), AT_ONCE):
        some = rows[begin : begin + AT_ONCE]
        order = np.argsort(some, kind="stable")
        present, starts = np.unique(some[order], return_index=True)
        sums[present] += np.add.reduceat(features[begin : begin + AT_ONCE][order].astype(np.float64), starts, axis=0)
    return sums
