"""Which recipe a station judges by: the configured one, or what it was told since."""

from pathlib import Path

from inspector.config import Config, override
from inspector.errors import RecipeError
from inspector.line.scorer import InForce, Opening, Scorer
from inspector.scoring.recipe import Recipe, Threshold
from inspector.scoring.versions import Versions


def versions(config: Config) -> Versions:
    """The changes made to a station's recipe by commands."""
    return Versions(Path(config.station.state_folder, config.station.name), Path(config.scoring.recipe))


def with_recipe_in_force(config: Config) -> Config:
    """The configuration with the recipe that would judge. Raises RecipeError where nobody can tell which."""
    return override(config, recipe=str(versions(config).in_force))


class Changes:
    """Changes the recipe in force: prepared beside the line, kept on disk, and only then taken for the next part.

    Belongs to one thread. Every method raises RecipeError where a change cannot be made, and then nothing has changed.
    """

    def __init__(self, kept: Versions, in_force: InForce, opening: Opening, slot_bytes: int) -> None:
        """slot_bytes: of the largest picture that the line takes; it was set at the start and does not grow."""
        self._versions = kept
        self._in_force = in_force
        self._opening = opening
        self._slot_bytes = slot_bytes

    def threshold(self, value: float, basis: str) -> Scorer:
        """Judge by another threshold; the scorer that does."""
        return self._adopt(self._versions.prepare_threshold(Threshold(value=value, rule="by_hand", basis=basis)))

    def recipe(self, folder: Path) -> Scorer:
        """Judge by another recipe; the scorer that does."""
        return self._adopt(self._versions.prepare(folder))

    def take_back(self) -> Scorer:
        """Undo the newest change; the scorer that judges then."""
        before = self._prepared(self._versions.before())
        self._versions.take_back()
        self._in_force.scorer = before
        return before

    def _adopt(self, recipe: Recipe) -> Scorer:
        prepared = self._prepared(recipe.folder)
        self._versions.adopt(recipe)  # on disk first: what judged one part must not be forgotten by a restart
        self._in_force.scorer = prepared
        return prepared

    def _prepared(self, folder: Path) -> Scorer:
        """Its scorer, opened beside the line, which goes on scoring meanwhile: maybe on the very same network."""
        now = self._in_force.scorer
        scorer = self._opening(folder, now)
        size, size_now = scorer.frame_size, now.frame_size
        if size and size_now and size != size_now:
            raise RecipeError(f"the recipe expects pictures of {size[0]} × {size[1]}, the one in force "
                              f"{size_now[0]} × {size_now[1]}; restart the station with it")  # fmt: skip
        if size and size[0] * size[1] * 3 > self._slot_bytes:
            raise RecipeError(f"the recipe expects pictures of {size[0]} × {size[1]}; the station was started for at "
                              f"most {self._slot_bytes / 3e6:.3g} megapixels")  # fmt: skip
        return scorer
