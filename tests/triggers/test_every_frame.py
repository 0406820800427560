import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from inspector.config import EveryFrame
from inspector.messages import PART_ID_LIMIT, Frame, LostPart, Missed, Part
from inspector.triggers import open_trigger


def frame(name: str = "") -> Frame:
    return Frame(exposed_ns=5, arrived_ns=7, counter=1, image=np.zeros((4, 6, 3), np.uint8), name=name)


def missed(count: int, name: str = "") -> Missed:
    return Missed(exposed_ns=5, arrived_ns=7, count=count, reason="camera", name=name)


def test_a_part_is_its_frame() -> None:
    seen = frame("a.png")
    (part,) = open_trigger(EveryFrame()).parts(seen)
    assert isinstance(part, Part)
    assert part.image is seen.image
    assert (part.seq, part.part, part.exposed_ns, part.arrived_ns) == (1, "a.png", 5, 7)
    np.testing.assert_array_equal(part.to_source, np.array([[1, 0, 0], [0, 1, 0]], np.float32))
    assert part.to_source.dtype == np.float32


def test_each_missed_frame_is_a_lost_part_with_its_reason() -> None:
    lost = list(open_trigger(EveryFrame()).parts(missed(3, "000004")))
    assert [(each.seq, each.part) for each in lost] == [(1, "000004"), (2, "000004"), (3, "000004")]
    assert all(isinstance(each, LostPart) and each.reason == "camera" and each.arrived_ns == 7 for each in lost)


def test_of_a_long_name_the_end_is_kept() -> None:
    name = "folder/" * 20 + "0123.png"
    (part,) = open_trigger(EveryFrame()).parts(frame(name))
    assert len(part.part) == PART_ID_LIMIT
    assert part.part.endswith("0123.png")


@given(st.lists(st.one_of(st.none(), st.integers(1, 20))))
def test_seq_counts_from_one_without_gap_whatever_is_lost(stream: list[int | None]) -> None:
    trigger = open_trigger(EveryFrame())
    parts = [part for loss in stream for part in trigger.parts(frame() if loss is None else missed(loss))]
    assert [part.seq for part in parts] == list(range(1, 1 + sum(loss or 1 for loss in stream)))
