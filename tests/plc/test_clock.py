from dataclasses import replace

import pytest

from inspector.plc.clock import Moment, StationClock
from tests.wire.samples import health, verdict

UNIX_S = 1_700_000_000


def beat(clock: StationClock, at: float, step: float = 0.0, delay: float = 0.001, taken: int = 0) -> bool:
    """A heartbeat sent at our second `at` by a station whose clock is UNIX_S ahead."""
    said = replace(health(0, taken=taken), now_ns=round((UNIX_S + at + step) * 1e9))
    return clock.heartbeat(said, at + delay)


def seen(
    clock: StationClock, exposed: float, received: float, step: float = 0.0, recovered: bool = False, seq: int = 9
):
    latency_ms = 1000 * (received - exposed - 0.004)
    message = replace(verdict(seq), exposed_ns=round((UNIX_S + exposed + step) * 1e9), latency_ms=latency_ms)
    return clock.moment(message, received, recovered)


def known() -> StationClock:
    """Three heartbeats, and a verdict confirmed by another one."""
    clock = StationClock(0.010)
    for at in (1.0, 1.25, 1.5):
        beat(clock, at)
    assert seen(clock, 1.6, 1.62) is None, "the first verdict waits for a heartbeat"
    beat(clock, 1.75)
    assert isinstance(seen(clock, 1.6, 1.62), Moment)
    return clock


def test_an_exposure_is_known_to_the_tolerance_at_once_where_its_age_agrees_with_its_timestamp() -> None:
    moment = seen(known(), 1.8, 1.83)
    assert isinstance(moment, Moment)
    assert moment.early <= 1.8 <= moment.late
    assert moment.late - moment.early == pytest.approx(0.02)


def test_a_clock_is_not_known_before_three_heartbeats_agree() -> None:
    clock = StationClock(0.010)
    beat(clock, 1.0, delay=0.2)
    beat(clock, 1.25)
    assert not clock.synchronized
    assert seen(clock, 1.3, 1.33) is None
    beat(clock, 1.5)
    beat(clock, 1.75, taken=4)
    assert clock.synchronized
    assert "before the station's clock was known" in seen(clock, 1.3, 1.33, seq=4)


@pytest.mark.parametrize("step", [30.0, 0.05, -0.05, -30.0])
def test_across_a_step_no_part_is_placed_wrongly(step: float) -> None:
    clock = known()
    assert not isinstance(seen(clock, 1.8, 1.83, step=step), Moment)
    stepped = [beat(clock, at, step=step, taken=9) for at in (2.0, 2.25, 2.5, 2.75)]
    assert sum(stepped) == 1
    assert clock.synchronized
    assert not isinstance(seen(clock, 1.8, 1.83, step=step), Moment), "exposed before the clock was known again"
    beat(clock, 3.0, step=step)
    moment = seen(clock, 2.9, 2.92, step=step, seq=10)
    assert isinstance(moment, Moment)
    assert moment.early <= 2.9 <= moment.late


def test_a_delayed_heartbeat_is_no_step_and_confirms_nothing() -> None:
    clock = known()
    assert not beat(clock, 2.0, delay=0.3)
    assert seen(clock, 1.9, 2.2, recovered=True) is None
    assert not beat(clock, 2.5)
    assert isinstance(seen(clock, 1.9, 2.2, recovered=True), Moment)
