"""What is known to pass on a made belt is what the table says of it."""

from inspector.config import PresenceTrigger
from tools.made_belts import belt, coloured, footage, hand
from tools.measure_presence import as_line, measured

TRIGGER = PresenceTrigger(line=300, part=(90, 90))


def test_a_made_belts_parts_are_counted_and_a_hand_is_none() -> None:
    row = measured("discs", footage(coloured(1, 90), belt(40, 5)), TRIGGER, 1)
    assert (row.expected, row.found, row.not_inspected) == (1, 1, 0)
    assert as_line(row) == "| discs | 1 | 1 | 0 |  |  |  |"
    nothing = measured("a hand", footage([], belt(60, 8), 100, [hand()]), PresenceTrigger(line=300, part=(70, 70)), 0)
    assert nothing.found == 0
