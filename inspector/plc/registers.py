"""The register image: every field's name, address, type and byte order, shared by all protocols. Pure.

    0 ┌──────────────────────────────┐      100 ┌──────────────────────────────┐
      │ status, recipe, alarm        │          │ heartbeat, position, epoch   │
   12 │ result, its id at both ends  │          │ acknowledgement, requests    │
   22 │ counters                     │      112 └──────────────────────────────┘
   30 │ windows: 8 slots of 8        │            the PLC writes, the bridge reads
   94 └──────────────────────────────┘
        the bridge writes, the PLC reads

Addresses are offsets from `base` in holding registers (16 bits). A value of two registers has its high word first,
unless the configuration says otherwise; within a word the high byte is first, as Modbus has it.
"""

import struct
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Final, Literal, TypeAlias

from inspector.plc.gate import SLOTS
from inspector.plc.slots import Told

WordOrder: TypeAlias = Literal["high_first", "low_first"]
Values: TypeAlias = Mapping[str, int | float]
"""Field names and values, to be written in this order."""

VERSION: Final = 1


class Kind(Enum):
    """How a value is held: its registers, and its struct format."""

    U16 = (1, "H")
    U32 = (2, "I")
    F32 = (2, "f")

    @property
    def registers(self) -> int:
        """How many it takes."""
        return self.value[0]

    @property
    def format(self) -> str:
        """As `struct` names it."""
        return self.value[1]


class Outcome(IntEnum):
    """OUTCOME."""

    UNDEFINED = 0
    PASS = 1
    FAIL = 2
    NOT_INSPECTED = 3


class State(IntEnum):
    """STATE, numbered as in OPC 40100-1 (VisionStateMachineType, VisionAutomaticModeStateMachineType)."""

    PREOPERATIONAL = 1
    HALTED = 2
    ERROR = 3
    INITIALIZED = 5
    CONTINUOUS_EXECUTION = 8


@dataclass(frozen=True, slots=True)
class Field:
    """One value of the image."""

    name: str
    address: int
    kind: Kind
    meaning: str


def _fields(first: int, *rows: tuple[str, Kind, str]) -> tuple[Field, ...]:
    out, address = [], first
    for name, kind, meaning in rows:
        out.append(Field(name, address, kind, meaning))
        address += kind.registers
    return tuple(out)


_U16, _U32, _F32 = Kind.U16, Kind.U32, Kind.F32
WINDOWS: Final = 30
"""Address of the first slot."""
SLOT: Final = 8
"""Registers of a slot."""
PLC: Final = 100
"""Address of what the PLC writes."""

