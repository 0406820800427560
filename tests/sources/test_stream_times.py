import random

from inspector.sources.stream_times import LEAST, StreamTimes

MS = 1_000_000


def counted(*times_ms: float | None) -> tuple[StreamTimes, list[int]]:
    times = StreamTimes()
    return times, [times.count(None if each is None else round(each * MS)) for each in times_ms]


def test_a_pause_of_several_intervals_is_frames_left_out_once_the_interval_is_known() -> None:
    times, lost = counted(0, 40, 80, 120, 160, 200, 240, 360, 400)
    assert lost == [0, 0, 0, 0, 0, 0, 0, 2, 0]
    assert times.number == 11


def test_before_it_is_known_a_gap_shows_afterwards() -> None:
    times, lost = counted(0, 40, 120, 160, 200, 240)
    assert times.learnt
    assert not times.gapless
    assert sum(lost) == 0
    assert counted(*range(0, 40 * (LEAST + 1), 40))[0].gapless


def test_regular_losses_do_not_pass_for_the_interval() -> None:
    _, lost = counted(*(40 * number for number in range(200) if number < 10 or number % 10))
    assert sum(lost) == 19


def test_an_unsteady_stream_says_nothing_of_losses() -> None:
    chance, now, times = random.Random(1), 0.0, []
    for _ in range(200):
        now += chance.uniform(5, 200)
        times.append(now)
    assert sum(counted(*times)[1]) == 0


def test_a_rate_that_changes_is_learnt_anew() -> None:
    now, times = 0, [0]
    for step in [40] * 20 + [80] * 40:
        now += step
        times.append(now)
    _, lost = counted(*times)
    assert sum(lost[30:]) <= 10
    assert sum(lost[-20:]) == 0


def test_the_same_time_again_keeps_its_number() -> None:
    times, _ = counted(0, 40, 40, 0)
    assert times.number == 2


def test_a_frame_without_a_time_is_a_new_one_and_the_next_pause_says_nothing() -> None:
    times, lost = counted(*range(0, 400, 40), None, 1000)
    assert sum(lost) == 0
    assert times.number == 12
