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


def taken(scorer: ScriptedScorer) -> Taken:
    return Taken(seq=1, part="p", exposed_ns=0, arrived_ns=SEEN.arrived_ns, scorer=scorer, recipe="r",
                 threshold=scorer.threshold, deadline_ns=None)  # fmt: skip


def test_a_part_is_judged_by_the_recipe_it_was_taken_under():
    assert judge(PART, taken(ScriptedScorer(threshold=100.0))).judgement.outcome == "pass"
    assert judge(PART, taken(ScriptedScorer(threshold=20.0))).judgement.outcome == "fail"


def test_what_the_scorer_raises_is_told_and_leaves_no_score():
    def fail(part: Part) -> float:
        raise MemoryError("GPU")

    judged = judge(PART, taken(ScriptedScorer(fail)))
    assert (judged.judgement.reason, judged.trouble, judged.scored) == ("error", "MemoryError: GPU", None)
    assert set(judged.stages_ms) == {"queue", "score", "decide"}


def test_a_score_that_is_no_number_is_told():
    judged = judge(PART, taken(ScriptedScorer(lambda part: math.nan)))
    assert judged.judgement.reason == "error"
    assert judged.trouble.startswith("the score is nan")
