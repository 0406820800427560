"""What a subscriber receives: loss, repeats and contradictions are values in the stream, never an absence."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from inspector.messages import Event, Health, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictReceived:
    """The first verdict heard of a part; each seq of a run comes at most once so."""

    verdict: Verdict
    recovered: bool
    """It was lost on its way and has been asked for again: it is later than it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """A verdict already received came again, identical: to be counted and ignored."""

    run: str
    seq: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """Another verdict came for a part that has one. A fault of the station; the one that is not a pass stands."""

    stands: Verdict
    refused: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Verdicts that were published and are lost for good; their parts will not come as VerdictReceived any more."""

    run: str
    first: int
    last: int
    """Included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRun:
    """The station was started: only this run counts from here on."""

    run: str
    previous: str | None
    """The run it closes; None for the first one heard."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReceived:
    """A heartbeat of the newest run."""

    health: Health


@dataclass(frozen=True, slots=True, kw_only=True)
class EventReceived:
    """An event of the newest run."""

    event: Event


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignored:
    """A message that does not count: to be counted."""

    run: str
    seq: int | None
    """None for heartbeats and events."""
    why: Literal["superseded", "too_late"]
    """superseded: of a run that a newer one closed; too_late: its part was given up, or is too long ago to compare."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Bytes that are no such message."""

    what: str
    """The topic, or `recovery`."""
    error: str


Received: TypeAlias = (
    VerdictReceived | Repeated | Contradiction | Gap | NewRun | HealthReceived | EventReceived | Ignored | Malformed
)
