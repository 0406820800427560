"""Judging one part: by the terms it was taken under, and whatever goes wrong is a judgement."""

import math

import numpy as np

from inspector.line.judging import judge
from inspector.line.register import Taken
from inspector.messages import Part
from tests.fakes import ScriptedScorer, frame

SEEN = frame(50)
PART = Part(seq=1, part="p", exposed_ns=SEEN.exposed_ns, arrived_ns=SEEN.arrived_ns, image=SEEN.image,
            to_source=np.eye(2, 3, dtype=np.float32))  # fmt: skip


def taken(threshold: float) -> Taken:
    return Taken(seq=1, part="p", exposed_ns=0, arrived_ns=SEEN.arrived_ns, recipe="r", threshold=threshold,
                 deadline_ns=None)  # fmt: skip


def test_a_part_is_judged_by_the_threshold_it_was_taken_under():
    changed_meanwhile = ScriptedScorer(threshold=10)
    assert judge(PART, taken(100.0), changed_meanwhile).judgement.outcome == "pass"
    assert judge(PART, taken(20.0), changed_meanwhile).judgement.outcome == "fail"


def test_what_the_scorer_raises_is_told_and_leaves_no_score():
    def fail(part: Part) -> float:
        raise MemoryError("GPU")

    judged = judge(PART, taken(100.0), ScriptedScorer(fail))
    assert (judged.judgement.reason, judged.trouble, judged.scored) == ("error", "MemoryError: GPU", None)
    assert set(judged.stages_ms) == {"queue", "score", "decide"}


def test_a_score_that_is_no_number_is_told():
    judged = judge(PART, taken(100.0), ScriptedScorer(lambda part: math.nan))
    assert judged.judgement.reason == "error"
    assert judged.trouble.startswith("the score is nan")
