import random

import pytest

from inspector.sources.clock import ClockMap

MS = 1_000_000
S = 1_000_000_000
BOOT = 7_000 * S
"""What the camera's clock says when the host's says 0."""


def frames(seconds: float, fps: float = 30, drift: float = 0.0, seed: int = 1) -> list[tuple[int, int, int]]:
    """(exposed on the host's clock, camera time, arrival): 2 ms on the way, and up to 15 ms of jitter beside."""
    chance = random.Random(seed)
    made = []
    for number in range(int(seconds * fps)):
        exposed = 50 * S + int(number / fps * S)
        way = 2 * MS + int(chance.expovariate(1 / 3.0) * MS)
        made.append((exposed, BOOT + int(exposed * (1 + drift)), exposed + min(way, 17 * MS)))
    return made


@pytest.mark.parametrize("drift", [0.0, 100e-6, -100e-6])
def test_the_jitter_of_the_transport_is_gone_and_a_drifting_crystal_costs_a_millisecond(drift: float) -> None:
    clock = ClockMap()
    late = [clock.monotonic_ns(camera, arrived) - exposed for exposed, camera, arrived in frames(60, drift=drift)]
    settled = late[60:]
    assert clock.usable
    assert max(settled) - min(settled) < (1.3 if drift else 0.3) * MS
    assert min(settled) > 0.9 * MS
    assert max(settled) < 3.3 * MS  # the shortest way, 2 ms, cannot be told from an offset


def test_nothing_is_exposed_after_it_arrived() -> None:
    clock = ClockMap()
    assert all(clock.monotonic_ns(camera, arrived) <= arrived for _, camera, arrived in frames(20, drift=-1e-4))


def test_a_picture_that_was_kept_back_shows_its_age() -> None:
    clock = ClockMap()
    for _, camera, arrived in frames(3):
        clock.monotonic_ns(camera, arrived)
    frozen_until = arrived + 4 * S
    assert frozen_until - clock.monotonic_ns(camera + 33 * MS, frozen_until) > 3.9 * S


def test_a_camera_that_starts_over_is_met_anew() -> None:
    clock = ClockMap()
    for _, camera, arrived in frames(12):
        clock.monotonic_ns(camera, arrived)
    assert clock.monotonic_ns(5 * MS, arrived + S) == arrived + S
    assert clock.monotonic_ns(38 * MS, arrived + S + 40 * MS) == arrived + S + 33 * MS


def test_a_camera_without_a_clock_gets_the_arrival() -> None:
    clock = ClockMap()
    assert clock.monotonic_ns(None, 123) == 123
    assert not clock.usable


@pytest.mark.parametrize("rate", [0.5, 1.1, 1000])
def test_a_clock_that_does_not_count_nanoseconds_is_not_used(rate: float) -> None:
    clock = ClockMap()
    for exposed, _, arrived in frames(12):
        mapped = clock.monotonic_ns(int(exposed * rate), arrived)
    assert not clock.usable
    assert mapped == arrived


def test_few_frames_far_apart_are_mapped_too() -> None:
    clock = ClockMap()
    for exposed, camera, arrived in frames(600, fps=0.1):
        assert arrived >= clock.monotonic_ns(camera, arrived) >= exposed - MS
    assert clock.usable
