"""A thread that does not come back is seen; a driver's backlog after a frost is told from new pictures."""

import time

import pytest

from inspector.line.watch import Freshness, Pulse

MS = 1_000_000
S = 1000 * MS


def test_a_pulse_says_how_long_its_thread_has_been_away():
    pulse = Pulse()
    assert pulse.busy_s() == 0
    pulse.begin()
    time.sleep(0.01)
    assert 0.01 <= pulse.busy_s() < 5
    pulse.end()
    assert pulse.busy_s() == 0


def ticked(until_ns: int) -> Freshness:
    fresh = Freshness()
    for now_ns in range(0, until_ns + 1, 250 * MS):
        fresh.tick(now_ns)
    return fresh


def test_pictures_of_a_process_that_runs_are_new_however_they_come():
    fresh = ticked(2 * S)
    for given_ns in (2 * S, 2 * S + 1, 2 * S + 2, 2 * S + 40 * MS):
        assert not fresh.stale(given_ns - 1, given_ns), "a burst is no backlog"


@pytest.mark.parametrize("publisher_first", [True, False])
def test_after_a_frost_all_that_comes_at_once_is_stale_up_to_the_first_that_is_waited_for(publisher_first: bool):
    fresh, now = ticked(2 * S), 12 * S
    if publisher_first:
        fresh.tick(now)
    assert fresh.stale(2 * S + 10 * MS, now), "the picture that was waited for when the frost came"
    for _ in range(8):
        now += MS
        fresh.tick(now)
        assert fresh.stale(now - MS, now), "the backlog"
    now += 33 * MS
    assert not fresh.stale(now - 33 * MS, now), "the first that had to be waited for"
    assert not fresh.stale(now, now + 1), "and from there on all, at whatever distance"


def test_each_frost_has_a_backlog_of_its_own():
    fresh = ticked(1 * S)
    assert fresh.stale(1 * S, 5 * S)
    assert not fresh.stale(5 * S, 5 * S + 33 * MS)
    assert fresh.stale(5 * S + 33 * MS, 9 * S)


def test_before_the_first_tick_nothing_is_known_of_a_frost():
    assert not Freshness().stale(0, 100 * S)
