"""A bank that does not fit what searches it is refused where the two are put together, on every runtime."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inspector.config import ScoringConfig
from inspector.errors import RecipeError
from inspector.messages import Part
from inspector.scoring.bank import index_bytes
from inspector.scoring.fit import Fitted
from inspector.scoring.network import patch_network
from inspector.scoring.recipe import save_recipe
from inspector.scoring.runtime_torch import FaissNetwork
from inspector.scoring.scorer import open_scorer
from inspector.scoring.search import fitting
from tests.washers import washer


def test_a_bank_that_fits_is_given_back_unchanged() -> None:
    bank = np.ones((5, 3), np.float32)
    assert fitting(bank, 3, "resnet18") is bank


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_a_bank_of_another_backbone_is_refused_with_both_dimensions(
    runtime: str, fitted: Fitted, tmp_path: Path
) -> None:
    recipe = fitted.recipe
    contents = {name: recipe.read(name) for name in recipe.files}
    contents["bank.faiss"] = index_bytes(np.ascontiguousarray(recipe.vectors()[:, :100]))
    other = replace(recipe, bank=replace(recipe.bank, dimension=100))
    save_recipe(tmp_path / "other", other, contents)
    with pytest.raises(RecipeError, match="bank holds vectors of 100 dimensions.*efficientnet_lite0 give 176.*fit the"):
        open_scorer(ScoringConfig(recipe=str(tmp_path / "other"), device="cpu", runtime=runtime, threads=1))


@pytest.mark.parametrize("runtime", ["openvino", "torch"])
def test_a_bank_that_is_not_finite_is_refused(runtime: str, fitted: Fitted, tmp_path: Path) -> None:
    recipe = fitted.recipe
    contents = {name: recipe.read(name) for name in recipe.files}
    bank = recipe.vectors().copy()
    bank[7, 3] = np.nan
    contents["bank.faiss"] = index_bytes(bank)
    save_recipe(tmp_path / "nan", recipe, contents)
    with pytest.raises(RecipeError, match="bank holds vectors that are not finite"):
        open_scorer(ScoringConfig(recipe=str(tmp_path / "nan"), device="cpu", runtime=runtime, threads=1))


def test_a_large_bank_is_searched_by_faiss_with_the_same_result(
    fitted: Fitted, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = ScoringConfig(recipe=str(fitted.recipe.folder), device="cpu", runtime="torch", threads=1)
    picture = washer(300)
    part = Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=picture, to_source=np.eye(2, 3, dtype=np.float32))
    product = open_scorer(config).score(part)
    monkeypatch.setattr("inspector.scoring.runtime_torch.LARGE_BANK", 10)
    indexed = open_scorer(config).score(part)
    np.testing.assert_allclose(indexed.patch_scores, product.patch_scores, rtol=1e-3)
    assert np.array_equal(indexed.nearest, product.nearest)


def test_faiss_has_no_distance_for_a_patch_that_is_not_finite(fitted: Fitted) -> None:
    bank = fitted.recipe.vectors()
    features = torch.from_numpy(bank[:30].copy())
    features[4, 2] = torch.nan
    distances, _ = FaissNetwork(patch_network(fitted.recipe.features), bank, torch.device("cpu")).nearest(features)
    assert torch.nonzero(torch.isnan(distances)).flatten().tolist() == [4]
