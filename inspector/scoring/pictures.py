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


def spread(pictures: Sequence[Image], most: int) -> Some:
    """At most so many of them, evenly from the first to the last."""
    count = min(most, len(pictures))
    return Some(pictures, [n * (len(pictures) - 1) // max(1, count - 1) for n in range(count)])
