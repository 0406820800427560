import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.plc.gate import SLOTS
from inspector.plc.registers import (
    BRIDGE_FIELDS,
    BRIDGE_SIZE,
    FIELDS,
    PLC_FIELDS,
    PLC_SIZE,
    Kind,
    PlcSide,
    read_back,
    runs,
    slot_values,
    slots_of,
    words,
)
from inspector.plc.slots import EMPTY, Told


def test_fields_have_addresses_of_their_own_and_fill_their_blocks() -> None:
    taken = [field.address + n for field in (*BRIDGE_FIELDS, *PLC_FIELDS) for n in range(field.kind.registers)]
    assert len(taken) == len(set(taken)) == BRIDGE_SIZE + PLC_SIZE
    assert max(taken) == FIELDS["EYE_COUNT"].address + 1 == 111


def test_words_are_as_the_manual_says() -> None:
    assert words(FIELDS["RESULT_ID"], 0x00012345, "high_first") == [0x0001, 0x2345]
    assert words(FIELDS["RESULT_ID"], 0x00012345, "low_first") == [0x2345, 0x0001]
    assert words(FIELDS["SCORE"], 31.5, "high_first") == list(struct.unpack(">2H", struct.pack(">f", 31.5)))
    assert words(FIELDS["PARTS"], (1 << 32) + 7, "high_first") == [0, 7], "counters roll over"


def test_fields_that_follow_each_other_are_one_write_and_order_is_kept() -> None:
    values = {"RESULT_VALID": 0, "OUTCOME": 0, "RESULT_ID": 1, "READY": 1, "HEARTBEAT": 2}
    assert list(runs(values, "high_first")) == [(12, [0, 0, 0, 1]), (2, [1]), (1, [2])]


@given(st.data(), st.sampled_from(["high_first", "low_first"]))
def test_what_is_written_is_read_back(data: st.DataObject, order: str) -> None:
    memory = [0] * BRIDGE_SIZE
    values = {}
    for field in BRIDGE_FIELDS:
        top = (1 << 16 * field.kind.registers) - 1
        number = st.floats(width=32, allow_nan=False) if field.kind is Kind.F32 else st.integers(0, top)
        values[field.name] = data.draw(number)
    for address, registers in runs(values, order):  # type: ignore[arg-type]
        memory[address : address + len(registers)] = registers
    assert read_back(BRIDGE_FIELDS, 0, memory, order) == values  # type: ignore[arg-type]


@given(st.integers(1, (1 << 32) - 1), st.integers(1, (1 << 32) - 1), st.integers(0, 8), st.booleans())
def test_a_slot_torn_between_two_scans_means_nothing(before: int, after: int, cut: int, forwards: bool) -> None:
    old, new = Told(before, 100, 200, 1), Told(after, 300, 400, 1)
    images = []
    for told in (old, new):
        held = dict.fromkeys(FIELDS, 0) | {
            name: value for slot in range(SLOTS) for name, value in slot_values(slot, EMPTY).items()
        }
        images.append(held | dict(slot_values(2, told)))
    memory = [
        [word for field in BRIDGE_FIELDS for word in words(field, image[field.name], "high_first")] for image in images
    ]
    first = FIELDS["WINDOW2_ID"].address
    mixed = list(memory[0])
    part = range(first, first + cut) if forwards else range(first + 8 - cut, first + 8)
    for address in part:
        mixed[address] = memory[1][address]
    (seen,) = slots_of(read_back(BRIDGE_FIELDS, 0, mixed, "high_first")) or (EMPTY,)
    whole = {(told.first, told.last) for told in (old, new, EMPTY)}
    assert (seen.first, seen.last) in whole or before & 0xFFFF == after & 0xFFFF


def test_the_plc_side_takes_all_its_fields() -> None:
    side = PlcSide.of({field.name: n for n, field in enumerate(PLC_FIELDS)})
    assert (side.heartbeat, side.position, side.eye_count) == (0, 2, 8)
    with pytest.raises(KeyError):
        PlcSide.of({})
