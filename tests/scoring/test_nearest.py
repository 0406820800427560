"""The good patch beside the suspect one: the right picture, the right place."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.errors import RecipeError
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.nearest import WINDOW, GoodPatches
from inspector.scoring.recipe import load_recipe
from inspector.scoring.scorer import open_scorer
from tests.washers import burnt, part_of, quiet


def test_it_shows_what_the_bank_vector_was_taken_from(recipe_folder: Path):
    recipe = load_recipe(recipe_folder)
    scorer = open_scorer(ScoringConfig(recipe=str(recipe_folder), device="cpu", threads=1))
    scored = scorer.score(part_of(burnt(99)))
    found = scorer.nearest_good(scored)
    assert found is not None
    row, column = np.unravel_index(int(scored.patch_scores.argmax()), scored.patch_scores.shape)
    number, good_row, good_column = recipe.array("origins.npy")[scored.nearest[row, column]].tolist()
    assert found.picture == f"good/{number:03d}.png"
    picture = cv2.imdecode(np.frombuffer(recipe.read(found.picture), np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    x, y, width, height = map(int, found.box)
    stride = recipe.features.stride
    assert (width, height) == (WINDOW * stride, WINDOW * stride)
    assert x <= good_column * stride < x + width
    assert y <= good_row * stride < y + height
    jpeg = cv2.imdecode(np.frombuffer(found.jpeg, np.uint8), cv2.IMREAD_COLOR)
    assert jpeg is not None
    assert np.abs(jpeg.astype(int) - picture[y : y + height, x : x + width]).mean() < 8  # it is a JPEG
    left, top, across, down = found.suspect_box
    assert left <= 100 <= left + across
    assert top <= 120 <= top + down, "the burnt spot is at 100, 120"


def test_at_the_edge_it_shows_as_much_as_elsewhere(recipe_folder: Path):
    recipe = load_recipe(recipe_folder)
    scorer = open_scorer(ScoringConfig(recipe=str(recipe_folder), device="cpu", threads=1))
    scored = scorer.score(part_of(burnt(99)))
    patches = np.zeros_like(scored.patch_scores)
    patches[0, -1] = 1.0
    found = GoodPatches(recipe).nearest(replace(scored, patch_scores=patches))
    x, y, width, height = found.suspect_box
    assert (x + width, y) == (pytest.approx(200, abs=0.1), pytest.approx(0, abs=0.1))
    assert width == pytest.approx(WINDOW * 200 / patches.shape[1], abs=0.1)
    assert height == pytest.approx(WINDOW * 160 / patches.shape[0], abs=0.1)


def test_a_good_picture_that_is_gone_is_named(recipe_folder: Path):
    scorer = open_scorer(ScoringConfig(recipe=str(recipe_folder), device="cpu", threads=1))
    scored = scorer.score(part_of(burnt(99)))
    for picture in (recipe_folder / "good").iterdir():
        picture.unlink()
    with pytest.raises(RecipeError, match=r"good/\d{3}\.png cannot be read"):
        scorer.nearest_good(scored)


BOTTLE = Path(__file__).parents[3] / "shared" / "data" / "mvtec_ad" / "bottle" / "train" / "good"
FLANGE = Path(__file__).parents[2] / "recordings" / "flange" / "teach" / "frames"
AROUND = 72
"""Pixels copied in each direction: a patch's features come from so far around it."""


@pytest.mark.parametrize("folder", [FLANGE, pytest.param(BOTTLE, marks=pytest.mark.skipif(
    not BOTTLE.is_dir(), reason="needs ../shared/data/mvtec_ad/bottle"))], ids=["flange", "bottle"])  # fmt: skip
def test_a_copied_patch_finds_its_own_source(folder: Path, tmp_path: Path):
    """What a bank vector was taken from, copied into a part that the bank does not know, is named as its nearest."""
    *pictures, stranger = [cv2.imread(str(path)) for path in sorted(folder.iterdir())[:9]]
    options = FitOptions(side=256, any_size=True, locate=False, bank_size=100, patches_per_picture=100, threads=1)
    recipe = fit(pictures, tmp_path / "recipe", options, quiet).recipe
    scorer = open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu", threads=1))
    origins, stride = recipe.array("origins.npy"), recipe.features.stride
    for vector in range(0, len(origins), 10):
        number, row, column = origins[vector].tolist()
        good = cv2.imdecode(np.frombuffer(recipe.read(f"good/{number:03d}.png"), np.uint8), cv2.IMREAD_COLOR)
        assert good is not None
        x, y = column * stride, row * stride
        window = np.s_[max(0, y - AROUND) : y + stride + AROUND, max(0, x - AROUND) : x + stride + AROUND]
        part = cv2.resize(stranger, good.shape[1::-1], interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
        part[window] = good[window]
        scored = scorer.score(part_of(part))
        assert scored.nearest[row, column] == vector
        worst_there = np.zeros_like(scored.patch_scores)
        worst_there[row, column] = 1.0
        found = GoodPatches(recipe).nearest(replace(scored, patch_scores=worst_there))
        left, top, across, down = found.box
        assert found.picture == f"good/{number:03d}.png"
        assert left <= x < left + across
        assert top <= y < top + down
