"""The summary: what a run came to, in numbers that add up."""

import io

from rich.console import Console

from inspector.line.summary import Summary
from inspector.messages import Outcome, Reason, Verdict


def verdict(part: str = "a", outcome: Outcome = "pass", score: float | None = 1.0, reason: Reason | None = None,
            latency_ms: float = 10.0) -> Verdict:  # fmt: skip
    return Verdict(station="s", run="r", mode="replay", seq=1, part=part, outcome=outcome, reason=reason, score=score,
                   threshold=2.0, recipe="x", exposed_ns=0, latency_ms=latency_ms, stages_ms={})  # fmt: skip


def lost(part: str, reason: Reason) -> Verdict:
    return verdict(part, "not_inspected", None, reason)


def test_every_verdict_is_counted_under_its_outcome_and_reason():
    summary = Summary()
    for one in (verdict(), verdict(), verdict(outcome="fail", score=3.0), lost("b", "late"), lost("c", "overrun")):
        summary.add(one)
    told = summary.as_json()
    assert (told["parts"], told["pass"], told["fail"]) == (5, 2, 1)
    assert told["not_inspected"] == {"late": 1, "overrun": 1}
    assert told["truth"] is None
    assert told["lost"] == 0
    assert summary.counts == {"pass": 2, "fail": 1, "not_inspected": 2, "not_inspected.late": 1,
                              "not_inspected.overrun": 1}  # fmt: skip


def test_a_miss_is_a_defective_part_that_passed_and_a_false_reject_a_good_one_that_failed():
    summary = Summary({"good": False, "bad": True, "worse": True})
    for one in (verdict("bad"), verdict("good", "fail", 3.0), verdict("worse", "fail", 9.0), verdict("unknown")):
        summary.add(one)
    assert summary.as_json()["truth"] == {"misses": 1, "false_rejects": 1, "image_auroc": 0.5}


def test_a_part_not_inspected_is_neither_a_miss_nor_a_false_reject():
    summary = Summary({"good": False, "bad": True})
    summary.add(lost("good", "overrun"))
    summary.add(lost("bad", "overrun"))
    assert summary.as_json()["truth"] == {"misses": 0, "false_rejects": 0, "image_auroc": None}


def test_the_summary_of_an_endless_run_does_not_grow():
    summary = Summary({"good": False, "bad": True})
    for score in range(1000):
        summary.add(verdict("good", "fail", 3.0 + score))
        summary.add(verdict("bad", "fail", 5000.0))
    assert (summary.parts, summary.false_rejects, summary.image_auroc) == (2000, 1000, 1.0)
    assert all(len(held) <= 2 for held in vars(summary).values() if isinstance(held, dict))


def test_people_see_what_programs_see():
    summary = Summary({"bad": True})
    summary.add(verdict("bad", latency_ms=12.34))
    summary.lost = 3
    shown = io.StringIO()
    Console(file=shown, width=80).print(summary.table())
    for text in ("defective, but passed", "12.3 ms", "taken, never published"):
        assert text in shown.getvalue()
