import threading

import pytest

from inspector.sources.pacing import Pacer


class Clock(threading.Event):
    """Time that passes only while somebody waits (or is told to): a pacer's clock and its stop event in one."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 100.0

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        if not self.is_set():
            self.now += timeout
        return self.is_set()


def paced(speed: float) -> tuple[Clock, Pacer]:
    clock = Clock()
    return clock, Pacer(clock, speed, lambda: clock.now)


@pytest.mark.parametrize(("speed", "seconds"), [(1, 10.0), (2, 5.0), (0.5, 20.0), (0, 0.0)])
def test_footage_takes_its_length_over_the_speed(speed: float, seconds: float) -> None:
    clock, pacer = paced(speed)
    assert all(pacer.wait(frame / 25) for frame in range(251))
    assert clock.now - 100 == pytest.approx(seconds)


def test_time_spent_between_frames_does_not_add_up() -> None:
    clock, pacer = paced(1)
    for frame in range(101):
        pacer.wait(frame * 0.04)
        clock.now += 0.03  # the consumer's work
    assert clock.now - 100 == pytest.approx(4.03)


def test_a_late_frame_is_released_at_once_and_the_schedule_stays() -> None:
    clock, pacer = paced(1)
    pacer.wait(0.0)
    clock.now += 1.0
    pacer.wait(0.5)
    assert clock.now == pytest.approx(101.0)
    pacer.wait(1.5)
    assert clock.now == pytest.approx(101.5)


def test_the_first_frame_is_released_at_once_whatever_its_time() -> None:
    clock, pacer = paced(1)
    assert pacer.wait(7.0)
    assert clock.now == 100.0


@pytest.mark.parametrize("speed", [0, 1])
def test_a_stopped_pacer_releases_nothing_and_does_not_wait(speed: float) -> None:
    clock, pacer = paced(speed)
    assert pacer.wait(0.0)
    clock.set()
    assert not pacer.wait(1000.0)
    assert clock.now == 100.0
