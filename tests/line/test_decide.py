"""The decision: only a finite score up to the threshold is a pass, and defects lie where they are."""

import math

import numpy as np
import pytest

from inspector.line.decide import DEFECT_LIMIT, decide
from inspector.messages import Affine, ScoreMap

IDENTITY = np.eye(2, 3, dtype=np.float32)


def scored(patches: list[list[float]], score: float | None = None, to_source: Affine = IDENTITY) -> ScoreMap:
    grid = np.array(patches, np.float32)
    return ScoreMap(seq=1, patch_scores=grid, score=float(grid.max()) if score is None else score,
                    nearest=np.zeros(grid.shape, np.int32), to_source=to_source)  # fmt: skip


@pytest.mark.parametrize(("score", "outcome"), [(1.0, "pass"), (2.0, "pass"), (math.nextafter(2.0, 3), "fail")])
def test_a_score_up_to_the_threshold_passes_and_one_above_it_fails(score: float, outcome: str):
    judgement = decide(scored([[score]], score), 2.0)
    assert (judgement.outcome, judgement.score, judgement.reason) == (outcome, score, None)


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf])
def test_a_score_that_is_no_finite_number_is_never_a_pass(score: float):
    judgement = decide(scored([[1.0]], score), 2.0)
    assert (judgement.outcome, judgement.reason, judgement.score) == ("not_inspected", "error", None)


@pytest.mark.parametrize("threshold", [math.nan, math.inf])
def test_a_threshold_that_would_pass_anything_judges_nothing(threshold: float):
    assert decide(scored([[1.0]]), threshold).reason == "error"


def test_a_map_with_a_hole_in_it_is_no_pass_whatever_its_score():
    assert decide(scored([[1.0, math.nan]], score=1.0), 2.0).reason == "error"


def test_each_region_is_a_defect_at_its_place_in_the_source_the_worst_first():
    to_source = np.array([[8, 0, 100], [0, 4, 50]], np.float32)
    patches = [[3, 0, 0, 0], [0, 3, 0, 0], [0, 0, 0, 9]]  # two patches that touch at a corner are one region
    defects = decide(scored(patches, to_source=to_source), 2.0).defects
    assert [(d.x, d.y, d.width, d.height, d.score) for d in defects] == [(124, 58, 8, 4, 9), (100, 50, 16, 8, 3)]


def test_a_turned_grid_gives_an_upright_box_around_the_defect():
    quarter_turn = np.array([[0, -10, 100], [10, 0, 0]], np.float32)
    [defect] = decide(scored([[0, 0, 5]], to_source=quarter_turn), 2.0).defects
    assert (defect.x, defect.y, defect.width, defect.height) == (90, 20, 10, 10)


def test_regions_smaller_than_the_recipe_allows_for_are_no_defects():
    patches = [[9, 0, 3, 3]]
    assert [d.score for d in decide(scored(patches, score=3.0), 2.0, min_patches=2).defects] == [3.0]


def test_a_wholly_wrong_picture_names_its_worst_regions_only():
    patches = np.zeros((40, 40))
    patches[::2, ::2] = np.arange(400).reshape(20, 20) + 3
    defects = decide(scored(patches.tolist()), 2.0).defects
    assert [d.score for d in defects] == [float(402 - i) for i in range(DEFECT_LIMIT)]
