"""From good pictures to a recipe, and what is wrong with pictures that give none."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.fit import FitOptions, Fitted, fit
from inspector.scoring.ignore import ignored_patches
from inspector.scoring.recipe import load_recipe, picture_digest
from inspector.scoring.scorer import open_scorer
from tests.washers import SMALL, part_of, quiet, washer, washers


def test_three_pictures_are_too_few(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="too few good pictures to fit from: 3; at least 4"):
        fit(washers(3), tmp_path / "r", SMALL, quiet)


def test_pictures_that_are_all_the_same_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="all 6 good pictures are the same"):
        fit([washer(1) for _ in range(6)], tmp_path / "r", SMALL, quiet)


def test_pictures_of_another_size_are_refused_unless_any_size_is_set(tmp_path: Path) -> None:
    mixed = [*washers(4), washer(9, (240, 160))]
    with pytest.raises(RecipeError, match="240 × 160 after 200 × 160"):
        fit(mixed, tmp_path / "r", SMALL, quiet)
    assert fit(mixed, tmp_path / "r", replace(SMALL, any_size=True), quiet).recipe.any_size


def test_a_region_outside_the_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="region x=150 y=0 100 × 100 does not lie inside the picture of 200 × 160"):
        fit(washers(4), tmp_path / "r", replace(SMALL, region=(150, 0, 100, 100)), quiet)


def test_an_ignore_mask_over_everything_leaves_nothing_to_inspect(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="ignore mask covers everything"):
        fit(washers(4), tmp_path / "r", replace(SMALL, ignore=np.ones((160, 200), bool)), quiet)


def test_a_patch_is_ignored_when_the_mask_touches_it_or_its_neighbour() -> None:
    mask = np.zeros((80, 80), bool)
    mask[41, 41] = True
    ignored = ignored_patches(mask, (0, 0, 80, 80), (8, 8))
    assert np.argwhere(ignored).min(0).tolist() == [3, 3]
    assert np.argwhere(ignored).max(0).tolist() == [5, 5]


def test_the_threshold_rejects_no_good_part_it_has_seen_and_says_what_it_may_claim(fitted: Fitted) -> None:
    assert max(fitted.scores) <= fitted.recipe.threshold.value < 1.1 * max(fitted.scores)
    assert (
        "12 good parts allow to claim, at 95% confidence, at most 22.10% false rejects" in fitted.recipe.threshold.basis
    )


def test_origins_point_at_kept_pictures_and_patches_on_the_grid(fitted: Fitted) -> None:
    recipe = fitted.recipe
    origins = recipe.array("origins.npy")
    kept = sorted(name for name in recipe.files if name.startswith("good/"))
    assert origins.shape == (recipe.bank.size, 3)
    assert origins[:, 0].max() < len(kept)
    assert (origins[:, 1] < recipe.features.grid[1]).all()
    assert (origins[:, 2] < recipe.features.grid[0]).all()
    picture = cv2.imdecode(np.frombuffer(recipe.read(kept[0]), np.uint8), cv2.IMREAD_COLOR)
    assert picture.shape == (recipe.features.input_size[1], recipe.features.input_size[0], 3)


def test_a_recipe_knows_the_pictures_it_was_fitted_on_and_no_others(fitted: Fitted) -> None:
    known = fitted.recipe.fitted_on()
    assert known == {picture_digest(picture) for picture in washers(12)}
    assert picture_digest(washer(12)) not in known
    assert picture_digest(np.zeros((4, 6, 3), np.uint8)) != picture_digest(np.zeros((6, 4, 3), np.uint8))


def lit_from_the_right(seed: int) -> Image:
    """A washer with a reflex on its right; a little noise, and where it lies, are by the seed."""
    image = washer(seed)
    cv2.ellipse(image, (137, 70), (3, 12), 0, 0, 360, (250, 250, 250), -1, cv2.LINE_AA)
    return image


def test_few_parts_that_look_alike_in_the_mirror_are_taught_from_it_too(fitted: Fitted, tmp_path: Path) -> None:
    recipe = fitted.recipe
    assert recipe.bank.mirrored
    assert recipe.bank.pictures == len(fitted.scores) == 12
    assert "mirror pictures too" in fitted.locating
    assert load_recipe(recipe.folder) == recipe
    many = fit(washers(30), tmp_path / "many", SMALL, quiet).recipe
    assert not many.bank.mirrored, "thirty show what parts are like"


def test_parts_with_a_left_and_a_right_are_not_taught_from_their_mirror_pictures(tmp_path: Path) -> None:
    handed = fit([lit_from_the_right(seed) for seed in range(8)], tmp_path / "handed", SMALL, quiet)
    assert not handed.recipe.bank.mirrored
    assert "mirrored" not in (handed.recipe.folder / "recipe.json").read_text(), "as in recipes from before"
    scorer = open_scorer(ScoringConfig(recipe=str(handed.recipe.folder), device="cpu", threads=1))
    turned = np.ascontiguousarray(lit_from_the_right(99)[:, ::-1])
    assert scorer.score(part_of(turned)).score > scorer.threshold


@pytest.mark.parametrize("area", [-1.0, 32_001.0, float("nan"), float("inf")])
def test_a_least_defect_that_no_part_could_have_is_refused(area: float, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=rf"least defect's area is {area:g} pixels²; allowed: 0 to 32000"):
        fit(washers(4), tmp_path / "r", replace(SMALL, min_defect_area=area), quiet)


def test_a_region_must_lie_inside_each_picture_of_any_size(tmp_path: Path) -> None:
    options = replace(SMALL, any_size=True, region=(100, 50, 60, 60))
    told = "region x=100 y=50 60 × 60 does not lie inside the picture of 150 × 100"
    with pytest.raises(RecipeError, match=told):
        fit([*washers(4), washer(9, (150, 100))], tmp_path / "r", options, quiet)
    recipe = fit(washers(4), tmp_path / "r", options, quiet).recipe
    with pytest.raises(ValueError, match=told):
        open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu")).score(part_of(washer(9, (150, 100))))


@pytest.mark.parametrize("options", [replace(SMALL, stride=97), replace(SMALL, side=100_000)])
def test_a_side_and_a_stride_that_give_no_patches_are_refused(options: FitOptions, tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="allowed: a side of up to 4096, and a stride of up to"):
        fit(washers(4), tmp_path / "r", options, quiet)


def test_a_picture_given_twice_is_one_part(tmp_path: Path) -> None:
    """Beside its copy in the bank it would score next to nothing, and the threshold would reject good parts."""
    once = fit(washers(12), tmp_path / "once", SMALL, quiet)
    twice = fit([*washers(12), *washers(12)], tmp_path / "twice", SMALL, quiet)
    assert twice.recipe.taught_from == "12 good parts in 24 pictures"
    assert twice.recipe.threshold.value > 0.8 * once.recipe.threshold.value
    with pytest.raises(RecipeError, match="too few good parts that are not the same picture, pixel by pixel, .* 3; at"):
        fit([*washers(3), *washers(3)], tmp_path / "few", SMALL, quiet)


def test_pictures_that_show_nothing_but_black_or_white_are_refused(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    dark = [random.integers(0, 2, (160, 200, 3), dtype=np.uint8) for _ in range(6)]
    with pytest.raises(RecipeError, match="black or white from edge to edge; is the lens covered, the lamp off"):
        fit(dark, tmp_path / "r", SMALL, quiet)


def test_more_threads_than_cores_fit_as_well(tmp_path: Path) -> None:
    """A hundred thousand ended the process."""
    assert fit(washers(4), tmp_path / "r", replace(SMALL, threads=100_000), quiet).recipe.bank.size == SMALL.bank_size
