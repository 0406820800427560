"""The newest verdicts, and what a follower lacks of them."""

from hypothesis import given
from hypothesis import strategies as st

from inspector.messages import Verdict
from inspector.viewer.trend import Trend
from tests.viewer.stations import verdict


def seqs(verdicts: list[Verdict]) -> list[int]:
    return [each.seq for each in verdicts]


def test_a_follower_that_is_up_to_date_gets_only_what_came_since() -> None:
    trend = Trend()
    trend.add(verdict(1))
    seen = trend.version
    trend.add(verdict(2))
    trend.add(verdict(3))
    whole, new = trend.since(seen)
    assert (whole, seqs(new)) == (False, [2, 3])


def test_a_follower_that_lags_by_more_than_is_kept_gets_all_there_is() -> None:
    trend = Trend(room=3)
    seen = trend.version
    for seq in range(1, 6):
        trend.add(verdict(seq))
    whole, new = trend.since(seen)
    assert (whole, seqs(new)) == (True, [3, 4, 5])


def test_a_recovered_verdict_finds_its_place() -> None:
    trend = Trend()
    for seq in (1, 4, 2):
        trend.add(verdict(seq))
    assert seqs(trend.since(-1)[1]) == [1, 2, 4]
    assert trend.newest == verdict(4)


def test_a_verdict_older_than_a_full_trend_is_ignored() -> None:
    trend = Trend(room=2)
    for seq in (5, 6):
        trend.add(verdict(seq))
    version = trend.version
    trend.add(verdict(1))
    assert trend.version == version


def test_the_verdict_that_stands_replaces_the_one_refused() -> None:
    trend = Trend()
    trend.add(verdict(1, "pass"))
    seen = trend.version
    trend.add(verdict(1, "fail"))
    assert trend.since(seen) == (True, [verdict(1, "fail")])


@given(st.lists(st.tuples(st.sampled_from(["add", "follow", "clear"]), st.integers(1, 30)), max_size=60))
def test_a_follower_that_does_as_told_always_has_what_the_trend_has(steps: list[tuple[str, int]]) -> None:
    trend, copy, seen = Trend(room=8), list[Verdict](), -1
    for step, seq in [*steps, ("follow", 0)]:
        if step == "add":
            trend.add(verdict(seq))
        elif step == "clear":
            trend.clear()
        else:
            whole, new = trend.since(seen)
            copy = new if whole else [*copy, *new][-8:]
            seen = trend.version
            assert copy == trend.since(-1)[1]
            assert seqs(copy) == sorted(set(seqs(copy)))
