import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.messages import State, Verdict
from inspector.plc.decisions import Decision
from inspector.plc.ledger import Ledger
from inspector.plc.restore import restored
from inspector.wire.received import (
    Contradiction,
    EventReceived,
    Gap,
    HealthReceived,
    Ignored,
    Malformed,
    NewRun,
    Received,
    Repeated,
    VerdictReceived,
)
from inspector.wire.sequence import RETURNS, Sequence
from tests.wire.samples import event, health, verdict

TIMEOUT_S = 1.0


def came(message: Verdict, recovered: bool = False) -> VerdictReceived:
    return VerdictReceived(verdict=message, recovered=recovered)


def beat(published: int, taken: int | None = None, state: State = "ready", run: str = "r1") -> HealthReceived:
    return HealthReceived(health=health(published, run, state, taken))


def started(accept_replay: bool = False) -> Ledger:
    """A ledger in step with run r1 at time 0."""
    ledger = Ledger(accept_replay, TIMEOUT_S)
    assert ledger.take([NewRun(run="r1", previous=None), beat(0)], 0.0) == []
    return ledger


def causes(decisions: list[Decision]) -> list[tuple[int, int, bool, str]]:
    return [(d.seq, d.parts, d.accept, d.cause) for d in decisions]


@pytest.mark.parametrize(
    ("outcome", "cause"), [("pass", "pass"), ("fail", "fail"), ("not_inspected", "not_inspected.late")]
)
def test_only_a_pass_is_accepted(outcome: str, cause: str) -> None:
    message = verdict(1, outcome)  # type: ignore[arg-type]
    (decision,) = started().take([came(message)], 0.1)
    assert (decision.accept, decision.cause, decision.verdict) == (cause == "pass", cause, message)


def test_a_gap_is_rejected() -> None:
    ledger = started()
    assert causes(ledger.take([came(verdict(4))], 0.1)) == [(4, 1, True, "pass")]
    assert causes(ledger.take([Gap(run="r1", first=1, last=3)], 0.2)) == [(1, 3, False, "gap")]


def test_a_recovered_pass_in_time_is_accepted() -> None:
    ledger = started()
    ledger.take([came(verdict(2))], 0.1)
    assert causes(ledger.take([came(verdict(1), recovered=True)], 0.3)) == [(1, 1, True, "pass")]


def test_a_missing_verdict_is_rejected_after_the_timeout_and_a_late_pass_changes_nothing() -> None:
    ledger = started()
    ledger.take([came(verdict(2)), beat(2)], 0.5)
    assert ledger.take([beat(2)], 1.5) == []
    assert causes(ledger.take([beat(2)], 1.51)) == [(1, 1, False, "gap")]
    assert ledger.take([came(verdict(1), recovered=True)], 1.6) == []
    assert ledger.take([Gap(run="r1", first=1, last=1)], 1.7) == []
    assert ledger.totals.counted == {"late": 1}


def test_a_lost_last_verdict_is_rejected() -> None:
    ledger = started()
    ledger.take([beat(1)], 0.5)
    ledger.take([beat(1)], 1.0)
    assert causes(ledger.take([beat(1)], 1.6)) == [(1, 1, False, "gap")]


@pytest.mark.parametrize("contradiction_first", [True, False])
def test_a_contradiction_in_the_same_batch_is_rejected(contradiction_first: bool) -> None:
    fault = Contradiction(stands=verdict(1, "fail"), refused=verdict(1))
    batch: list[Received] = [fault, came(verdict(1))] if contradiction_first else [came(verdict(1)), fault]
    ledger = started()
    assert causes(ledger.take(batch, 0.1)) == [(1, 1, False, "contradiction")]
    assert ledger.totals.counted == {"contradictions": 1}


def test_a_contradiction_after_the_decision_is_counted_and_changes_nothing() -> None:
    ledger = started()
    ledger.take([came(verdict(1, "fail"))], 0.1)
    assert ledger.take([Contradiction(stands=verdict(1, "fail"), refused=verdict(1))], 0.2) == []
    assert (ledger.totals.accepted, ledger.totals.parts) == (0, 1)


def test_what_decides_nothing_is_counted() -> None:
    ledger = started()
    ignored: list[Received] = [
        Repeated(run="r1", seq=1),
        Repeated(run="r1", seq=1),
        Ignored(run="r0", seq=1, why="superseded"),
        Malformed(what="verdict.line1", error="not JSON"),
        EventReceived(event=event()),
    ]
    assert ledger.take(ignored, 0.1) == []
    assert ledger.totals.counted == {"repeats": 2, "ignored": 1, "malformed": 1}


