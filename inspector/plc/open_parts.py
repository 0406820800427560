"""What the ledger knows of the newest run, what keeps it from being ready, and verdicts whose part has no place yet."""

from collections import deque
from dataclasses import dataclass, field

from inspector.messages import Health, Verdict
from inspector.plc.faults import Fault
from inspector.wire.ranges import Ranges


@dataclass(slots=True)
class Run:
    """What is known of the newest run."""

    name: str
    heard: float
    """When its last heartbeat came, or its first message."""
    known: int = 0
    """Parts 1 to this exist and are decided, or open."""
    in_step: bool = False
    """Something told how far the run was when it was first heard."""
    health: Health | None = None
    replay: bool = False
    open: Ranges = field(default_factory=Ranges)
    placing: set[int] = field(default_factory=set)
    """Parts that passed, whose place is not certain yet."""
    deadlines: deque[tuple[float, int]] = field(default_factory=deque)
    """By when the open parts up to a seq must be decided."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A verdict whose part's place is not certain yet."""

    verdict: Verdict
    received: float
    recovered: bool
    until: float
    result_id: int | None
    """None: a pass, to be decided; else a rejection, decided, whose place the gate has not been told."""


def hindrance(run: Run | None, silent: bool, accept_replay: bool, timeout_s: float) -> tuple[Fault, str] | None:
    """Why the station's passes do not count now; None: they do."""
    if run is None:
        return Fault.NO_STATION, "no station heard yet"
    if run.replay and not accept_replay:
        return Fault.REPLAY, f"run {run.name} is recorded footage, and plc.accept_replay is false"
    if run.health is not None and run.health.state == "ended":
        return Fault.NO_STATION, f"run {run.name} has ended"
    if silent:
        return Fault.SILENCE, f"no heartbeat for more than {1000 * timeout_s:g} ms"
    if run.health is None:
        return Fault.NO_STATION, f"no heartbeat of run {run.name} yet"
    if run.health.state != "ready":
        reasons = "".join(f": {reason}" for reason in run.health.reasons)
        return Fault.NOT_READY, f"the station is {run.health.state}{reasons}"
    return None
