"""The gallery's filters, and the marks."""

import csv
import io
from dataclasses import replace

import pytest

from inspector.messages import Reason
from inspector.viewer.gallery import chosen, filter_of
from inspector.viewer.marks import Marks
from inspector.wire.received import EventReceived
from tests.viewer.stations import verdict
from tests.wire.samples import event

REASON: Reason = "late"
PARTS = [
    replace(verdict(5, "fail"), score=22.0),
    verdict(4, "fail"),
    verdict(3, "not_inspected", reason="camera"),
    verdict(2, "pass"),
    replace(verdict(1, "not_inspected", reason=REASON), exposed_ns=10**18),
]


@pytest.mark.parametrize(("query", "seqs"), [
    ({}, [5, 4, 3, 1]), ({"kind": "fail"}, [5, 4]), ({"kind": "late"}, [1]), ({"since_ms": "1600000000000"}, [5, 4, 3]),
    ({"low": "1.2"}, [4]), ({"high": "1.2"}, [5]), ({"low": "1", "high": "2"}, [5, 4]), ({"mark": "none"}, [5, 3, 1]),
    ({"mark": "false_reject"}, [4]), ({"mark": "confirmed"}, []), ({"kind": ""}, [5, 4, 3, 1]),
])  # fmt: skip
def test_filters_take_what_they_say(query: dict[str, str], seqs: list[int]) -> None:
    marks = Marks()
    marks.add("r1", 4, "false_reject", "anna")
    found, more = chosen(PARTS, filter_of(query), marks)
    assert [each.seq for each in found] == seqs
    assert not more


def test_a_part_with_two_verdicts_is_shown_by_the_newer_and_what_is_left_out_is_said() -> None:
    found, more = chosen(
        [verdict(1, "fail"), verdict(1, "not_inspected"), verdict(2, "fail")], filter_of({}), Marks(), 1
    )
    assert ([(each.seq, each.outcome) for each in found], more) == ([(1, "fail")], True)


@pytest.mark.parametrize("query", [{"low": "x"}, {"since_ms": "yesterday"}])
def test_a_filter_that_is_none_is_refused(query: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        filter_of(query)


def test_marks_come_from_events_the_later_counts_and_noise_is_left_out() -> None:
    marks = Marks()
    for seq, facts in (
        (4, {"run": "r1", "mark": "confirmed", "by": "anna"}),
        (4, {"run": "r1", "mark": "false_reject", "by": "ben"}),
        (None, {"run": "r1", "mark": "confirmed", "by": "anna"}),
        (5, {"run": "r1", "mark": "perhaps", "by": "anna"}),
        (6, {}),
    ):
        marks.hear([EventReceived(event=replace(event(), kind="mark", seq=seq, facts=facts))])
    marked = marks.of("r1", 4)
    assert marked is not None
    assert (marked.mark, marked.by) == ("false_reject", "ben")
    assert marks.of("r1", 5) is None


def test_the_table_of_marks_has_those_with_a_score_and_no_formulas() -> None:
    marks = Marks()
    marks.add("r1", 4, "confirmed", "=HYPERLINK(1)")
    marks.add("r1", 3, "confirmed", "anna")  # not inspected: no score to choose a threshold by
    (row,) = csv.DictReader(io.StringIO(marks.table(PARTS)))
    assert row == {"run": "r1", "seq": "4", "part": "", "recipe": "abc", "score": "31.0", "threshold": "20.0",
                   "mark": "confirmed", "by": "'=HYPERLINK(1)"}  # fmt: skip