def test_a_run_that_comes_back_is_decided_no_part_twice() -> None:
    ledger, sequence = Ledger(False, TIMEOUT_S), Sequence()
    decided: list[Decision] = []

    def hear(received: list[Received], now: float) -> None:
        decided.extend(ledger.take(received, now))

    hear([*sequence.published("live", 0), beat(0, run="live")], 0.0)
    hear(sequence.verdict(verdict(1, run="live")), 0.1)
    hear([*sequence.published("live", 3, 3), beat(3, 3, run="live")], 0.2)
    hear([*sequence.published("old", 2), beat(2, run="old")], 0.3)
    for n in range(RETURNS):
        hear(sequence.published("live", 4), 0.4 + n / 10)
    assert sequence.run == "live"
    hear([beat(4, run="live")], 1.2)
    for seq in range(1, 5):
        hear(sequence.verdict(verdict(seq, run="live"), recovered=True), 1.3)
    assert not ledger.ready(0.3 + TIMEOUT_S + 2).on
    hear(sequence.verdict(verdict(5, run="live")), 1.4)
    said = [(d.run, d.seq + n, d.cause) for d in decided for n in range(d.parts)]
    assert said == [
        ("live", 1, "pass"), ("live", 2, "gap"), ("live", 3, "gap"), ("old", 1, "unseen"), ("old", 2, "unseen"),
        ("live", 4, "unseen"), ("live", 5, "pass"),
    ]  # fmt: skip


def test_recorded_footage_is_refused_unless_allowed() -> None:
    refusing, allowing = started(), started(accept_replay=True)
    message = came(verdict(1, mode="replay"))
    assert causes(refusing.take([message], 0.1)) == [(1, 1, False, "replay")]
    assert not refusing.ready(0.1).on
    assert "accept_replay" in refusing.ready(0.1).why
    assert causes(allowing.take([message], 0.1)) == [(1, 1, True, "pass")]
    assert allowing.ready(0.1).on


def test_what_was_published_before_the_bridge_came_is_rejected_as_one_though_it_is_recovered() -> None:
    ledger = Ledger(False, TIMEOUT_S)
    first = ledger.take([NewRun(run="r1", previous=None), came(verdict(1_000_001))], 5.0)
    assert causes(first) == [(1, 1_000_000, False, "unseen"), (1_000_001, 1, True, "pass")]
    assert [d.result_id for d in first] == [1, 1_000_001]
    assert ledger.take([came(verdict(1_000_000), recovered=True)], 5.1) == []


def test_silence_turns_ready_off_and_rejects_what_was_taken() -> None:
    ledger = started()
    ledger.take([came(verdict(1)), beat(1, taken=3)], 0.5)
    assert ledger.ready(1.5).on
    assert not ledger.ready(1.51).on
    assert "1000 ms" in ledger.ready(1.51).why
    assert causes(ledger.take([], 1.51)) == [(2, 2, False, "silence")]
    assert ledger.take([], 9.0) == []


def test_after_silence_passes_count_again_only_from_the_batch_after_the_first_heartbeat() -> None:
    ledger = started()
    stale = ledger.take([came(verdict(1)), beat(2), came(verdict(2))], 3.0)
    assert causes(stale) == [(1, 1, False, "silence"), (2, 1, False, "silence")]
    assert causes(ledger.take([came(verdict(3))], 3.1)) == [(3, 1, True, "pass")]
    assert ledger.ready(3.1).on


def test_a_fail_in_silence_keeps_its_cause() -> None:
    assert causes(started().take([came(verdict(1, "fail"))], 3.0)) == [(1, 1, False, "fail")]


@pytest.mark.parametrize("state", ["starting", "not_ready", "stopping", "ended"])
def test_only_a_station_that_is_ready_makes_ready(state: State) -> None:
    ledger = started()
    assert ledger.ready(0.0).on
    ledger.take([beat(0, state=state)], 0.1)
    assert not ledger.ready(0.1).on
    assert {"not_ready": "camera unplugged", "ended": "run r1 has ended"}.get(state, state) in ledger.ready(0.1).why


def test_ready_waits_for_a_station_and_for_its_heartbeat() -> None:
    ledger = Ledger(False, TIMEOUT_S)
    assert ledger.ready(0.0).why == "no station heard yet"
    ledger.take([NewRun(run="r1", previous=None), came(verdict(1))], 0.1)
    assert ledger.ready(0.1).why == "no heartbeat of run r1 yet"
    ledger.take([beat(1)], 0.2)
    assert ledger.ready(0.2).on


