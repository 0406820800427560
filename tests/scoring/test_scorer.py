"""The scorer: one path on every runtime, from a part to a score map in source pixels."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.errors import RecipeError
from inspector.messages import Image, Part
from inspector.scoring.bank import nearest
from inspector.scoring.fit import Fitted, fit
from inspector.scoring.network import patch_network
from inspector.scoring.prepare import prepare
from inspector.scoring.recipe import load_recipe, save_threshold
from inspector.scoring.runtime_openvino import OpenVinoFeatures
from inspector.scoring.score import regions
from inspector.scoring.scorer import Scorer, open_scorer
from tests.washers import SMALL, quiet, washer, washers


def scorer_on(folder: Path, runtime: str) -> Scorer:
    return open_scorer(ScoringConfig(recipe=str(folder), device="cpu", runtime=runtime))


def part_of(image: Image, x: float = 0, y: float = 0) -> Part:
    to_source = np.array([[1, 0, x], [0, 1, y]], np.float32)
    return Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=to_source)


def scratched() -> Image:
    image = washer(100)
    cv2.line(image, (60, 40), (85, 60), (20, 20, 20), 5, cv2.LINE_AA)
    return image


def test_a_scratch_fails_and_good_parts_pass(fitted: Fitted) -> None:
    scorer = scorer_on(fitted.recipe.folder, "openvino")
    assert scorer.score(part_of(scratched())).score > scorer.threshold
    good = [scorer.score(part_of(washer(seed))).score for seed in range(50, 70)]
    assert np.median(good) <= scorer.threshold


def test_openvino_and_torch_give_the_same_scores(fitted: Fitted) -> None:
    ours, reference = (scorer_on(fitted.recipe.folder, runtime) for runtime in ("openvino", "torch"))
    for image in (scratched(), washer(200)):
        here, there = ours.score(part_of(image)), reference.score(part_of(image))
        np.testing.assert_allclose(here.patch_scores, there.patch_scores, rtol=1e-3, atol=1e-3 * ours.threshold)
        assert here.score == pytest.approx(there.score, rel=1e-3)


def test_the_leave_out_scores_are_of_the_same_kind_as_the_lines(fitted: Fitted) -> None:
    """Fitting searches with FAISS, the line in its graph: on the final bank both give the same distances."""
    scorer = scorer_on(fitted.recipe.folder, "torch")
    features = OpenVinoFeatures(scorer.recipe.features, 0)(
        prepare(scratched(), None, scorer.recipe.features.input_size)
    )
    distance, _ = nearest(features, scorer.recipe.vectors())
    scores = scorer.score(part_of(scratched())).patch_scores.ravel()
    np.testing.assert_allclose(scores, distance, rtol=1e-3, atol=1e-3 * scorer.threshold)


def test_the_defect_is_found_where_it_is_in_source_pixels(fitted: Fitted) -> None:
    scorer = scorer_on(fitted.recipe.folder, "openvino")
    scored = scorer.score(part_of(scratched(), x=1000, y=500))
    worst = regions(scored.patch_scores, scorer.threshold)[0]
    rows, columns = np.nonzero(worst.mask)
    x, y = scored.to_source @ np.array([columns.mean() + 0.5, rows.mean() + 0.5, 1])
    assert (x, y) == pytest.approx((1000 + 72, 500 + 50), abs=14)


def test_a_picture_of_another_size_raises_and_says_both_sizes(fitted: Fitted) -> None:
    with pytest.raises(ValueError, match="picture of 100 × 80, the recipe expects 200 × 160"):
        scorer_on(fitted.recipe.folder, "openvino").score(part_of(np.zeros((80, 100, 3), np.uint8)))


def test_what_is_ignored_rejects_nothing(tmp_path: Path) -> None:
    ignore = np.zeros((160, 200), bool)
    ignore[20:80, 40:105] = True
    fitted = fit(washers(8), tmp_path / "r", replace(SMALL, ignore=ignore), quiet)
    scorer = scorer_on(fitted.recipe.folder, "openvino")
    assert scorer.score(part_of(scratched())).score <= scorer.threshold
    elsewhere = washer(100)
    cv2.line(elsewhere, (120, 100), (145, 120), (20, 20, 20), 5, cv2.LINE_AA)
    assert scorer.score(part_of(elsewhere)).score > scorer.threshold


def test_a_defect_smaller_than_the_minimum_area_passes(tmp_path: Path) -> None:
    spotted = washer(100)
    cv2.circle(spotted, (72, 50), 5, (10, 10, 10), -1)
    for area, passes in ((0.0, False), (9000.0, True)):
        fitted = fit(washers(24), tmp_path / "r", replace(SMALL, min_defect_area=area), quiet)
        level = 1.1 * max(fitted.scores)  # beside the spot this washer is a good one like any other, or nearly
        save_threshold(fitted.recipe, replace(fitted.recipe.threshold, value=level))
        scorer = scorer_on(fitted.recipe.folder, "openvino")
        assert (scorer.score(part_of(spotted)).score <= scorer.threshold) == passes


def test_a_region_of_interest_maps_back_to_source_pixels(tmp_path: Path) -> None:
    fitted = fit(washers(8), tmp_path / "r", replace(SMALL, region=(40, 20, 125, 100)), quiet)
    scored = scorer_on(fitted.recipe.folder, "openvino").score(part_of(washer(60)))
    height, width = scored.patch_scores.shape
    assert (scored.to_source @ (0, 0, 1)).tolist() == pytest.approx([40, 20])
    assert (scored.to_source @ (width, height, 1)).tolist() == pytest.approx([165, 120])


@pytest.mark.parametrize(("size", "drawn"), [((25, 20), (25, 20)), ((3840, 3072), (480, 384))])
def test_tiny_and_4k_pictures_are_scored(size: tuple[int, int], drawn: tuple[int, int], tmp_path: Path) -> None:
    *good, other = (cv2.resize(washer(seed, drawn), size) for seed in (0, 1, 2, 3, 9))
    fitted = fit(good, tmp_path / "r", SMALL, quiet)
    scored = scorer_on(fitted.recipe.folder, "openvino").score(part_of(other))
    assert np.isfinite(scored.score)
    height, width = scored.patch_scores.shape
    assert (scored.to_source @ (width, height, 1)).tolist() == pytest.approx(list(size))


def test_a_cached_graph_starts_without_torch_and_faiss(fitted: Fitted) -> None:
    scorer_on(fitted.recipe.folder, "openvino")
    script = (
        "import sys; from inspector.scoring.scorer import open_scorer; from inspector.config import ScoringConfig;"
        f"open_scorer(ScoringConfig(recipe={str(fitted.recipe.folder)!r}, device='cpu'));"
        "print([name for name in ('torch', 'faiss', 'timm') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_damaged_graph_is_built_again_rather_than_believed(recipe_folder: Path) -> None:
    expected = scorer_on(recipe_folder, "openvino").score(part_of(scratched())).score
    weights = next(recipe_folder.glob("graph-*/graph.bin"))
    content = bytearray(weights.read_bytes())
    content[len(content) // 2 : len(content) // 2 + 4000] = bytes(4000)
    weights.write_bytes(content)
    assert scorer_on(recipe_folder, "openvino").score(part_of(scratched())).score == pytest.approx(expected)


def test_weights_other_than_the_recipes_are_refused(recipe_folder: Path) -> None:
    recipe = load_recipe(recipe_folder)
    with pytest.raises(RecipeError, match="was made with weights 000000000000"):
        patch_network(replace(recipe.features, weights="0" * 64))


def test_cuda_where_there_is_none_is_one_clear_error(fitted: Fitted) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    with pytest.raises(RecipeError, match="no usable NVIDIA GPU"):
        open_scorer(ScoringConfig(recipe=str(fitted.recipe.folder), device="cuda"))


def test_openvino_tells_nobody_that_it_is_used(tmp_path: Path) -> None:
    """Its telemetry keeps an identity and a count in ~/intel as soon as it is imported."""
    script = "import sys, inspector.scoring.runtime_openvino; print(sys.modules.get('openvino_telemetry'))"
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "HOME": str(tmp_path)},
    )
    assert done.stdout.strip() == "None"
    assert not list(tmp_path.iterdir())


def test_a_recipe_that_differs_in_its_threshold_shares_the_network_of_the_one_before(recipe_folder: Path) -> None:
    before = scorer_on(recipe_folder, "openvino")
    save_threshold(before.recipe, replace(before.recipe.threshold, value=0.5))
    after = open_scorer(ScoringConfig(recipe=str(recipe_folder), device="cpu", runtime="openvino"), before)
    assert (after.threshold, after._graph is before._graph) == (0.5, True)  # noqa: SLF001
    assert after.score(part_of(washer(1))).score == before.score(part_of(washer(1))).score


def test_a_recipe_with_another_bank_does_not(recipe_folder: Path, tmp_path: Path) -> None:
    before = scorer_on(recipe_folder, "openvino")
    other = fit(washers(12), tmp_path / "other", replace(SMALL, bank_size=40), quiet).recipe
    assert before.with_recipe(other) is None
