"""Some of many pictures, which stay where they are until they are asked for. Pure."""

from collections.abc import Sequence

from inspector.messages import Image


class Some(Sequence[Image]):
    """The pictures of these numbers, in their order."""

    def __init__(self, pictures: Sequence[Image], numbers: Sequence[int]) -> None:
        self._pictures, self._numbers = pictures, numbers

    def __len__(self) -> int:
        return len(self._numbers)

    def __getitem__(self, index: int) -> Image:  # type: ignore[override]  # no slices
        return self._pictures[self._numbers[index]]


def spread(count: int, most: int) -> list[int]:
    """At most so many of the numbers below count, evenly from the first to the last."""
    some = min(most, count)
    return [n * (count - 1) // max(1, some - 1) for n in range(some)]
