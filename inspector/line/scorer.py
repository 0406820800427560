"""What the line needs of a scorer, and which one is in force."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeAlias

from inspector.messages import Part, ScoreMap
from inspector.scoring.examine import Examination
from inspector.scoring.nearest import Nearest


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

    def examine(self, part: Part) -> Examination:
        """Whether the part's picture is worth judging; asked before it is scored."""

    def score(self, part: Part) -> ScoreMap:
        """The part's score map, whose arrays nobody writes to any more; raises on a picture it cannot score."""

    def nearest_good(self, scored: ScoreMap) -> Nearest | None:
        """The good patch nearest to the worst one, for evidence, None without one; called from another thread."""


Opening: TypeAlias = Callable[[Path, Scorer], Scorer]
"""Opens the scorer of a recipe's folder, like the one given. Raises RecipeError."""


class InForce:
    """The scorer whose recipe the next part is taken under. Any thread may read it; one, that of changes, sets it."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer
