"""The register: exactly one judgement per part, released in order, whoever closes it and whenever."""

import threading
from collections import deque

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from inspector.line.decide import Judgement, not_inspected
from inspector.line.register import Closed, Register
from inspector.messages import LostPart
from tests.fakes import ScriptedScorer

PASS = Judgement(outcome="pass", score=1.0)
FAIL = Judgement(outcome="fail", score=9.0)
ERROR = not_inspected("error")
MS = 1_000_000
SCORER = ScriptedScorer(threshold=2.0)


def lost(seq: int, arrived_ns: int = 0) -> LostPart:
    return LostPart(seq=seq, part=f"p{seq}", exposed_ns=5, arrived_ns=arrived_ns, reason="missed")


def opened(count: int, deadline_ns: int | None = None) -> Register:
    register = Register(deadline_ns)
    for seq in range(1, count + 1):
        register.open(lost(seq), SCORER)
    return register


def released(register: Register, now_ns: int = 0) -> list[Closed]:
    return list(iter(lambda: register.release(now_ns), None))


def seqs(closed: list[Closed]) -> list[int]:
    return [one.taken.seq for one in closed]


def test_a_part_that_was_judged_first_waits_for_the_one_before_it():
    register = opened(2)
    register.close(2, PASS)
    assert released(register) == []
    register.close(1, FAIL)
    assert [(c.taken.seq, c.judgement) for c in released(register)] == [(1, FAIL), (2, PASS)]
    assert len(register) == 0


def test_the_second_judgement_of_a_part_is_refused_and_changes_nothing():
    register = opened(1)
    assert register.close(1, FAIL)
    assert not register.close(1, PASS)
    assert [c.judgement for c in released(register)] == [FAIL]
    assert not register.close(1, PASS), "nor after it was released"
    assert released(register) == []


def test_a_part_keeps_the_recipe_and_threshold_it_was_taken_under():
    register = Register()
    register.open(lost(1), ScriptedScorer(threshold=2.0, recipe_id="old"))
    register.open(lost(2), ScriptedScorer(threshold=3.0, recipe_id="new"))
    register.close(2, PASS)
    register.close(1, PASS)
    assert [(c.taken.recipe, c.taken.threshold) for c in released(register)] == [("old", 2.0), ("new", 3.0)]


def test_an_open_part_is_late_at_its_deadline_whether_or_not_a_score_comes():
    register = opened(1, deadline_ns=10 * MS)
    assert register.sleep_until(50 * MS) == 10 * MS
    assert register.expire(10 * MS - 1) == 0
    assert register.expire(10 * MS) == 1
    assert not register.close(1, PASS)
    assert [c.judgement.reason for c in released(register, 10 * MS)] == ["late"]
    assert register.sleep_until(50 * MS) == 50 * MS


def test_a_pass_held_up_past_its_deadline_is_late_and_its_score_is_kept_for_the_event():
    register = opened(1, deadline_ns=10 * MS)
    register.close(1, PASS)
    [closed] = released(register, 10 * MS)
    assert (closed.judgement.reason, closed.overtaken) == ("late", PASS)


def test_a_fail_held_up_past_its_deadline_stays_a_fail():
    register = opened(1, deadline_ns=10 * MS)
    register.close(1, FAIL)
    assert [c.judgement for c in released(register, 11 * MS)] == [FAIL]


def test_closing_all_is_final():
    register = opened(2)
    register.close(1, PASS)
    assert register.close_all("stopped") == 1
    assert [c.judgement.reason for c in released(register)] == [None, "stopped"]
    with pytest.raises(RuntimeError, match="part 3 came after the register was closed"):
        register.open(lost(3), SCORER)
    assert register.taken == 2


@pytest.mark.parametrize("seq", [1, 4])
def test_a_trigger_that_repeats_or_skips_a_number_is_refused(seq: int):
    with pytest.raises(ValueError, match=f"part {seq} follows part 2"):
        opened(2).open(lost(seq), SCORER)


