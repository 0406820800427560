"""What every trigger promises."""

from collections.abc import Iterable, Iterator
from typing import Protocol

from inspector.messages import LostPart, Part, Seen


class Trigger(Protocol):
    """Decides which frames are parts, and numbers them. It runs in the capture thread and belongs to one run."""

    def parts(self, seen: Seen) -> Iterator[Part | LostPart]:
        """The parts that became known with what the source just gave; seq 1, 2, 3, … without gap over the whole run."""

    def end(self) -> Iterator[Part | LostPart]:
        """The parts still under way when there are no more pictures."""

    def anew(self, first: int) -> "Trigger":
        """One in its place after something raised: it has seen no picture yet, and numbers its parts from `first`."""


def all_parts(stream: Iterable[Seen], trigger: Trigger) -> Iterator[Part | LostPart]:
    """The parts of a source from its start to its end."""
    for seen in stream:
        yield from trigger.parts(seen)
    yield from trigger.end()
