"""Parts per minute."""

import pytest

from inspector.viewer.rate import Rate


def test_a_steady_line_shows_its_rate() -> None:
    rate = Rate()
    for quarter in range(400):
        rate.read(quarter * 0.25, parts=quarter)
    assert rate.per_minute == pytest.approx(240.0)


def test_it_is_of_the_last_minute() -> None:
    rate = Rate()
    for second in range(200):
        rate.read(float(second), parts=min(second, 100) * 10)
    assert rate.per_minute == 0.0


def test_too_short_a_stretch_tells_nothing() -> None:
    rate = Rate()
    assert rate.per_minute is None
    rate.read(0.0, 0)
    rate.read(1.0, 5)
    assert rate.per_minute is None


def test_a_count_that_fell_begins_anew() -> None:
    rate = Rate()
    for second in range(10):
        rate.read(float(second), 1000 + second)
    for second in range(10, 14):
        rate.read(float(second), second - 10)
    assert rate.per_minute == pytest.approx(60.0)


def test_readings_a_millisecond_apart_do_not_pile_up() -> None:
    rate = Rate()
    for millisecond in range(120_000):
        rate.read(millisecond / 1000, millisecond)
    assert len(vars(rate)["_readings"]) < 450
    assert rate.per_minute == pytest.approx(60_000, rel=0.01)
