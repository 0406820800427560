"""From a score map to the judgement of a part. Pure."""

import math
from dataclasses import dataclass

import numpy as np

from inspector.messages import Affine, Defect, Outcome, Reason, ScoreMap
from inspector.scoring.score import Region, regions

DEFECT_LIMIT = 64
"""Most defects named in one verdict, the worst first: a wholly wrong picture must not make a large message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a verdict says about its part, before it is known when it is sent."""

    outcome: Outcome
    reason: Reason | None = None
    score: float | None = None
    defects: tuple[Defect, ...] = ()
    """In source pixels, the highest score first."""


def not_inspected(reason: Reason) -> Judgement:
    """The judgement of a part that nobody could judge."""
    return Judgement(outcome="not_inspected", reason=reason)


def decide(scored: ScoreMap, threshold: float, min_patches: int = 1) -> Judgement:
    """Pass at a finite score up to the threshold, fail above it; not inspected where a number is not finite.

    An infinite threshold would pass everything and NaN compares with nothing, so neither judges; nor does a score whose
    map has a hole in it, since the defect may be there.
    """
    finite = math.isfinite(scored.score) and math.isfinite(threshold) and bool(np.isfinite(scored.patch_scores).all())
    if not finite:
        return not_inspected("error")
    score = float(scored.score)
    if score <= threshold:
        return Judgement(outcome="pass", score=score)
    found = regions(scored.patch_scores, threshold, min_patches)[:DEFECT_LIMIT]
    return Judgement(outcome="fail", score=score, defects=tuple(_defect(region, scored.to_source) for region in found))


def _defect(region: Region, to_source: Affine) -> Defect:
    """The upright box, in source pixels, around a region of the grid; the grid itself may lie turned in the source."""
    rows, columns = np.nonzero(region.mask)
    left, right = columns.min(), columns.max() + 1
    top, bottom = rows.min(), rows.max() + 1
    corners = np.array([(left, top, 1), (right, top, 1), (right, bottom, 1), (left, bottom, 1)], np.float64)
    placed = corners @ to_source.astype(np.float64).T
    (x, y), (x_end, y_end) = placed.min(axis=0).tolist(), placed.max(axis=0).tolist()
    return Defect(x=x, y=y, width=x_end - x, height=y_end - y, score=region.score)