def test_closing_a_part_that_was_never_taken_is_an_error():
    with pytest.raises(ValueError, match="part 3 was never taken; the newest is 2"):
        opened(2).close(3, PASS)


def test_the_publisher_is_told_when_something_can_be_released_and_may_use_the_register_then():
    register = opened(2)
    told: list[list[int]] = []
    register.on_change = lambda: told.append(seqs(released(register)))  # would hang were the lock still held
    register.close(2, PASS)
    assert told == []
    register.close(1, PASS)
    assert told == [[1, 2]]


def test_the_publisher_is_told_of_a_deadline_that_it_would_oversleep_and_of_no_other():
    register, told = Register(10 * MS), []
    register.on_change = lambda: told.append(register.sleep_until(20 * MS))
    register.sleep_until(12 * MS)
    register.open(lost(1, arrived_ns=3 * MS), SCORER)
    assert told == []
    register.open(lost(2, arrived_ns=1 * MS), SCORER)
    assert told == [11 * MS]


def test_of_many_threads_that_close_a_part_one_is_first():
    register, parts = opened(200), range(1, 201)
    won = deque[tuple[int, str]]()
    together = threading.Barrier(4)

    def close(judgement: Judgement) -> None:
        together.wait()
        won.extend((seq, judgement.outcome) for seq in parts if register.close(seq, judgement))

    threads = [threading.Thread(target=close, args=(j,)) for j in (PASS, FAIL, ERROR)]
    for thread in threads:
        thread.start()
    together.wait()
    out: list[Closed] = []
    while len(out) < len(parts):
        out += released(register)
    for thread in threads:
        thread.join(10)
    assert seqs(out) == list(parts)
    assert sorted(won) == [(c.taken.seq, c.judgement.outcome) for c in out]


class Interleaving(RuleBasedStateMachine):
    """Any order of takes, judgements, deadlines and releases."""

    def __init__(self) -> None:
        super().__init__()
        self.register = Register(20)
        self.now = 0
        self.taken = 0
        self.first: dict[int, Judgement] = {}
        self.arrived: dict[int, int] = {}
        self.out: list[Closed] = []
        self.final = False

    @precondition(lambda self: not self.final)
    @rule(age=st.integers(0, 10))
    def open(self, age: int) -> None:
        self.taken += 1
        self.arrived[self.taken] = self.now - age
        self.register.open(lost(self.taken, self.now - age), SCORER)

    @precondition(lambda self: self.taken)
    @rule(which=st.integers(0, 99), judgement=st.sampled_from([PASS, FAIL, ERROR]))
    def close(self, which: int, judgement: Judgement) -> None:
        seq = 1 + which % self.taken
        assert self.register.close(seq, judgement) == (seq not in self.first)
        self.first.setdefault(seq, judgement)

    @rule(step=st.integers(0, 15))
    def expire(self, step: int) -> None:
        self.now += step
        due = [seq for seq in self.arrived if seq not in self.first and self.now >= self.arrived[seq] + 20]
        assert self.register.expire(self.now) == len(due)
        self.first.update((seq, not_inspected("late")) for seq in due)

    @rule()
    def release(self) -> None:
        self.out += released(self.register, self.now)

    @rule()
    def close_all(self) -> None:
        self.register.close_all("stopped")
        self.final = True
        for seq in range(1, self.taken + 1):
            self.first.setdefault(seq, not_inspected("stopped"))

    @invariant()
    def released_once_in_order_as_first_judged(self) -> None:
        assert seqs(self.out) == list(range(1, len(self.out) + 1))
        for closed in self.out:
            first = self.first[closed.taken.seq]
            assert closed.judgement == first or (first == PASS == closed.overtaken)
        assert self.register.taken == self.taken == len(self.out) + len(self.register)

    def teardown(self) -> None:
        self.close_all()
        self.out += released(self.register, self.now)
        assert len(self.out) == self.taken
        self.released_once_in_order_as_first_judged()


TestInterleaving = Interleaving.TestCase
TestInterleaving.settings = settings(max_examples=100, stateful_step_count=50, deadline=None)
