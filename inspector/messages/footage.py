"""What a source gives, and the parts that a trigger makes of it."""

from dataclasses import dataclass
from typing import TypeAlias

from inspector.messages.terms import Affine, Image, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture from a source."""

    exposed_ns: int
    """Unix time of the exposure: the camera's clock mapped where it has a usable one, else the arrival."""
    arrived_ns: int
    """Monotonic time, taken directly after the driver returned."""
    counter: int
    """The driver's own frame number; gaps in it are lost frames."""
    image: Image
    name: str = ""
    """What the source calls the picture (a file's name in its folder); empty for cameras."""

    def __post_init__(self) -> None:
        self.image.flags.writeable = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Frames that a source should have given and did not: loss is a value in the stream, not an absence."""

    exposed_ns: int
    arrived_ns: int
    count: int
    reason: Reason
    name: str = ""
    detail: str = ""
    """What happened, in words that are the same each time it happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A live source has no picture to give, and says so instead: a driver that hangs is told apart from an empty belt.

    It stands for no part and no frame. A source that waits says it about every second.
    """

    arrived_ns: int
    """Monotonic time at which it is said."""
    lost: str = ""
    """Why the source as a whole is lost, in words; it is back with a Frame, or a Silence that gives no reason."""


Seen: TypeAlias = Frame | Missed | Silence
"""What a source gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one trigger stands for, to be judged from one picture; may be a crop of the frame."""

    seq: int
    """1, 2, 3, … within the run, without gap."""
    part: str
    """The part's id for people and the PLC, at most PART_ID_LIMIT characters; empty when nothing names it."""
    exposed_ns: int
    arrived_ns: int
    image: Image
    to_source: Affine

    def __post_init__(self) -> None:
        self.image.flags.writeable = False
        self.to_source.flags.writeable = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPart:
    """A part of which there is no picture to judge."""

    seq: int
    part: str
    exposed_ns: int
    arrived_ns: int
    reason: Reason
