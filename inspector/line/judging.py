"""One part, from its picture to its judgement, with what that took and what went wrong."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from inspector.line.decide import Judgement, decide, not_inspected
from inspector.line.register import Taken
from inspector.messages import Part, ScoreMap


class Scorer(Protocol):
    """What the line needs of a scorer; inspector.scoring.scorer.Scorer is the real one."""

    @property
    def recipe_id(self) -> str: ...
    @property
    def threshold(self) -> float: ...
    @property
    def min_patches(self) -> int:
        """Patches that a region above the threshold must have to be a defect."""

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """Width and height that a part's picture must have; None takes any."""

    def score(self, part: Part) -> ScoreMap:
        """The part's score map, whose arrays nobody writes to any more; raises on a picture it cannot score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What came of judging a part."""

    judgement: Judgement
    scored: ScoreMap | None
    """None when the scorer raised."""
    stages_ms: Mapping[str, float]
    """How long the part waited and each stage took: queue, score, decide."""
    trouble: str = ""
    """Why there is no score, in words; empty when there is one."""


def judge(part: Part, taken: Taken, scorer: Scorer) -> Judged:
    """Score a part and decide, under the threshold it was taken under. Raises nothing: trouble is a judgement too."""
    begun_ns = time.monotonic_ns()
    scored, trouble = None, ""
    try:
        scored = scorer.score(part)
    except Exception as error:  # whatever it is, this part has no score and the next one may have
        trouble = f"{type(error).__name__}: {error}"
    scored_ns = time.monotonic_ns()
    judgement = not_inspected("error") if scored is None else decide(scored, taken.threshold, scorer.min_patches)
    if scored is not None and judgement.reason is not None:
        trouble = f"the score is {scored.score}, its map has {scored.patch_scores.size} patches, not all finite"
    stages_ms = {
        "queue": (begun_ns - part.arrived_ns) / 1e6,
        "score": (scored_ns - begun_ns) / 1e6,
        "decide": (time.monotonic_ns() - scored_ns) / 1e6,
    }
    return Judged(judgement=judgement, scored=scored, stages_ms=stages_ms, trouble=trouble)
