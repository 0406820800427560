"""The dose table counts what the examiner says."""

import pytest

from inspector.scoring.health import learn, read
from tests.washers import washers
from tools import measure_health
from tools.measure_health import FROZEN, Row, doses, drifts, evening, false_warnings


def test_every_dose_is_counted_and_pictures_as_they_are_raise_no_alarm() -> None:
    good = washers(24)
    norm = learn(good[:22])
    rows = {row.dose: row for row in doses("washers", norm, good[22:])}
    assert rows["none: a false alarm"] == Row(data="washers", dose="none: a false alarm", caught=0, pictures=2)
    assert rows["30 % less light"].caught == rows[FROZEN].caught == 2
    assert evening("washers", norm, good[22:]).changed == 0


def test_of_a_camera_that_moved_it_is_counted_after_how_many_pictures_it_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(measure_health, "ORDERS", 20)
    good = washers(24)
    norm = learn(good[:22])
    seen = [read(picture, norm) for picture in good * 2]
    assert false_warnings(norm, seen) == 0
    told = {each.moved: each for each in drifts("washers", norm, seen, good[22:])}
    assert told["8 pixels down"].median <= told["2 pixels down"].median
