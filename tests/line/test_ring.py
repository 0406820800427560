"""The ring: nothing is overwritten while it is read, nothing is lost uncounted."""

import threading
import tracemalloc
from collections import deque

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inspector.config import Overflow
from inspector.line.ring import FrameRing
from inspector.messages import Part

NEVER = threading.Event()


def part(seq: int, size: tuple[int, int] = (4, 5)) -> Part:
    image = np.full((*size, 3), seq % 256, np.uint8)
    return Part(seq=seq, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=np.eye(2, 3, dtype=np.float32))


def ring(slots: int = 2, overflow: Overflow = "drop_oldest", slot_bytes: int = 60) -> FrameRing:
    return FrameRing(slots, slot_bytes, overflow)


def test_a_part_comes_out_as_it_went_in_and_cannot_be_written_to():
    frames = ring(slot_bytes=1000)
    sent = part(7)
    assert frames.put(sent, NEVER) is None
    with frames.take(0) as taken:
        assert taken is not None
        np.testing.assert_array_equal(taken.image, sent.image)
        assert not np.shares_memory(taken.image, sent.image)
        assert (taken.seq, taken.image.flags.c_contiguous, taken.image.flags.writeable) == (7, True, False)


def test_a_full_ring_gives_up_the_oldest_or_the_newest_and_counts_it():
    for overflow, displaced, left in (("drop_oldest", 1, [2, 3]), ("drop_newest", 3, [1, 2])):
        frames = ring(overflow=overflow)
        assert [frames.put(part(seq), NEVER) for seq in (1, 2, 3)] == [None, None, displaced]
        assert (frames.lost, taken_from(frames)) == (1, left)


def test_a_lent_slot_is_not_given_up_for_a_newer_part():
    frames = ring()
    frames.put(part(1), NEVER)
    with frames.take(0) as first:
        assert first is not None
        assert [frames.put(part(seq), NEVER) for seq in (2, 3, 4)] == [None, 2, 3]
        assert (first.image == 1).all()
    assert taken_from(frames) == [4]


def test_a_blocking_ring_makes_the_producer_wait_for_room():
    frames = ring(overflow="block")
    frames.put(part(1), NEVER)
    frames.put(part(2), NEVER)
    done = deque[int | None]()
    producer = threading.Thread(target=lambda: done.append(frames.put(part(3), NEVER)))
    producer.start()
    assert not done
    assert taken_from(frames, 1) == [1]
    producer.join(5)
    assert list(done) == [None]
    assert taken_from(frames) == [2, 3]


@pytest.mark.parametrize("by", ["stop", "close"])
def test_stop_and_close_wake_a_producer_that_waits(by: str):
    frames, stop = ring(overflow="block"), threading.Event()
    frames.put(part(1), stop)
    frames.put(part(2), stop)
    done = deque[int | None]()
    producer = threading.Thread(target=lambda: done.append(frames.put(part(3), stop)))
    producer.start()
    stop.set() if by == "stop" else frames.close()
    producer.join(5)
    assert list(done) == [3]


def test_a_closed_ring_is_emptied_and_then_drained():
    frames = ring()
    frames.put(part(1), NEVER)
    frames.close()
    assert frames.put(part(2), NEVER) == 2
    assert not frames.drained
    assert taken_from(frames) == [1]
    assert frames.drained
    with frames.take(60) as nothing:  # does not wait: nothing will come
        assert nothing is None


def test_a_consumer_that_raises_gives_its_slot_back():
    frames = ring(slots=2, overflow="drop_newest")
    frames.put(part(1), NEVER)
    with pytest.raises(ZeroDivisionError), frames.take(0):
        raise ZeroDivisionError
    assert [frames.put(part(seq), NEVER) for seq in (2, 3)] == [None, None]


def test_a_picture_larger_than_a_slot_is_refused_with_both_sizes():
    with pytest.raises(ValueError, match="part 3 has 60 bytes; a slot of the ring has 59"):
        ring(slot_bytes=59).put(part(3), NEVER)


def test_a_writer_never_touches_what_a_reader_reads():
    """Every picture is one value throughout; a slot reused while lent would show two."""
    frames, torn, seen = ring(slots=3, slot_bytes=300_000), deque[int](), deque[int]()

    def read() -> None:
        while not frames.drained:
            with frames.take(1) as taken:
                if taken is not None:
                    seen.append(taken.seq)
                    if not (taken.image == taken.seq % 256).all():
                        torn.append(taken.seq)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    displaced = [frames.put(part(seq, (250, 400)), NEVER) for seq in range(1, 301)]
    frames.close()
    for reader in readers:
        reader.join(10)
    assert not torn
    assert sorted([*seen, *(seq for seq in displaced if seq is not None)]) == list(range(1, 301))


def taken_from(frames: FrameRing, limit: int = 99) -> list[int]:
    seqs = []
    while len(seqs) < limit and len(frames):
        with frames.take(0) as taken:
            assert taken is not None
            assert (taken.image == taken.seq % 256).all()
            seqs.append(taken.seq)
    return seqs


class Ring(RuleBasedStateMachine):
    """Against a list as the model: any order of puts, loans and returns."""

    def __init__(self) -> None:
        super().__init__()
        self.slots = 3
        self.ring = ring(self.slots, "drop_oldest")
        self.model: list[int] = []
        self.lent: list[tuple[object, Part]] = []
        self.next = 1
        self.lost = 0

    @rule()
    def put(self) -> None:
        displaced = self.ring.put(part(self.next), NEVER)
        expected = None
        if len(self.model) + len(self.lent) == self.slots:
            expected = self.model.pop(0) if self.model else self.next
            self.lost += 1
        if expected != self.next:
            self.model.append(self.next)
        assert displaced == expected
        self.next += 1

    @precondition(lambda self: self.model)
    @rule()
    def lend(self) -> None:
        loan = self.ring.take(0)
        taken = loan.__enter__()
        assert taken is not None
        assert taken.seq == self.model.pop(0)
        self.lent.append((loan, taken))

    @precondition(lambda self: self.lent)
    @rule(which=st.integers(0, 9))
    def give_back(self, which: int) -> None:
        loan, _ = self.lent.pop(which % len(self.lent))
        loan.__exit__(None, None, None)  # type: ignore[attr-defined]

    @invariant()
    def what_is_lent_stays_as_it_was(self) -> None:
        assert all((taken.image == taken.seq % 256).all() for _, taken in self.lent)
        assert (len(self.ring), self.ring.lost) == (len(self.model), self.lost)


TestRing = Ring.TestCase
TestRing.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)


def test_nothing_as_large_as_a_picture_is_allocated_once_the_ring_is_there():
    image = np.zeros((512, 640, 3), np.uint8)
    ring = FrameRing(2, image.nbytes, "block")
    tracemalloc.start()
    try:
        for seq in range(1, 101):
            ring.put(Part(seq=seq, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=np.eye(2, 3)),
                     threading.Event())  # fmt: skip
            with ring.take(1) as part:
                assert part is not None
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < image.nbytes / 4
