from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from inspector.messages import Verdict
from inspector.wire.received import Contradiction, Gap, Ignored, NewRun, Received, Repeated, VerdictReceived
from inspector.wire.recovery import HISTORY
from inspector.wire.sequence import RETURNS, Sequence
from tests.wire.samples import verdict

RUNS = ("r1", "r2", "r3")


def delivered(out: list[Received]) -> list[tuple[str, int]]:
    return [(item.verdict.run, item.verdict.seq) for item in out if isinstance(item, VerdictReceived)]


def gone(out: list[Received]) -> list[tuple[str, int]]:
    return [(item.run, n) for item in out if isinstance(item, Gap) for n in range(item.first, item.last + 1)]


def messages() -> st.SearchStrategy[tuple[str, str, int]]:
    return st.tuples(
        st.sampled_from(["verdict", "fail", "recovered", "heartbeat", "give_up"]),
        st.sampled_from(RUNS),
        st.integers(1, 12),
    )


@given(st.lists(messages(), max_size=120))
def test_every_published_seq_is_delivered_once_or_missing_or_lost_whatever_comes(
    stream: list[tuple[str, str, int]],
) -> None:
    sequence, out, known = Sequence(), list[Received](), set[tuple[str, int]]()
    for kind, run, n in stream:
        if kind == "heartbeat":
            new = sequence.published(run, n)
        elif kind == "give_up":
            new = sequence.give_up(run, 1, n)
        else:
            new = sequence.verdict(verdict(n, "fail" if kind == "fail" else "pass", run), kind == "recovered")
        out += new
        if run == sequence.run and kind != "give_up":
            known |= {(run, seq) for seq in range(1, n + 1)}
        if kind in ("verdict", "fail", "recovered"):
            answers = [item for item in new if not isinstance(item, Gap | NewRun)]
            assert len(answers) == 1, "each verdict that comes is accounted for, exactly once"

    once, lost = delivered(out), gone(out)
    missing = set()
    while sequence.missing:
        missing |= set(gone(sequence.give_up(sequence.run or "", *sequence.missing)))
    assert len(once) == len(set(once))
    assert len(lost) == len(set(lost))
    assert set(once) | set(lost) | missing == known
    assert not set(once) & set(lost)
    assert not missing & (set(once) | set(lost))


@given(st.permutations([1, 2, 3, 4, 5, 5, 2]))
def test_order_does_not_matter(order: list[int]) -> None:
    sequence = Sequence()
    out = [item for n in order for item in sequence.verdict(verdict(n))]
    assert sorted(delivered(out)) == [("r1", n) for n in (1, 2, 3, 4, 5)]
    assert sum(isinstance(item, Repeated) for item in out) == 2
    assert sequence.missing is None


@given(st.lists(st.sampled_from(["pass", "fail", "not_inspected"]), min_size=2, max_size=5))
def test_of_contradicting_verdicts_one_that_is_no_pass_stands(outcomes: list[str]) -> None:
    sequence = Sequence()
    out = [item for outcome in outcomes for item in sequence.verdict(verdict(1, outcome))]  # type: ignore[arg-type]
    stands = next((c.stands.outcome for c in reversed(out) if isinstance(c, Contradiction)), outcomes[0])
    assert (stands == "pass") == (set(outcomes) == {"pass"})
    assert len(delivered(out)) == 1


def test_a_repeat_that_differs_in_anything_is_a_contradiction() -> None:
    sequence = Sequence()
    first, second = verdict(1), replace(verdict(1), part="other")
    sequence.verdict(first)
    assert sequence.verdict(second) == [Contradiction(stands=first, refused=second)]


def test_a_heartbeat_shows_a_lost_last_verdict() -> None:
    sequence = Sequence()
    sequence.verdict(verdict(1))
    assert sequence.missing is None
    sequence.published("r1", 2)
    assert sequence.missing == (2, 2)


def test_who_joins_late_misses_all_that_was_published_before() -> None:
    sequence = Sequence()
    sequence.published("r1", 1_000_000)
    assert sequence.missing == (1, 1_000_000)


