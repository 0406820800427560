import numpy as np

from inspector.config import HardwareTrigger
from inspector.messages import Frame, LostPart, Missed, Part, Seen, Silence
from inspector.triggers import open_trigger


def frame(counter: int) -> Frame:
    return Frame(exposed_ns=5, arrived_ns=7, counter=counter, image=np.zeros((4, 6, 3), np.uint8), name=str(counter))


def missed(count: int) -> Missed:
    return Missed(exposed_ns=5, arrived_ns=7, count=count, reason="camera")


def came(*stream: Seen) -> list[str]:
    """The parts in their order: a frame's name, or why there is none."""
    trigger = open_trigger(HardwareTrigger())
    parts = [part for seen in stream for part in trigger.parts(seen)]
    assert [part.seq for part in parts] == list(range(1, len(parts) + 1))
    return [part.part if isinstance(part, Part) else part.reason for part in parts]


def test_each_frame_is_a_part_wherever_the_counter_begins() -> None:
    assert came(frame(40), frame(41), frame(42)) == ["40", "41", "42"]


def test_what_the_counter_skips_was_a_part_each() -> None:
    assert came(frame(1), frame(4), frame(5)) == ["1", "missed", "missed", "4", "5"]


def test_what_the_source_says_it_lost_is_not_counted_twice() -> None:
    assert came(frame(1), missed(1), frame(4)) == ["1", "missed", "missed", "4"]
    assert came(frame(1), missed(2), frame(4)) == ["1", "missed", "missed", "4"]
    assert came(frame(1), missed(1), Silence(arrived_ns=7), missed(1), frame(4)) == ["1", "missed", "missed", "4"]


def test_a_counter_that_starts_anew_has_skipped_nothing_and_one_that_jumps_far_at_least_one() -> None:
    assert came(frame(65_535), frame(1), frame(2)) == ["65535", "1", "2"]
    assert came(frame(1), frame(1_000_000)) == ["1", "missed", "1000000"]


def test_a_repeated_counter_is_no_part() -> None:
    assert came(frame(1), frame(1), frame(2)) == ["1", "2"]


def test_a_part_missed_says_so_on_its_own_account() -> None:
    trigger = open_trigger(HardwareTrigger())
    (lost,) = trigger.parts(missed(1))
    assert isinstance(lost, LostPart)
    assert lost.reason == "missed"
    assert list(trigger.end()) == []
