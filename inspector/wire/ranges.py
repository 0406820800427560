"""A set of whole numbers as disjoint inclusive ranges: a million lost parts cost one pair."""

from bisect import bisect_left
from collections.abc import Iterator
from operator import itemgetter


class Ranges:
    """Numbers join at the upper end only, as parts are counted, and may leave from anywhere."""

    def __init__(self) -> None:
        self._pairs: list[tuple[int, int]] = []

    def __iter__(self) -> Iterator[tuple[int, int]]:
        return iter(self._pairs)

    def append(self, first: int, last: int) -> None:
        """Add first to last, both included; an empty range adds nothing. Raises ValueError below the upper end."""
        if last < first:
            return
        if not self._pairs or first > self._pairs[-1][1] + 1:
            self._pairs.append((first, last))
        elif first == self._pairs[-1][1] + 1:
            self._pairs[-1] = (self._pairs[-1][0], last)
        else:
            raise ValueError(f"{first} to {last} is not above {self._pairs[-1][1]}")

    def take(self, first: int, last: int) -> list[tuple[int, int]]:
        """Remove what lies in first to last, both included, and return it."""
        if last < first:
            return []
        begin = end = bisect_left(self._pairs, first, key=itemgetter(1))
        taken, left = [], []
        while end < len(self._pairs) and self._pairs[end][0] <= last:
            low, high = self._pairs[end]
            taken.append((max(low, first), min(high, last)))
            left += [(low, first - 1)] if low < first else []
            left += [(last + 1, high)] if high > last else []
            end += 1
        self._pairs[begin:end] = left
        return taken

    def clear(self) -> list[tuple[int, int]]:
        """Remove everything and return it."""
        everything, self._pairs = self._pairs, []
        return everything

    @property
    def lowest(self) -> tuple[int, int] | None:
        """The lowest range, or None when there is nothing."""
        return self._pairs[0] if self._pairs else None
