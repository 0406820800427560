import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.plc.belt import Place
from inspector.plc.gate import SLOTS, Permits, Pulses
from inspector.plc.slots import EMPTY, Slots, Told

DELAY, WIDTH = 1600.0, 160.0


def spans(gate: Permits | Pulses, now: float = 0.0) -> list[tuple[int, float, float]]:
    return [(window.result_id, window.first, window.last) for window in gate.windows(now)]


def test_a_permit_is_a_window_around_the_part_at_the_ejector() -> None:
    gate = Permits(DELAY, WIDTH, 5.0)
    assert gate.accept(7, Place(100.0, 10.0), 900.0) is None
    assert spans(gate) == [(7, 1620.0, 1780.0)]
    assert spans(gate, 1781.0) == []


def test_a_permit_that_comes_too_late_is_none() -> None:
    gate = Permits(DELAY, WIDTH, 5.0)
    assert gate.accept(7, Place(100.0, 10.0), 1616.0) == "late"
    assert spans(gate) == []


def test_next_to_a_rejected_part_that_is_too_close_nothing_passes_whichever_came_first() -> None:
    gate = Permits(DELAY, WIDTH, 5.0)
    gate.reject(1, Place(100.0, 10.0), 0.0)
    assert gate.accept(2, Place(150.0, 10.0), 0.0) == "crowded"
    assert gate.accept(3, Place(300.0, 10.0), 0.0) is None
    gate.reject(4, Place(385.0, 10.0), 0.0)
    assert spans(gate) == []


def test_more_permits_than_slots_follow_as_the_first_ones_pass() -> None:
    gate = Permits(DELAY, WIDTH, 5.0)
    for part in range(SLOTS + 2):
        gate.accept(part + 1, Place(200.0 * part, 1.0), 0.0)
    assert [result_id for result_id, *_ in spans(gate)] == list(range(1, SLOTS + 1))
    assert [result_id for result_id, *_ in spans(gate, 1681.0)] == list(range(2, SLOTS + 2))


def test_a_pulse_is_as_wide_as_the_doubt_and_neighbours_join() -> None:
    gate = Pulses(DELAY, WIDTH)
    assert gate.reject(1, Place(100.0, 20.0), 0.0)
    gate.reject(2, Place(300.0, 20.0), 0.0)
    assert spans(gate) == [(1, 1600.0, 2000.0)]
    assert not gate.reject(3, Place(0.0, 0.0), 1700.0), "too late is said"


def test_pulses_beyond_the_slots_are_told_as_one_that_holds_them_all() -> None:
    gate = Pulses(DELAY, WIDTH)
    for part in range(SLOTS + 4):
        gate.reject(part + 1, Place(300.0 * part, 0.0), 0.0)
    told = spans(gate)
    assert len(told) == SLOTS
    assert told[-1][2] == DELAY + 300.0 * (SLOTS + 3) + WIDTH / 2


@pytest.mark.parametrize("epoch", [1, 65_537])
def test_slots_write_only_what_changes_and_first_what_must_go(epoch: int) -> None:
    gate, slots = Permits(DELAY, WIDTH, 5.0), Slots()
    first = slots.changes(gate.windows(0.0), epoch)
    assert first == [(slot, EMPTY) for slot in range(SLOTS)]
    for change in first:
        slots.wrote(*change)
    gate.accept(1, Place(100.0, 1.0), 0.0)
    ((slot, told),) = slots.changes(gate.windows(0.0), epoch)
    assert told == Told(1, 1620, 1780, 1)
    slots.wrote(slot, told)
    assert slots.changes(gate.windows(0.0), epoch) == []
    gate.reject(1, Place(100.0, 1.0), 0.0)
    assert slots.changes(gate.windows(0.0), epoch) == [(slot, EMPTY)]
    slots.forget()
    assert len(slots.changes(gate.windows(0.0), epoch)) == SLOTS


def held_back(slots: list[Told], at: int) -> bool:
    """What a PLC in pulse mode does with the part there."""
    return any(told != EMPTY and told.first <= at <= told.last for told in slots)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 1500), st.booleans()), min_size=1, max_size=40))
def test_whatever_is_added_a_pulse_that_was_told_holds_after_every_single_write(
    steps: list[tuple[int, int, bool]],
) -> None:
    gate, slots, plc, now, shut = Pulses(DELAY, WIDTH), Slots(pulse=True), [EMPTY] * SLOTS, 0.0, []
    for result_id, (moved, reach, lost) in enumerate(steps, 1):
        now += 40.0 * moved
        if lost:
            gate.reject_between(now - reach, now + 80.0)
            shut.append((now - reach + DELAY, now + 80.0 + DELAY))
        else:
            gate.reject(result_id, Place(now, 10.0), now)
            shut.append((now + DELAY, now + DELAY))
        told = [at for first, last in shut[:-1] for at in (int(first) + 1, int(last)) if now <= at < last + 1]
        for slot, window in slots.changes(gate.windows(now), 1):
            plc[slot] = window
            slots.wrote(slot, window)
            assert all(held_back(plc, at) for at in told)
        if reach % 7 == 0:
            slots.forget()
    assert held_back(plc, int(shut[-1][1]))
