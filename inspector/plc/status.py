"""What the PLC is shown of the bridge and the station, beside results and windows. Pure."""

from typing import Final

from inspector.messages import Health
from inspector.plc.alarms import Alarm
from inspector.plc.decisions import Readiness, Totals
from inspector.plc.faults import Fault
from inspector.plc.registers import VERSION, State, Values

REFUSED: Final = 65535
SHOWN_S: Final = 5.0
"""A fault that is over stays in FAULT_CODE for so long, so that somebody sees it."""


class FaultDisplay:
    """Which FAULT_CODE to show: what stands now, else what went wrong last."""

    def __init__(self) -> None:
        self._last, self._until = Fault.NONE, 0.0

    def note(self, fault: Fault, now: float) -> None:
        """Something went wrong, and is over."""
        self._last, self._until = fault, now + SHOWN_S

    def code(self, readiness: Readiness, now: float) -> Fault:
        """To be shown now."""
        if not readiness.on:
            return readiness.fault
        return self._last if now < self._until else Fault.NONE


def state(readiness: Readiness, health: Health | None) -> State:
    """STATE, in OPC 40100-1's numbers."""
    if readiness.on:
        return State.CONTINUOUS_EXECUTION
    if health is None or readiness.fault not in (Fault.NOT_READY, Fault.NO_STATION, Fault.NOT_IN_STEP):
        return State.PREOPERATIONAL if readiness.fault is Fault.NO_STATION else State.ERROR
    match health.state:
        case "starting":
            return State.PREOPERATIONAL
        case "ready" | "not_ready":
            return State.INITIALIZED
        case _:
            return State.HALTED


def status(
    readiness: Readiness,
    health: Health | None,
    totals: Totals,
    *,
    fault: Fault,
    alarm: Alarm,
    recipe: int,
    echo: int,
    epoch: int,
    overruns: int,
    pulse: bool,
) -> Values:
    """The fields, in the order of their addresses."""
    return {
        "VERSION": VERSION,
        "READY": int(readiness.on),
        "BUSY": int(health is not None and health.taken > health.published),
        "STATE": int(state(readiness, health)),
        "FAULT_CODE": int(fault),
        "ALARM": int(alarm),
        "RECIPE": recipe,
        "RECIPE_ECHO": echo,
        "EPOCH_ECHO": epoch,
        "MODE": 2 if pulse else 1,
        "PARTS": totals.parts,
        "ACCEPTED": totals.accepted,
        "REJECTED": totals.parts - totals.accepted,
        "OVERRUNS": overruns,
    }
