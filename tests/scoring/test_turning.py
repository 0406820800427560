"""Good pictures turned for the bank: what a turned patch shows, and for which good pictures it is done."""

import math
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.messages import Image
from inspector.scoring.fit import FitOptions, feature_spec, fit
from inspector.scoring.prepare import prepare
from inspector.scoring.recipe import load_recipe
from inspector.scoring.runtime_openvino import OpenVinoFeatures
from inspector.scoring.turning import AS_NEAR, Turn, nearness
from tests.washers import quiet

SIDE = 160
WHOLE = (0, 0, SIDE, SIDE)


def pebbles(seed: int) -> Image:
    """Alike whichever way they lie."""
    spots = cv2.GaussianBlur(np.random.default_rng(seed).normal(0, 1, (SIDE, SIDE)), (0, 0), 5)
    return np.clip(120 + 40 * spots[..., None] / spots.std() + np.zeros(3), 0, 255).astype(np.uint8)


def stripes(seed: int) -> Image:
    """Upright ones, grained."""
    random = np.random.default_rng(seed)
    light = 120 + 50 * np.sin(np.arange(SIDE) * 0.6 + random.uniform(0, 6)) + random.normal(0, 6, (SIDE, SIDE))
    return np.clip(light[..., None] + np.zeros(3), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("region", [WHOLE, (30, 10, 120, 80)])
@pytest.mark.parametrize("angle", [0.4, math.pi / 2, 4.0])
def test_a_turned_patch_is_traced_to_its_place_in_the_picture(angle: float, region: tuple[int, int, int, int]) -> None:
    rows, columns = np.indices((SIDE, SIDE))
    picture = np.stack([columns, rows, 0 * rows], axis=2).astype(np.uint8)  # says where each pixel is
    x, y, width, height = region
    grid = (width // 10, height // 10)
    turn = Turn(angle, region, grid)
    seen = turn(picture)[y : y + height, x : x + width]
    cells = seen.reshape(grid[1], 10, grid[0], 10, 3).mean(axis=(1, 3)).reshape(-1, 3)
    assert len(turn.patches) > 0.4 * grid[0] * grid[1]
    row, column = ((turn.origins[turn.patches, n] + 0.5) * 10 + (y, x)[n] for n in (0, 1))
    assert np.abs(cells[turn.patches, 0] - column).max() < 6
    assert np.abs(cells[turn.patches, 1] - row).max() < 6


def test_what_is_alike_all_ways_is_as_near_when_turned_and_what_has_a_grain_is_not() -> None:
    spec = feature_spec(FitOptions(side=SIDE), (SIDE, SIDE))
    features = OpenVinoFeatures(spec, 1)

    def near(draw: Callable[[int], Image]) -> float:
        pictures = [draw(seed) for seed in range(24)]
        return nearness(pictures, lambda image: features(prepare(image, None, spec.input_size)), WHOLE, spec.grid)

    assert near(pebbles) < AS_NEAR
    assert near(stripes) > 1.2 * AS_NEAR


def test_fitting_sees_turned_ones_where_they_are_as_near_and_says_so(tmp_path: Path) -> None:
    options = FitOptions(side=SIDE, bank_size=60, patches_per_picture=40, threads=1)
    turned = fit([pebbles(seed) for seed in range(24)], tmp_path / "pebbles", options, quiet)
    upright = fit([stripes(seed) for seed in range(24)], tmp_path / "stripes", options, quiet)
    assert "seen them turned 12 ways" in turned.locating
    assert "seen them" not in upright.locating
    assert load_recipe(tmp_path / "pebbles").bank.patches > 4 * load_recipe(tmp_path / "stripes").bank.patches
