"""Parts that lie anywhere: found, turned to one pose, judged there, and their defects told where they really are."""

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.errors import RecipeError, Unlocated
from inspector.line.judging import judge
from inspector.line.register import Taken
from inspector.messages import Image, Part
from inspector.scoring.examine import Examination
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.foreground import largest, shrink
from inspector.scoring.learn_locator import learn
from inspector.scoring.locating import decided
from inspector.scoring.locator import Finder
from inspector.scoring.metrics import auroc
from inspector.scoring.recipe import load_recipe
from inspector.scoring.scorer import Scorer, open_scorer
from tests.scoring.keys import SIZE, key
from tests.washers import quiet, washers

REGION = (0, 0, *SIZE)
OPTIONS = FitOptions(side=160, bank_size=150, patches_per_picture=200, threads=1)


def part_of(image: Image) -> Part:
    return Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=np.eye(2, 3, dtype=np.float32))


def toothed(seed: int) -> tuple[Image, float]:
    """A ring with four teeth, one of them narrow, turned any way, and its turn."""
    random = np.random.default_rng(seed)
    turn = float(random.uniform(-math.pi, math.pi))
    x, y = np.arange(240)[None] - 120 - random.uniform(-8, 8), np.arange(240)[:, None] - 120 - random.uniform(-8, 8)
    radius, angle = np.hypot(x, y), np.angle(np.exp(1j * (np.arctan2(y, x) - turn)))
    reach = np.full(angle.shape, 60.0)
    for tooth, half in ((0.0, 0.3), (math.pi / 2, 0.3), (-math.pi / 2, 0.3), (math.pi, 0.12)):
        reach[np.abs(np.angle(np.exp(1j * (angle - tooth)))) < half] = 85
    grey = np.where((radius < reach) & (radius > 28), 170, 40)[..., None]
    return np.clip(grey + random.normal(0, 4, (240, 240, 3)), 0, 255).astype(np.uint8), turn


def rod(turn: float, glint: float) -> Image:
    """A dark rod on grey, and along it, from end to end, a glint so broad and as bright as the ground."""
    x, y = np.arange(256)[None] - 128, np.arange(256)[:, None] - 128
    along, across = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    dark = (np.abs(along) < 90) & (np.abs(across) < 9) & (np.abs(across) >= glint / 2)
    return np.where(dark[..., None], np.full(3, 60, np.uint8), np.full(3, 160, np.uint8))


def scorer_of(folder: Path, locate: bool) -> Scorer:
    fit([key(seed)[0] for seed in range(24)], folder, replace(OPTIONS, locate=locate), quiet)
    return open_scorer(ScoringConfig(recipe=str(folder), device="cpu", threads=1))


