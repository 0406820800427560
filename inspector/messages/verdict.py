"""What becomes of a part: its score map, and the one verdict."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from inspector.messages.terms import MOST_PARTS, PART_ID_LIMIT, Affine, Mode, Outcome, Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreMap:
    """How far each patch of a part is from the nearest good patch."""

    seq: int
    patch_scores: NDArray[np.float32]
    """float32[h, w]: Euclidean distance to the nearest bank vector, 0 under the ignore mask."""
    score: float
    """What is compared with the threshold: see inspector.scoring.score."""
    nearest: NDArray[np.int32]
    """int32[h, w]: the row of that bank vector."""
    to_source: Affine
    """Maps the grid (a patch is 1 × 1) onto source pixels."""

    def __post_init__(self) -> None:
        for array in (self.patch_scores, self.nearest, self.to_source):
            array.flags.writeable = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A connected region of patches above the threshold: its bounding box in source pixels and its highest score."""

    x: float
    y: float
    width: float
    height: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The one judgement of a part. It cannot be built against the rules of the line (docs/wire.md).

    Raises ValueError where an outcome contradicts its score, threshold or reason.
    """

    station: str
    run: str
    mode: Mode
    seq: int
    part: str
    outcome: Outcome
    reason: Reason | None
    """Why the part was not inspected; None for a pass or a fail."""
    score: float | None
    """Finite, or None when not inspected; never NaN."""
    threshold: float
    recipe: str
    """The id of the recipe version in force when the part was taken."""
    exposed_ns: int
    latency_ms: float
    """From arrival to the moment before sending."""
    stages_ms: dict[str, float]
    defects: tuple[Defect, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.seq <= MOST_PARTS:
            raise ValueError(f"seq is {self.seq}; the first part is 1, and none is above {MOST_PARTS}")
        if len(self.part) > PART_ID_LIMIT:
            raise ValueError(f"part id of {len(self.part)} characters; at most {PART_ID_LIMIT} are allowed")
        if self.outcome == "not_inspected":
            if self.reason is None or self.score is not None:
                raise ValueError("a part that was not inspected has a reason and no score")
            return
        if self.reason is not None or self.score is None or not math.isfinite(self.score):
            raise ValueError(f"a {self.outcome} has a finite score and no reason, not {self.score} and {self.reason}")
        if (self.outcome == "pass") != (self.score <= self.threshold):
            raise ValueError(f"{self.outcome} contradicts score {self.score} at threshold {self.threshold}")
