"""The scorer: a part in, a score map out; the same for fitting, evaluation, threshold search and the line."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from inspector.config import ScoringConfig
from inspector.errors import RecipeError
from inspector.messages import Affine, Image, Part, ScoreMap
from inspector.scoring.examine import Examination, Examiner, norm_of
from inspector.scoring.fill import Fill
from inspector.scoring.light import evened
from inspector.scoring.nearest import GoodPatches, Nearest
from inspector.scoring.recipe import Recipe, load_recipe
from inspector.scoring.region import misplaced
from inspector.scoring.score import part_score
from inspector.scoring.view import View


class Graph(Protocol):
    """A compiled scoring network on some runtime."""

    runtime: str
    """Name, version and device, for the log."""

    def __call__(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """uint8[H, W, 3] of the recipe's input size to patch distances float32[n] and nearest bank rows int32[n]."""
        ...


class Scorer:
    """Scores parts by one recipe on one runtime. Not for several threads at once."""

    def __init__(self, recipe: Recipe, graph: Graph) -> None:
        self.recipe = recipe
        self.runtime = graph.runtime
        self._graph = graph
        self._ignore = recipe.ignore()
        hidden = recipe.hidden()
        self._view = View(
            region=recipe.region,
            finder=recipe.finder(),
            features=recipe.features,
            fill=None if hidden is None else Fill(hidden),
        )
        self._good: GoodPatches | None = None
        self._norm = norm_of(recipe)
        self._examine = Examiner(self._norm)

    @property
    def recipe_id(self) -> str:
        return self.recipe.id

    @property
    def threshold(self) -> float:
        return self.recipe.threshold.value

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """Width and height that a part's picture must have; None takes any."""
        return None if self.recipe.any_size else self.recipe.frame_size

    @property
    def min_patches(self) -> int:
        """Patches that a region above the threshold must have to be a defect."""
        return self.recipe.min_patches

    def with_recipe(self, recipe: Recipe) -> "Scorer | None":
        """A scorer by another recipe that needs the same network, which the two share; None where it needs another."""
        ours = self.recipe.features.identity(), self.recipe.files.get("bank.faiss")
        return Scorer(recipe, self._graph) if ours == (recipe.features.identity(), recipe.files["bank.faiss"]) else None

    def nearest_good(self, scored: ScoreMap) -> Nearest | None:
        """The good patch nearest to the worst one of a part; None for a recipe without its good pictures.

        Reads a picture from disk now and then: not for the thread that scores. Raises RecipeError for a damaged one.
        """
        if "origins.npy" not in self.recipe.files:
            return None
        self._good = self._good or GoodPatches(self.recipe)
        return self._good.nearest(scored)

    def examine(self, part: Part) -> Examination:
        """Whether the part's picture is worth judging; to be asked once of each part, in their order."""
        return self._examine(part.image)

    def score(self, part: Part) -> ScoreMap:
        """The part's score map.

        Raises ValueError for a picture of a size the recipe does not take, Unlocated where the part is not found in it.
        """
        picture, to_source = self.look(part)
        return self.map_of(part, self.infer(picture), to_source)

    def look(self, part: Part) -> tuple[Image, Affine]:
        """The first step: what the network is to see, and where its grid lies in the source. Raises as `score` does."""
        size = (part.image.shape[1], part.image.shape[0])
        if self.frame_size is not None and self.frame_size != size:
            width, height = self.frame_size
            raise ValueError(f"picture of {size[0]} × {size[1]}, the recipe expects {width} × {height}")
        if self.recipe.region is not None and (why := misplaced(self.recipe.region, size)):
            raise ValueError(why)
        return self._view.look(self._evened(part.image), part.to_source)

    def _evened(self, image: Image) -> Image:
        norm = self._norm
        return image if norm is None or norm.even is None else evened(image, norm.reference.mean, norm.even)

    def infer(self, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        """The second: the distance float32[n] of each patch to its nearest bank vector, and that one's row int32[n]."""
        return self._graph(picture)

    def map_of(self, part: Part, found: tuple[NDArray[np.float32], NDArray[np.int32]], to_source: Affine) -> ScoreMap:
        """The third: the part's score map, from what the first two gave."""
        distances, rows = found
        recipe = self.recipe
        width, height = recipe.features.grid
        patch_scores = distances.reshape(height, width)
        if self._ignore is not None:
            patch_scores = np.where(self._ignore, np.float32(0), patch_scores)
        return ScoreMap(
            seq=part.seq,
            patch_scores=patch_scores,
            score=part_score(patch_scores, recipe.min_patches),
            nearest=rows.reshape(height, width),
            to_source=to_source,
        )


def open_scorer(config: ScoringConfig, like: Scorer | None = None) -> Scorer:
    """The scorer that the configuration asks for, ready to score.

    like: one opened before with the same device; where the network is the same, the two share it, and nothing is run on
    it here: another thread may be scoring. A network of its own has run once. On the CPU with a cached graph neither
    torch nor faiss is imported. Raises RecipeError for a recipe that cannot be used, or a device that is not there.
    """
    recipe = load_recipe(Path(config.recipe))
    return (like and like.with_recipe(recipe)) or Scorer(recipe, _run_in(_graph(recipe, config), recipe))


def _graph(recipe: Recipe, config: ScoringConfig) -> Graph:
    device = _device(config)
    if config.runtime == "torch" or device == "cuda":
        from inspector.scoring.runtime_torch import TorchGraph  # seconds of import, only when chosen

        if config.runtime == "openvino":
            raise RecipeError("scoring.runtime openvino runs on the CPU; scoring.device is cuda")
        return TorchGraph(recipe, device, config.threads)
    from inspector.scoring.runtime_openvino import OpenVinoGraph  # only when chosen

    return OpenVinoGraph(recipe, config.threads)


def _run_in(graph: Graph, recipe: Recipe) -> Graph:
    """The graph after its first run, which is slow, and which no part should wait for."""
    width, height = recipe.features.input_size
    graph(np.zeros((height, width, 3), np.uint8))
    return graph


def _device(config: ScoringConfig) -> str:
    """`auto` asks the driver's device file rather than torch, whose import takes seconds."""
    if config.device == "auto":
        return "cuda" if config.runtime != "openvino" and Path("/dev/nvidiactl").exists() else "cpu"
    return config.device
