"""The methods that keep every feature of every good picture: one a picture, or one a patch."""

from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from inspector.baselines.full_bank import ORIGINAL_THRESHOLD, full_bank
from inspector.baselines.global_feature import global_feature
from inspector.baselines.nearest_good import NearestGood
from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.feature_maps import IMAGENET_MEAN, IMAGENET_STD
from inspector.scoring.features import FeatureSpec
from inspector.scoring.fit import feature_spec
from inspector.scoring.network import patch_network
from inspector.scoring.prepare import prepare
from inspector.scoring.runtime_openvino import OpenVinoFeatures
from tests.washers import SIZE, SMALL, burnt, part_of, quiet, washer, washers


@pytest.fixture(scope="module")
def spec() -> FeatureSpec:
    made = feature_spec(SMALL, SIZE)
    OpenVinoFeatures(made, 1)  # the first export starts threads that stay: let it be before the tests
    return made


def means(picture: Image) -> NDArray[np.float32]:
    """Features that can be checked by hand: the mean colour of each quarter."""
    height, width = picture.shape[0] // 2, picture.shape[1] // 2
    quarters = picture.reshape(2, height, 2, width, 3)
    return quarters.mean(axis=(1, 3)).reshape(4, 3).astype(np.float32)


def test_a_part_scores_its_worst_features_distance_to_the_nearest_good_one(spec: FeatureSpec) -> None:
    good = washers(5)
    method = NearestGood(good, spec, (2, 2), means, quiet)
    scored = method.score(part_of(burnt(9)))
    bank = np.concatenate([means(prepare(picture, None, spec.input_size)) for picture in good]).astype(np.float64)
    apart = np.linalg.norm(means(prepare(burnt(9), None, spec.input_size))[:, None] - bank[None], axis=2)
    np.testing.assert_allclose(scored.patch_scores.ravel(), apart.min(axis=1), rtol=1e-4)
    assert scored.nearest.ravel().tolist() == apart.argmin(axis=1).tolist()
    assert scored.score == scored.patch_scores.max()
    assert (scored.to_source @ (2, 2, 1)).tolist() == pytest.approx(SIZE)


def test_a_good_picture_is_at_no_distance_from_itself_and_at_some_from_the_others(spec: FeatureSpec) -> None:
    method = NearestGood(washers(5), spec, (2, 2), means, quiet)
    assert method.score(part_of(washer(3))).score == pytest.approx(0, abs=0.01)
    assert (method.to_another() > 0).all()


def test_the_identity_changes_with_the_pictures_and_the_threshold(spec: FeatureSpec) -> None:
    one, again, other = (NearestGood(good, spec, (2, 2), means, quiet) for good in (washers(5), washers(5), washers(6)))
    assert one.recipe_id == again.recipe_id != other.recipe_id
    again.threshold = 1.0
    assert one.recipe_id != again.recipe_id


def test_pictures_of_another_size_are_refused(spec: FeatureSpec) -> None:
    with pytest.raises(RecipeError, match="differ in size: picture of 240 × 160, the good ones are 200 × 160"):
        NearestGood([*washers(3), washer(9, (240, 160))], spec, (2, 2), means, quiet)
    with pytest.raises(ValueError, match="picture of 240 × 160, the good ones are 200 × 160"):
        NearestGood(washers(3), spec, (2, 2), means, quiet).score(part_of(washer(9, (240, 160))))


def test_without_good_pictures_or_with_features_that_are_no_numbers_there_is_no_bank(spec: FeatureSpec) -> None:
    with pytest.raises(RecipeError, match="no good pictures to compare with"):
        NearestGood([], spec, (2, 2), means, quiet)
    with pytest.raises(RecipeError, match=r"not finite \(NaN"):
        NearestGood(washers(3), spec, (2, 2), lambda picture: means(picture) * np.float32("nan"), quiet)
    with pytest.raises(RecipeError, match="one good picture has no other"):
        global_feature(washers(1), spec, 1, quiet)


def test_the_global_feature_is_each_blocks_average_over_the_picture(spec: FeatureSpec) -> None:
    method = global_feature(washers(4), spec, 1, quiet)
    moved = np.pad(prepare(washer(0), None, spec.input_size), ((spec.shift, 0), (spec.shift, 0), (0, 0)), mode="edge")
    picture = moved[: spec.input_size[1], : spec.input_size[0], ::-1].copy()
    rgb = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    with torch.inference_mode():
        maps = patch_network(spec).network((rgb - mean) / std)
    expected = torch.cat([block.mean(dim=(2, 3)) for block in maps], dim=1).numpy()
    assert method.bank.shape == (4, 24 + 40 + 112)
    np.testing.assert_allclose(method.bank[:1], expected, rtol=1e-3, atol=1e-4)


def test_the_global_feature_sees_a_burn_and_says_no_place(spec: FeatureSpec) -> None:
    method = global_feature(washers(8), spec, 1, quiet)
    scored = method.score(part_of(burnt(20)))
    assert scored.patch_scores.shape == (1, 1)
    assert scored.score > method.score(part_of(washer(20))).score
    assert method.to_another().max() <= method.threshold < 1.3 * method.to_another().max()


def test_the_full_bank_keeps_every_patch_and_finds_the_burn(spec: FeatureSpec, tmp_path: Path) -> None:
    method = full_bank(washers(6), spec, 1, quiet)
    width, height = spec.grid
    assert len(method.bank) == 6 * width * height
    assert method.threshold == ORIGINAL_THRESHOLD == pytest.approx(64.82, abs=0.01)
    scored = method.score(part_of(burnt(20)))
    row, column = np.unravel_index(scored.patch_scores.argmax(), scored.patch_scores.shape)
    assert scored.to_source @ (column + 0.5, row + 0.5, 1) == pytest.approx((100, 120), abs=20)