BRIDGE_FIELDS: Final = (
    *_fields(
        0,
        ("VERSION", _U16, "1: this layout"),
        ("HEARTBEAT", _U16, "changes every heartbeat_ms while the bridge lives"),
        ("READY", _U16, "1: parts may come"),
        ("BUSY", _U16, "1: parts are being judged"),
        ("STATE", _U16, "1 preoperational, 2 halted, 3 error, 5 initialized, 8 running (OPC 40100-1)"),
        ("FAULT_CODE", _U16, "0: none; see the table of faults"),
        ("ALARM", _U16, "0: none, 1: rejects in a row, 2: share of rejects, 3: too late; until ALARM_RESET"),
        ("RECIPE", _U16, "number of the recipe in force; 0: not in the configuration's list"),
        ("RECIPE_ECHO", _U16, "the last RECIPE_REQUEST under which a verdict has come; 65535: it was refused"),
        ("EPOCH_ECHO", _U16, "the EPOCH that the windows go by"),
        ("MODE", _U16, "1: permit, 2: pulse"),
        ("RESERVED", _U16, "0"),
        ("RESULT_VALID", _U16, "1: the result below is whole"),
        ("OUTCOME", _U16, "0 undefined, 1 pass, 2 fail, 3 not inspected"),
        ("RESULT_ID", _U32, "counts parts, through all runs; ids left out were not inspected"),
        ("RESULT_PASS", _U16, "1: the part may pass"),
        ("SCORE", _F32, "the part's score; -1: none"),
        ("RESULT_ID_CHECK", _U32, "equals RESULT_ID when the result is whole"),
        ("RESULT_OVERRUN", _U16, "1: a result came before the one before was acknowledged"),
        ("PARTS", _U32, "parts decided since the bridge started"),
        ("ACCEPTED", _U32, "of them accepted"),
        ("REJECTED", _U32, "of them rejected"),
        ("OVERRUNS", _U32, "results that were not acknowledged in time"),
    ),
    *(
        field
        for slot in range(SLOTS)
        for field in _fields(
            WINDOWS + SLOT * slot,
            (f"WINDOW{slot}_ID", _U32, "RESULT_ID of its part; 0: empty"),
            (f"WINDOW{slot}_FIRST", _U32, "first POSITION of the window"),
            (f"WINDOW{slot}_LAST", _U32, "last POSITION of the window"),
            (f"WINDOW{slot}_EPOCH", _U16, "means nothing unless equal to EPOCH"),
            (f"WINDOW{slot}_CHECK", _U16, "low word of the id; means nothing unless equal to it"),
        )
    ),
)
PLC_FIELDS: Final = _fields(
    PLC,
    ("PLC_HEARTBEAT", _U16, "changes while the PLC's program runs"),
    ("EPOCH", _U16, "+1 whenever POSITION was set anew, and at each start of the program"),
    ("POSITION", _U32, "encoder counts, or milliseconds of a steady belt; rolls over"),
    ("RESULT_ACK", _U32, "the RESULT_ID that was taken over; 0 while RESULT_VALID is 0"),
    ("RECIPE_REQUEST", _U16, "number of the recipe wanted; 0: none"),
    ("START", _U16, "a rising edge: take parts"),
    ("STOP", _U16, "a rising edge: take no part"),
    ("ALARM_RESET", _U16, "a rising edge: ALARM off"),
    ("EYE_COUNT", _U32, "parts that a photo-eye at the camera has counted"),
)
FIELDS: Final = {field.name: field for field in (*BRIDGE_FIELDS, *PLC_FIELDS)}
BRIDGE_SIZE: Final = WINDOWS + SLOT * SLOTS
PLC_SIZE: Final = sum(field.kind.registers for field in PLC_FIELDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlcSide:
    """What the PLC has written."""

    heartbeat: int
    epoch: int
    position: int
    ack: int
    recipe_request: int
    start: bool
    stop: bool
    alarm_reset: bool
    eye_count: int

    @classmethod
    def of(cls, values: Values) -> "PlcSide":
        """From all of PLC_FIELDS."""
        number = {name: int(value) for name, value in values.items()}
        return cls(
            heartbeat=number["PLC_HEARTBEAT"],
            epoch=number["EPOCH"],
            position=number["POSITION"],
            ack=number["RESULT_ACK"],
            recipe_request=number["RECIPE_REQUEST"],
            start=bool(number["START"]),
            stop=bool(number["STOP"]),
            alarm_reset=bool(number["ALARM_RESET"]),
            eye_count=number["EYE_COUNT"],
        )


def slot_values(slot: int, told: Told) -> Values:
    """A slot's fields, its id at both ends."""
    name = f"WINDOW{slot}_"
    return {
        f"{name}ID": told.result_id & 0xFFFFFFFF,
        f"{name}FIRST": told.first,
        f"{name}LAST": told.last,
        f"{name}EPOCH": told.epoch,
        f"{name}CHECK": told.result_id & 0xFFFF,
    }


def slots_of(values: Values) -> tuple[Told, ...]:
    """The slots that are whole, as a PLC reads them."""
    out = []
    for slot in range(SLOTS):
        result_id, first, last, epoch, check = (
            int(values[f"WINDOW{slot}_{part}"]) for part in ("ID", "FIRST", "LAST", "EPOCH", "CHECK")
        )
        if result_id and check == result_id & 0xFFFF:
            out.append(Told(result_id, first, last, epoch))
    return tuple(out)


def words(field: Field, value: int | float, order: WordOrder) -> list[int]:
    """A value's registers. Counters roll over; raises struct.error for what no counter could be."""
    bits = 16 * field.kind.registers
    held = float(value) if field.kind is Kind.F32 else int(value) % (1 << bits)
    out = list(struct.unpack(f">{field.kind.registers}H", struct.pack(f">{field.kind.format}", held)))
    return out if order == "high_first" else out[::-1]


def value_of(field: Field, registers: Sequence[int], order: WordOrder) -> int | float:
    """The value of a field's registers."""
    held = list(registers) if order == "high_first" else list(registers)[::-1]
    value: int | float = struct.unpack(f">{field.kind.format}", struct.pack(f">{field.kind.registers}H", *held))[0]
    return value


def runs(values: Values, order: WordOrder) -> Iterator[tuple[int, list[int]]]:
    """Addresses and registers to write, one after another: fields that follow each other go together."""
    begin, held = 0, list[int]()
    for name, value in values.items():
        field = FIELDS[name]
        if held and field.address != begin + len(held):
            yield begin, held
            held = []
        begin = begin if held else field.address
        held += words(field, value, order)
    if held:
        yield begin, held


def read_back(
    fields: Sequence[Field], first: int, registers: Sequence[int], order: WordOrder
) -> dict[str, int | float]:
    """The values of fields from a block of registers that begins at `first`."""
    return {
        field.name: value_of(field, registers[field.address - first :][: field.kind.registers], order)
        for field in fields
    }