def test_a_new_run_closes_the_one_before_which_then_counts_no_more() -> None:
    sequence = Sequence()
    sequence.verdict(verdict(3))
    new = sequence.verdict(verdict(1, run="r2"))
    assert new[:2] == [Gap(run="r1", first=1, last=2), NewRun(run="r2", previous="r1")]
    assert sequence.verdict(verdict(2)) == [Ignored(run="r1", seq=2, why="superseded")]
    assert sequence.published("r1", 9) == [Ignored(run="r1", seq=None, why="superseded")]
    assert sequence.run == "r2"


def test_a_verdict_that_comes_after_its_part_was_given_up_is_not_delivered() -> None:
    sequence = Sequence()
    sequence.verdict(verdict(2))
    assert sequence.give_up("r1", 1, 1) == [Gap(run="r1", first=1, last=1)]
    assert sequence.give_up("r1", 1, 1) == []
    assert sequence.verdict(verdict(1)) == [Ignored(run="r1", seq=1, why="too_late")]


def test_memory_is_bounded_and_a_repeat_from_beyond_it_is_never_delivered_again() -> None:
    sequence = Sequence()
    for n in range(1, HISTORY + 2):
        sequence.verdict(verdict(n))
    assert sequence.verdict(verdict(1, "fail")) == [Ignored(run="r1", seq=1, why="too_late")]
    assert sequence.verdict(verdict(2)) == [Repeated(run="r1", seq=2)]


def test_verdicts_pass_through_unchanged() -> None:
    given_one: Verdict = verdict(1, "fail", part="B-17")
    assert Sequence().verdict(given_one)[-1] == VerdictReceived(verdict=given_one, recovered=False)


def test_what_a_closed_run_took_and_never_published_is_lost() -> None:
    sequence = Sequence()
    sequence.published("r1", 1, taken=4)
    sequence.verdict(verdict(1))
    sequence.verdict(verdict(2))
    assert sequence.missing is None, "it may still be published"
    assert sequence.heard("r2") == [Gap(run="r1", first=3, last=4), NewRun(run="r2", previous="r1")]
    assert sequence.heard("r3") == [NewRun(run="r3", previous="r2")]


def test_an_old_run_heard_late_gives_way_to_the_one_that_lives_once_it_is_silent_itself() -> None:
    sequence = Sequence()
    sequence.published("live", 4)
    sequence.give_up("live", 1, 2)
    sequence.verdict(verdict(3, run="live"))
    assert sequence.published("old", 9)[-1] == NewRun(run="old", previous="live")
    for _ in range(RETURNS - 1):
        assert sequence.published("live", 6) == [Ignored(run="live", seq=None, why="superseded")]
    assert sequence.published("live", 7) == [Gap(run="old", first=1, last=9), NewRun(run="live", previous="old")]
    assert sequence.missing == (5, 7), "1 to 4 were delivered or lost before"
    assert sequence.verdict(verdict(3, run="live")) == [Ignored(run="live", seq=3, why="too_late")]
    assert delivered(sequence.verdict(verdict(5, run="live"))) == [("live", 5)]
    assert sequence.verdict(verdict(1, run="old")) == [Ignored(run="old", seq=1, why="superseded")]


def test_a_station_that_is_heard_is_never_displaced_by_an_older_one_that_goes_on_too() -> None:
    sequence = Sequence()
    sequence.published("old", 1)
    sequence.published("new", 1)
    for _ in range(5 * RETURNS):
        for _ in range(RETURNS - 1):
            sequence.published("old", 1)
        sequence.heard("new")
    assert sequence.run == "new"


def test_only_heartbeats_bring_a_run_back() -> None:
    sequence = Sequence()
    sequence.published("live", 0)
    sequence.published("old", 0)
    for n in range(1, 5 * RETURNS):
        sequence.verdict(verdict(n, run="live"))
    assert sequence.run == "old"
