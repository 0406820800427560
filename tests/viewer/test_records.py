"""What is remembered of past parts, and what is told of them."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, time

import pytest

from inspector.messages import Verdict
from inspector.viewer.drift import RECENT, Scores
from inspector.viewer.history import History
from inspector.viewer.hours import ROOM, Hour, Hours
from inspector.viewer.records import Records
from inspector.viewer.shift import MOST_BINS, Shift, beginning
from inspector.wire.received import Contradiction, EventReceived, VerdictReceived
from tests.viewer.stations import verdict
from tests.wire.samples import event

HOUR_NS = 3_600_000_000_000
START_NS = 1_700_000_000_000_000_000 // HOUR_NS * HOUR_NS


def scored(score: float, seq: int = 1, recipe: str = "abc", at_ns: int = START_NS) -> Verdict:
    outcome = "pass" if score <= 20.0 else "fail"
    return replace(verdict(seq, outcome), score=score, recipe=recipe, exposed_ns=at_ns)


def test_a_page_that_asks_from_its_place_on_gets_each_verdict_once() -> None:
    history = History(room=5)
    for seq in range(1, 4):
        history.add(verdict(seq))
    place, first = history.since(0)
    assert [v.seq for v in first] == [1, 2, 3]
    for seq in range(4, 9):
        history.add(verdict(seq))
    place, rest = history.since(place, limit=3)
    assert [v.seq for v in rest] == [4, 5, 6]
    place, rest = history.since(place, limit=3)
    assert ([v.seq for v in rest], history.since(place)[1], place) == ([7, 8], [], history.end)


def test_a_page_that_lags_gets_what_is_still_there_and_one_from_the_future_nothing() -> None:
    history = History(room=2)
    for seq in range(1, 6):
        history.add(verdict(seq))
    assert [v.seq for v in history.since(0)[1]] == [4, 5]
    assert history.since(99) == (5, [])


def test_a_page_of_another_memory_begins_anew() -> None:
    records = Records(())
    records.hear([VerdictReceived(verdict=verdict(1, run="r1"), recovered=False),
                  VerdictReceived(verdict=verdict(1, "fail", run="r2"), recovered=False)])  # fmt: skip
    told = json.loads(json.dumps(records.rows("an older one", 17), allow_nan=False))
    assert (told["anew"], told["next"], told["end"]) == (True, 2, 2)
    assert [(told["names"][row[0]], row[1], told["names"][row[8]]) for row in told["rows"]] == [
        ("r1", 1, "abc"), ("r2", 1, "abc")]  # fmt: skip
    assert records.rows(records.epoch, 2)["rows"] == []
    assert not records.rows(records.epoch, 2)["anew"]


def test_a_contradicted_part_is_counted_once() -> None:
    records = Records(())
    records.hear([VerdictReceived(verdict=verdict(1), recovered=False),
                  Contradiction(stands=verdict(1, "fail"), refused=verdict(1))])  # fmt: skip
    (hour,) = records.figures()["hours"]
    assert (hour["pass"], hour["fail"]) == (1, 0)
    assert [row[5] for row in records.rows("", 0)["rows"]] == ["pass", "fail"]  # of two, the later counts


def test_hours_count_outcomes_and_reasons_and_the_oldest_go() -> None:
    hours = Hours()
    hours.add(replace(verdict(1), exposed_ns=START_NS))
    hours.add(replace(verdict(2, "not_inspected", reason="late"), exposed_ns=START_NS + HOUR_NS - 1))
    hours.add(replace(verdict(3, "fail"), exposed_ns=START_NS + HOUR_NS))
    first, second = hours.oldest_first()
    assert (first.start_s * 1_000_000_000, first.parts, dict(first.reasons)) == (START_NS, 2, {"late": 1})
    assert second.outcomes["fail"] == 1
    for later in range(2, ROOM + 2):
        hours.add(replace(verdict(4), exposed_ns=START_NS + later * HOUR_NS))
    assert len(hours.oldest_first()) == ROOM
    assert hours.oldest_first()[0].start_s * 1_000_000_000 == START_NS + 2 * HOUR_NS


@pytest.mark.parametrize(
    ("at", "begins"),
    [("2026-03-02 13:59", "2026-03-02 06:00"), ("2026-03-02 14:00", "2026-03-02 14:00"),
     ("2026-03-02 05:30", "2026-03-01 22:00"), ("2026-03-02 23:00", "2026-03-02 22:00")],
)  # fmt: skip
def test_a_shift_begins_by_the_clock(at: str, begins: str) -> None:
    starts = [time(6), time(14), time(22)]
    found = beginning(datetime.fromisoformat(at).astimezone().timestamp(), starts)
    assert datetime.fromtimestamp(found).strftime("%Y-%m-%d %H:%M") == begins


def test_the_histogram_begins_anew_with_the_shift_and_keeps_its_bins_when_the_threshold_changes() -> None:
    shift = Shift(["06:00", "14:00"])
    day_ns = int(datetime(2026, 3, 2, 13, 0).astimezone().timestamp() * 1e9)
    shift.add(scored(20.0, at_ns=day_ns))
    shift.add(replace(scored(10.0, at_ns=day_ns), threshold=40.0))
    shift.add(scored(1e9, at_ns=day_ns))
    shift.add(replace(verdict(4, "not_inspected"), exposed_ns=day_ns))
    assert shift.width == pytest.approx(0.4)
    assert dict(shift.counts) == {50: 1, 25: 1, MOST_BINS - 1: 1}
    shift.add(scored(10.0, at_ns=day_ns + HOUR_NS))
    shift.add(scored(10.0, at_ns=day_ns))  # one of the shift before, recovered late
    assert dict(shift.counts) == {25: 1}
    shift.add(scored(10.0, at_ns=day_ns + HOUR_NS), bank="another")  # whose scores are other numbers
    assert dict(shift.counts) == {25: 1}
    assert shift.first_s == (day_ns + HOUR_NS) / 1e9


def drifting(values: Iterable[float], recipe: str = "abc") -> Scores:
    scores = Scores()
    for seq, value in enumerate(values, 1):
        scores.add(scored(value, seq, recipe), recipe)
    return scores


def test_steady_scores_do_not_drift_and_a_few_rejects_move_nothing() -> None:
    steady = [10 + (seq * 7 % 11) / 10 for seq in range(4 * RECENT)]
    assert not drifting(steady).drift().drifts  # type: ignore[union-attr]
    with_rejects = [40.0 if seq % 5 == 0 else value for seq, value in enumerate(steady)]
    assert not drifting(with_rejects).drift().drifts  # type: ignore[union-attr]


@pytest.mark.parametrize("by", [0.6, -0.6])
def test_scores_that_move_drift_in_either_direction(by: float) -> None:
    values = [10 + (seq * 7 % 11) / 10 + (by if seq >= 3 * RECENT else 0) for seq in range(4 * RECENT)]
    drift = drifting(values).drift()
    assert drift is not None
    assert drift.drifts
    assert (drift.spreads > 0) == (by > 0)


def test_too_few_parts_tell_nothing() -> None:
    scores = drifting([10.0] * (2 * RECENT - 1))
    assert (scores.drift(), scores.missing) == (None, 1)


def test_another_bank_begins_anew() -> None:
    scores = drifting([10.0] * 2 * RECENT)
    assert scores.drift() is not None
    scores.add(scored(10.0), "other bank")
    assert scores.drift() is None


def retuned(before: str, after: str) -> EventReceived:
    facts = {"recipe_before": before, "recipe": after}
    return EventReceived(event=replace(event(), kind="threshold", facts=facts))


def test_a_change_of_threshold_leaves_scores_comparable_and_a_change_of_recipe_does_not() -> None:
    records = Records(())
    for seq in range(1, 2 * RECENT + 1):
        records.add(scored(10.0, seq))
    records.hear([retuned("abc", "def"), retuned("def", "123")])
    for recipe in ("def", "123", "abc"):  # the last by taking back
        records.add(scored(10.0, recipe=recipe))
        assert records.drift() is not None
        assert recipe in records.rows("", 0)["comparable"]
    assert records.rows("", 0)["comparable"] == ["123", "abc", "def"]
    records.hear(
        [EventReceived(event=replace(event(), kind="recipe", facts={"recipe_before": "abc", "recipe": "new"}))]
    )
    records.add(scored(10.0, recipe="new"))
    assert records.drift() is None
    assert records.rows("", 0)["comparable"] == ["new"]


def test_what_was_logged_before_is_not_counted_again_when_the_wire_brings_it_too() -> None:
    records = Records(())
    old = [scored(10.0, seq) for seq in (1, 2)]
    hour = Hour(START_NS // 1_000_000_000, outcomes=Counter({"pass": 7}))
    records.remember(old, [hour], [("abc", "def")])
    again = [VerdictReceived(verdict=each, recovered=True) for each in old]
    records.hear([*again, VerdictReceived(verdict=scored(10.0, 3, "def"), recovered=False)])
    assert [row[1] for row in records.rows("", 0)["rows"]] == [1, 2, 3]
    assert records.figures()["hours"][0]["pass"] == 8
    assert records.rows("", 0)["comparable"] == ["abc", "def"]
