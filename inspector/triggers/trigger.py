"""What every trigger promises."""

from collections.abc import Iterable, Iterator
from typing import Protocol, runtime_checkable

from inspector.messages import LostPart, Part, Scene, Seen


class Trigger(Protocol):
    """Decides which frames are parts, and numbers them. It runs in the capture thread and belongs to one run."""

    def parts(self, seen: Seen) -> Iterator[Part | LostPart]:
        """The parts that became known with what the source just gave; seq 1, 2, 3, … without gap over the whole run."""

    def end(self) -> Iterator[Part | LostPart]:
        """The parts still under way when there are no more pictures."""

    def anew(self, first: int) -> "Trigger":
        """One in its place after something raised: it has seen no picture yet, and numbers its parts from `first`."""


@runtime_checkable
class FollowingTrigger(Trigger, Protocol):
    """One that follows parts through the picture, and can say where they are."""

    def scene(self) -> Scene | None:
        """The parts in the frame last given to parts(), from the thread that gave it; None before the first."""


def scene_of(trigger: Trigger) -> Scene | None:
    """What a trigger sees in the frame last given to it; None for one that follows no parts."""
    return trigger.scene() if isinstance(trigger, FollowingTrigger) else None


def all_parts(stream: Iterable[Seen], trigger: Trigger) -> Iterator[Part | LostPart]:
    """The parts of a source from its start to its end."""
    for seen in stream:
        yield from trigger.parts(seen)
    yield from trigger.end()
