"""A scorer that scores nothing, so that what is measured is the line."""

import numpy as np

from inspector.messages import Part, ScoreMap
from inspector.scoring.examine import Examination
from inspector.scoring.nearest import Nearest


class NullScorer:
    """Every part passes, but every `reject_every`th: a map of one patch."""

    recipe_id = "null"
    threshold = 1.0
    min_patches = 1

    def __init__(self, frame_size: tuple[int, int], reject_every: int = 100) -> None:
        self.frame_size: tuple[int, int] | None = frame_size
        self._reject_every = reject_every
        self._scored = 0

    def examine(self, part: Part) -> Examination:  # noqa: ARG002
        """Every picture is fit."""
        return Examination()

    def score(self, part: Part) -> ScoreMap:
        """A map whose one patch is 0, or 2 for a reject."""
        score = 0.0 if part.seq % self._reject_every else 2.0
        return ScoreMap(seq=part.seq, patch_scores=np.full((1, 1), score, np.float32), score=score,
                        nearest=np.zeros((1, 1), np.int32), to_source=np.eye(2, 3, dtype=np.float32))  # fmt: skip

    def nearest_good(self, scored: ScoreMap) -> Nearest | None:  # noqa: ARG002
        """There is none."""
        return None
