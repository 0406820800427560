import pytest

from inspector.plc.belt import GAP_S, ROLL, Belt, Sample


def belt(slowest: float = 0.0, fastest: float = 1000.0) -> Belt:
    """An encoder of at most 1000 counts a second that never shook."""
    return Belt(slowest, fastest, 1.0)


def fed(made: Belt, *readings: tuple[float, int]) -> Belt:
    for moment, count in readings:
        assert made.sample(Sample(moment, moment, count, 1)) is None
    return made


def where(made: Belt, moment: float, zero: float) -> tuple[float, float]:
    place, origin = made.at(moment, moment), made.at(zero, zero)
    assert place is not None
    assert origin is not None
    return round(place.at - origin.at, 3), place.error


def test_between_two_samples_a_place_is_interpolated_and_its_error_is_bounded_by_them() -> None:
    made = fed(belt(), (1.0, 100), (1.02, 120), (1.04, 140))
    at, error = where(made, 1.03, zero=1.0)
    assert at == pytest.approx(30, abs=1.1)
    assert error <= 12


def test_a_belt_that_stood_still_between_them_leaves_no_doubt() -> None:
    at, error = where(fed(belt(), (1.0, 100), (1.5, 100)), 1.25, zero=1.0)
    assert at == pytest.approx(0, abs=1.1)
    assert error <= 3


def test_an_exposure_that_is_newer_than_the_last_sample_is_as_uncertain_as_the_belt_is_fast() -> None:
    _, error = where(fed(belt(), (1.0, 100)), 1.05, zero=1.0)
    assert error == pytest.approx(51, abs=2)
    _, known_speed = where(fed(belt(990.0, 1010.0), (1.0, 100)), 1.05, zero=1.0)
    assert known_speed < 5


def test_the_counter_rolls_over_without_a_jump() -> None:
    made = fed(belt(), (1.0, ROLL - 10), (1.02, 10))
    at, _ = where(made, 1.02, zero=1.0)
    assert at == pytest.approx(20, abs=1.1)
    place = made.at(1.02, 1.02)
    assert place is not None
    assert made.counter(place.at + 1600) == pytest.approx(1610, abs=1)


@pytest.mark.parametrize(
    ("sample", "why"),
    [
        (Sample(1.1, 1.1, 0, 1), "ran back by 5000"),
        (Sample(1.1, 1.1, 4990, 1), "ran back by 10"),
        (Sample(1.1, 1.1, 6000, 1), "jumped by 1000"),
        (Sample(1.1, 1.1, 5010, 2), "set its position counter anew (epoch 1, now 2)"),
        (Sample(1.1 + GAP_S, 1.1 + GAP_S, 5010, 1), "no position from the PLC for 1.1 s"),
    ],
)
def test_a_counter_that_does_not_go_on_is_a_fault_and_what_was_exposed_before_has_no_place(
    sample: Sample, why: str
) -> None:
    made = fed(belt(), (1.0, 5000))
    fault = made.sample(sample)
    assert fault is not None
    assert why in fault
    assert made.at(1.05, 1.05) is None
    assert made.at(sample.came, sample.came) is not None


def test_a_clock_register_that_stands_is_a_fault() -> None:
    made = fed(belt(990.0, 1010.0), (1.0, 5000), (1.1, 5100))
    assert "at least" in (made.sample(Sample(1.3, 1.3, 5100, 1)) or "")


def test_positions_of_before_a_fault_are_far_from_those_of_after() -> None:
    made = fed(belt(), (1.0, 5000))
    before = made.at(1.0, 1.0)
    made.sample(Sample(1.1, 1.1, 5000, 2))
    after = made.at(1.1, 1.1)
    assert before is not None
    assert after is not None
    assert abs(after.at - before.at) > 1 << 31
