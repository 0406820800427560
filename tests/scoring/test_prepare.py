"""From a part's picture to the network's input: quicker where it shrinks much, and as it was for recipes of before."""

from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.scoring.fit import feature_spec, fit
from inspector.scoring.prepare import halvings, prepare
from inspector.scoring.recipe import load_recipe
from tests.washers import SMALL, quiet, washers


@pytest.mark.parametrize(
    ("region", "size", "times"),
    [
        ((900, 900), (352, 352), 1),
        ((640, 512), (384, 320), 0),
        ((1408, 1408), (352, 352), 2),
        ((2448, 2048), (384, 320), 2),
        ((901, 900), (352, 352), 0),
        ((902, 900), (200, 200), 1),
        ((2000, 300), (500, 160), 0),
        ((100, 80), (352, 288), 0),
    ],
)
def test_a_picture_is_halved_while_no_pixel_is_split_and_it_stays_large_enough(
    region: tuple[int, int], size: tuple[int, int], times: int
) -> None:
    assert halvings(region, size) == times


def test_halved_first_a_picture_is_still_the_mean_of_all_its_pixels() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (480, 640, 3), np.uint8)
    quick = prepare(noise, None, (250, 190), 1)
    assert quick.shape == (190, 250, 3)
    np.testing.assert_allclose(quick.mean(axis=(0, 1)), noise.mean(axis=(0, 1)), atol=0.7)
    smooth = cv2.GaussianBlur(noise, (0, 0), 8).astype(np.uint8)
    apart = prepare(smooth, None, (250, 190), 1).astype(int) - prepare(smooth, None, (250, 190))
    assert np.abs(apart).max() <= 2
    one_bright = np.zeros((480, 640, 3), np.uint8)
    one_bright[201, 333] = 255
    assert prepare(one_bright, None, (250, 190), 1).any()


def test_a_region_is_cut_out_before_it_is_halved() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (300, 400, 3), np.uint8)
    cut = prepare(picture, (31, 17, 200, 160), (64, 64), 1)
    assert np.array_equal(cut, prepare(np.ascontiguousarray(picture[17:177, 31:231]), None, (64, 64), 1))


def test_what_is_fitted_now_says_how_often_it_halves_and_what_is_of_any_size_does_not() -> None:
    assert feature_spec(replace(SMALL, side=96), (400, 320)).halvings == 1
    assert feature_spec(replace(SMALL, side=96, any_size=True), (400, 320)).halvings == 0


def test_a_recipe_of_before_halves_nothing_and_keeps_its_id(tmp_path: Path) -> None:
    bundled = load_recipe(Path("recordings/flange/recipe"))
    assert bundled.features.halvings == 0
    large = [cv2.resize(picture, (800, 640)).astype(np.uint8) for picture in washers(4)]
    recipe = fit(large, tmp_path / "recipe", replace(SMALL, side=96), quiet).recipe
    assert load_recipe(recipe.folder).features.halvings == recipe.features.halvings == 2
