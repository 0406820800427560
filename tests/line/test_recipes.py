"""A change of recipe is prepared beside a line that goes on scoring."""

from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from inspector.config import ScoringConfig
from inspector.line.recipes import Changes
from inspector.line.scorer import InForce
from inspector.messages import Image, Part
from inspector.scoring.recipe import load_recipe
from inspector.scoring.scorer import Graph, Scorer, open_scorer
from inspector.scoring.versions import Versions
from tests.washers import fit_small, washer


class Counted:
    """A network that counts its runs."""

    def __init__(self, graph: Graph) -> None:
        self.runtime = graph.runtime
        self.runs = 0
        self._graph = graph

    def __call__(self, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        self.runs += 1
        return self._graph(picture)


def test_a_change_of_threshold_runs_nothing_on_the_network_that_the_line_scores_with(tmp_path: Path) -> None:
    """It did once: a part scored at that moment got the scores of the black picture that the network was tried on."""
    folder = fit_small(tmp_path / "recipe").recipe.folder
    wanted = ScoringConfig(recipe=str(folder), device="cpu", runtime="openvino")
    network = Counted(open_scorer(wanted)._graph)  # noqa: SLF001
    now = Scorer(load_recipe(folder), network)

    def opening(folder: Path, like: Scorer) -> Scorer:
        return open_scorer(msgspec.structs.replace(wanted, recipe=str(folder)), like)

    changes = Changes(Versions(tmp_path / "state", folder), InForce(now), opening, slot_bytes=1_000_000)  # type: ignore[arg-type]
    after = changes.threshold(0.5, "a test")
    assert after.threshold == 0.5
    assert network.runs == 0
    image = washer(1)
    after.score(Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=np.eye(2, 3, dtype=np.float32)))
    assert network.runs == 1, "they share it"