@pytest.fixture(scope="module")
def turning(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    return scorer_of(tmp_path_factory.mktemp("keys") / "recipe", True)


@pytest.fixture(scope="module")
def finder() -> Finder:
    found = learn([key(seed)[0] for seed in range(24)], REGION)
    return Finder(found.locator, found.look)


def test_the_pose_is_found_to_a_fraction_of_a_pixel_and_of_a_degree_and_never_end_for_end(finder: Finder) -> None:
    places, angles = [], []
    for image, affine in (key(seed) for seed in range(40, 80)):
        to_picture = finder.locate(image)
        angles.append(math.atan2(to_picture[1, 0], to_picture[0, 0]) - math.atan2(affine[1, 0], affine[0, 0]))
        x, y = to_picture @ (*finder.locator.centroid, 1)
        places.append(affine[:, :2].T @ (np.array([x, y]) - affine[:, 2]))  # in the key's own coordinates
    turns = np.exp(1j * np.array(angles))
    off = np.angle(turns / turns[0])  # one end for the other would be off by half a turn
    assert np.std(off) < math.radians(0.3)
    assert np.std(places, axis=0).max() < 0.3


def test_a_part_without_an_axis_is_turned_by_the_tooth_that_is_unlike_the_others() -> None:
    nuts = [toothed(seed) for seed in range(24)]
    found = learn([image for image, _ in nuts], (0, 0, 240, 240))
    finder = Finder(found.locator, found.look)
    turns = []
    for image, turn in (toothed(seed) for seed in range(40, 70)):
        to_picture = finder.locate(image)
        turns.append(math.atan2(to_picture[1, 0], to_picture[0, 0]) - turn)
    off = np.exp(1j * np.array(turns))
    assert np.abs(np.angle(off / off[0])).max() < math.radians(3)


def test_a_glint_as_bright_as_the_ground_does_not_split_a_part() -> None:
    for turn in np.linspace(0, math.pi, 24):
        whole, split = (largest(shrink(rod(float(turn), glint)).difference, 50) for glint in (0.0, 3.0))
        assert whole is not None
        assert split is not None
        assert abs(split.area - whole.area) < 0.05 * whole.area


def test_a_ground_lit_unevenly_is_no_part_of_the_part(finder: Finder) -> None:
    across = np.linspace(-45, 45, SIZE[0])[None, :, None]
    for seed in range(90, 100):
        image, _ = key(seed)
        lit = np.clip(image + across, 0, 255).astype(np.uint8)
        assert np.abs(finder.locate(lit) - finder.locate(image)).max() < 1.5


def test_turned_parts_are_told_from_scratched_ones_better_than_as_they_lie(turning: Scorer, tmp_path: Path) -> None:
    assert turning.recipe.locator is not None
    as_it_lies = scorer_of(tmp_path / "r", False)
    assert as_it_lies.recipe.locator is None
    labels = [False] * 20 + [True] * 20
    parts = [part_of(key(100 + n, scratched=label)[0]) for n, label in enumerate(labels)]
    here, there = ([scorer.score(part).score for part in parts] for scorer in (turning, as_it_lies))
    assert auroc(here, labels) >= 0.99
    assert auroc(here, labels) >= auroc(there, labels)


@pytest.mark.parametrize("turned", [0.3, 2.0, -2.5])
def test_the_defect_is_told_where_it_is_in_the_source(turned: float, turning: Scorer) -> None:
    image, affine = key(7, turned, scratched=True)
    scored = turning.score(part_of(image))
    row, column = np.unravel_index(scored.patch_scores.argmax(), scored.patch_scores.shape)
    assert scored.to_source @ (column + 0.5, row + 0.5, 1) == pytest.approx(affine @ (-10, -0.5, 1), abs=14)


def test_an_empty_picture_and_two_parts_at_once_are_not_inspected_unlocated(
    turning: Scorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Scorer, "examine", lambda self, part: Examination())  # or its health would be the reason
    empty = np.full((SIZE[1], SIZE[0], 3), 50, np.uint8)
    big = np.full((SIZE[1], SIZE[0], 3), 50, np.uint8)
    big[20:220, 20:300] = 180
    for image, words in ((empty, "nothing in the picture differs"), (big, "a part covers")):
        with pytest.raises(Unlocated, match=words):
            turning.score(part_of(image))
        taken = Taken(
            seq=1, part="", exposed_ns=0, arrived_ns=0, scorer=turning, recipe="", threshold=1.0, deadline_ns=None
        )
        judged = judge(part_of(image), taken)
        assert (judged.judgement.outcome, judged.judgement.reason) == ("not_inspected", "unlocated")
        assert words in judged.trouble


def test_no_good_part_goes_unlocated(finder: Finder) -> None:
    for seed in range(200, 300):
        finder.locate(key(seed)[0])


def test_round_parts_straight_parts_and_textures_are_judged_as_they_lie() -> None:
    random = np.random.default_rng(0)
    texture = [random.integers(0, 255, (120, 160, 3), dtype=np.uint8) for _ in range(12)]
    straight = [key(seed, 0.01 * seed)[0] for seed in range(5)]
    for pictures, words in ((washers(24), "they differ by"), (straight, "lie straight"), (texture, "stands out")):
        chosen = decided(pictures, (0, 0, pictures[0].shape[1], pictures[0].shape[0]), None, quiet)
        assert chosen.finder is None
        assert words in chosen.why


def test_where_good_parts_are_held_a_misplaced_one_is_not_brought_back_to_its_place() -> None:
    found = learn([key(seed, random)[0] for seed, random in enumerate(np.linspace(-0.3, 0.3, 24).tolist())], REGION)
    assert not found.doubt
    held = Finder(found.locator, found.look)
    for seed in range(40, 52):
        held.locate(key(seed, (-0.3, 0.0, 0.3)[seed % 3])[0])
    with pytest.raises(Unlocated, match="the part lies turned by"):
        held.locate(key(60, 1.2)[0])
    with pytest.raises(Unlocated, match="the part lies at"):
        held.locate(np.roll(key(61, 0.0)[0], 60, axis=0))


def test_parts_turned_any_way_may_lie_anywhere(finder: Finder) -> None:
    assert finder.locator.turn is None
    assert finder.locator.place is None


def test_a_good_picture_without_a_part_is_told_and_left_out_and_more_of_them_turn_locating_off(tmp_path: Path) -> None:
    empty = np.full((SIZE[1], SIZE[0], 3), 50, np.uint8)
    pictures = [empty if n == 5 else key(n)[0] for n in range(24)]
    fitted = fit(pictures, tmp_path / "r", OPTIONS, quiet)
    assert fitted.locating.startswith("located")
    assert [n for n, score in enumerate(fitted.scores) if not math.isfinite(score)] == [5]
    assert fitted.recipe.bank.pictures == 23
    assert math.isfinite(fitted.recipe.threshold.value)
    chosen = decided([*pictures[:6], empty, empty], REGION, None, quiet)
    assert chosen.finder is None
    with pytest.raises(RecipeError, match="the parts cannot be located"):
        decided([*pictures[:6], empty, empty], REGION, True, quiet)


def test_a_recipe_keeps_its_locator(turning: Scorer) -> None:
    again = load_recipe(turning.recipe.folder)
    assert again.locator == turning.recipe.locator
    finder = again.finder()
    assert finder is not None
    assert finder.look.dtype == np.uint8
    assert again.id == turning.recipe.id
