"""FAULT_CODE: what the PLC's display says, and what stands in docs/plc.md."""

from enum import IntEnum


class Fault(IntEnum):
    """The number, and in docs/plc.md what to do about it."""

    NONE = 0
    NO_STATION = 1
    SILENCE = 2
    NOT_READY = 3
    REPLAY = 4
    NOT_IN_STEP = 5
    BELT = 6
    CLOCK = 7
    LATE = 8
    NOT_TOLD = 9
    EYE_COUNT = 10
    PLC_DOWN = 11
    PLC_FROZEN = 12
    LEDGER_FILE = 13
