"""The dose table counts what the examiner says."""

from inspector.scoring.health import learn
from tests.washers import washers
from tools.measure_health import FROZEN, Row, doses, evening


def test_every_dose_is_counted_and_pictures_as_they_are_raise_no_alarm() -> None:
    good = washers(24)
    norm = learn(good[:22])
    rows = {row.dose: row for row in doses("washers", norm, good[22:])}
    assert rows["none: a false alarm"] == Row(data="washers", dose="none: a false alarm", caught=0, pictures=2)
    assert rows["30 % less light"].caught == rows[FROZEN].caught == 2
    assert evening("washers", norm, good[22:]).changed == 0