def test_a_new_run_rejects_what_the_old_one_left_and_counts_on() -> None:
    ledger = started()
    ledger.take([came(verdict(2)), beat(2, taken=5)], 0.1)
    out = ledger.take(
        [Gap(run="r1", first=1, last=1), NewRun(run="r2", previous="r1"), came(verdict(1, run="r2"))], 0.2
    )
    assert [(d.result_id, d.run, d.seq, d.parts, d.cause) for d in out] == [
        (2, "r1", 1, 1, "gap"),
        (3, "r1", 3, 3, "gap"),
        (6, "r2", 1, 1, "pass"),
    ]


def test_what_any_of_the_last_runs_decided_is_not_decided_again_by_the_next_bridge() -> None:
    ledger = started()
    decided = ledger.take([came(verdict(1)), came(verdict(3, "fail"))], 0.1)
    decided += ledger.take([NewRun(run="r2", previous="r1"), beat(0, run="r2"), came(verdict(1, run="r2"))], 0.2)
    successor = Ledger(False, TIMEOUT_S, restored=restored(decided))
    again = [NewRun(run="r1", previous=None), came(verdict(1)), came(verdict(2)), came(verdict(3)), came(verdict(4))]
    out = successor.take(again, 5.0)
    assert causes(out) == [(4, 1, True, "pass")]
    assert out[0].result_id == 5
    assert successor.totals.counted == {"late": 3}


def test_parts_that_an_ended_run_never_published_are_rejected() -> None:
    ledger = started()
    ledger.take([beat(0, taken=2, state="ended")], 0.1)
    ledger.take([beat(0, taken=2, state="ended")], 0.6)
    assert causes(ledger.take([beat(0, taken=2, state="ended")], 1.2)) == [(1, 2, False, "gap")]


def test_a_bridge_that_stops_rejects_what_is_open() -> None:
    ledger = started()
    ledger.take([came(verdict(2))], 0.1)
    assert causes(ledger.close()) == [(1, 1, False, "stopped")]
    assert Ledger(False, TIMEOUT_S).close() == []


def test_totals_read_as_a_line() -> None:
    ledger = started()
    ledger.take([came(verdict(1)), came(verdict(2, "fail")), Repeated(run="r1", seq=1)], 0.1)
    assert str(ledger.totals) == "2 parts, 1 accepted, 1 rejected (fail 1); 1 repeats"
    assert str(Ledger(False, TIMEOUT_S).totals) == "0 parts, 0 accepted, 0 rejected"


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["verdict", "verdict", "fail", "recovered", "heartbeat", "taken", "give_up", "nothing"]),
        st.sampled_from(["r1", "r1", "r1", "r2"]),
        st.integers(1, 10),
        st.sampled_from([0.0, 0.1, 0.3, 1.2]),
    ),
    max_size=50,
)


@given(STEPS)
def test_each_part_is_decided_exactly_once_whatever_the_wire_brings(steps: list[tuple[str, str, int, float]]) -> None:
    sequence, ledger, now, out, passed, batch = Sequence(), Ledger(False, TIMEOUT_S), 0.0, list[Decision](), set(), []
    for kind, run, n, wait in steps:
        batch = []
        now += wait
        if kind == "heartbeat" or kind == "taken":
            batch = sequence.published(run, n)
            ahead = n + 2 if kind == "taken" else n
            batch += [beat(n, taken=ahead, run=run)] if run == sequence.run else []
        elif kind == "give_up":
            batch = sequence.give_up(run, 1, n)
        elif kind != "nothing":
            passed |= {(run, n)} if kind != "fail" else set()
            batch = sequence.verdict(verdict(n, "fail" if kind == "fail" else "pass", run), kind == "recovered")
        out += ledger.take(batch, now)
    out += ledger.close()
    decided = [(d.run, n) for d in out for n in range(d.seq, d.seq + d.parts)]
    assert len(decided) == len(set(decided))
    for run in {run for run, _ in decided}:
        numbers = sorted(n for name, n in decided if name == run)
        assert numbers == list(range(1, len(numbers) + 1)), "none was forgotten"
    assert {(d.run, d.seq) for d in out if d.accept} <= passed
    ids = [n for d in out for n in range(d.result_id, d.result_id + d.parts)]
    assert ids == list(range(1, len(ids) + 1))
    assert ledger.totals.parts == len(decided)
