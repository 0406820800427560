"""Choosing a threshold from the scores of good parts alone, and saying what may be claimed for it. Pure."""

import math
from collections.abc import Sequence

import numpy as np

from inspector.errors import RecipeError
from inspector.scoring.recipe import Threshold

CONFIDENCE = 0.95
MARGIN = 0.10
"""Part of the highest good score that is added to it."""


def highest_good(scores: Sequence[float], folds: int, margin: float = MARGIN) -> Threshold:
    """τ = the highest score of any good part, plus a margin.

    scores: one a good part, each from a bank fitted without that part (in `folds` leave-out folds).
    Raises RecipeError when a score is not finite or all are zero.
    """
    highest = max(scores)
    if not np.isfinite(scores).all() or highest <= 0:
        raise RecipeError(f"no threshold can be set on scores from {min(scores)} to {highest}")
    claim = rejected_at_most(len(scores))
    return Threshold(
        value=float(highest * (1 + margin)),
        rule="highest_good",
        basis=(
            f"highest of {len(scores)} good scores ({highest:.2f}) plus {margin:.0%}; each part scored by a bank "
            f"fitted without it ({folds} folds). {len(scores)} good parts allow to claim, at {CONFIDENCE:.0%} "
            f"confidence, at most {claim:.1%} false rejects at the highest score; the margin lowers that. An estimate, "
            f"since the final bank is fitted on all of them; it claims nothing about misses."
        ),
    )


def rejected_at_most(count: int, confidence: float = CONFIDENCE) -> float:
    """Largest share of good parts that may lie above the highest of `count` good scores, at this confidence.

    The one-sided tolerance bound of the largest order statistic (S. S. Wilks, 1941): 1 - (1 - confidence)^(1 / count).
    """
    return 1 - math.pow(1 - confidence, 1 / count)
