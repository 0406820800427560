"""One part, from its picture to its judgement, with what that took and what went wrong."""

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import numpy as np

from inspector.errors import DeviceLost, Unlocated
from inspector.line.decide import Judgement, decide, not_inspected
from inspector.line.register import Taken
from inspector.line.scorer import Scorer
from inspector.messages import Part, Reason, ScoreMap
from inspector.scoring.examine import Examination

FIT: Final = Examination()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of judging a part."""

    judgement: Judgement
    scored: ScoreMap | None
    """None when the scorer raised."""
    stages_ms: Mapping[str, float]
    """How long the part waited and each stage took: queue, score, decide."""
    examined: Examination = FIT
    """How the picture was; one that is unfit is not scored."""
    trouble: str = ""
    """Why there is no score, in words; empty when there is one."""


def judge(part: Part, taken: Taken) -> Judged:
    """Score a part and decide, by the recipe it was taken under. Trouble is a judgement too, and not raised.

    But for DeviceLost, after which no part would have a score again.
    """
    begun_ns = time.monotonic_ns()
    scored, trouble, examined = None, "", FIT
    reason: Reason = "error"
    try:
        examined = taken.scorer.examine(part)
        if examined.unfit:
            stages_ms = {"queue": (begun_ns - part.arrived_ns) / 1e6, "examine": (time.monotonic_ns() - begun_ns) / 1e6}
            return Judged(judgement=not_inspected("health"), scored=None, stages_ms=stages_ms, examined=examined)
        scored = taken.scorer.score(part)
    except Unlocated as error:
        reason, trouble = "unlocated", str(error)
    except DeviceLost:
        raise
    except Exception as error:  # whatever it is, this part has no score and the next one may have
        trouble = f"{type(error).__name__}: {error}"
    scored_ns = time.monotonic_ns()
    judgement = not_inspected(reason) if scored is None else decide(scored, taken.threshold, taken.scorer.min_patches)
    if scored is not None and judgement.reason is not None:
        trouble = f"the score is {scored.score}, its map has {scored.patch_scores.size} patches, not all finite"
    stages_ms = {
        "queue": (begun_ns - part.arrived_ns) / 1e6,
        "score": (scored_ns - begun_ns) / 1e6,
        "decide": (time.monotonic_ns() - scored_ns) / 1e6,
    }
    return Judged(judgement=judgement, scored=scored, stages_ms=stages_ms, examined=examined, trouble=trouble)


def first_score(scorer: Scorer) -> None:
    """Score a black picture before the line starts: the first time is slow, and no part should wait for that."""
    width, height = scorer.frame_size or (640, 512)
    black = np.zeros((height, width, 3), np.uint8)
    part = Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=black, to_source=np.eye(2, 3, dtype=np.float32))
    with suppress(Unlocated):  # a locator sees that there is no part in it
        scorer.score(part)
