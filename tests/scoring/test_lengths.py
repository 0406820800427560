"""The usual length of a block's features."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspector.errors import RecipeError
from inspector.scoring.fit import fit
from inspector.scoring.lengths import usual_lengths
from inspector.scoring.recipe import load_recipe
from tests.washers import SMALL, quiet, washer


def test_a_wanted_block_has_the_median_length_of_its_own_channels_and_the_others_none() -> None:
    features = np.zeros((3, 5), np.float32)
    features[:, 2:4] = [[3, 4], [0, 7], [60, 80]]
    assert usual_lengths(features, (2, 2, 1), (1, 2, 3), (2,)) == (0.0, 7.0, 0.0)


def test_a_block_that_is_not_taken_is_refused_by_its_number() -> None:
    with pytest.raises(RecipeError, match=r"block 4 cannot be .* \(1, 2\)"):
        usual_lengths(np.ones((3, 2), np.float32), (1, 1), (1, 2), (2, 4))


def test_a_block_that_gives_nothing_is_refused() -> None:
    with pytest.raises(RecipeError, match="block 1 gives nothing"):
        usual_lengths(np.zeros((3, 1), np.float32), (1,), (1,), (1,))


def test_a_recipe_holds_the_length_that_good_pictures_taught(tmp_path: Path) -> None:
    good = [washer(seed) for seed in range(8)]
    made = fit(good, tmp_path / "recipe", replace(SMALL, one_length=(2,)), quiet).recipe
    assert made.features.lengths[0] == made.features.lengths[2] == 0
    assert made.features.lengths[1] > 0
    assert load_recipe(made.folder).features == made.features
