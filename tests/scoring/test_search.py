"""A bank that does not fit what searches it is refused where the two are put together, on every runtime."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.errors import RecipeError
from inspector.scoring.bank import index_bytes
from inspector.scoring.fit import Fitted
from inspector.scoring.recipe import save_recipe
from inspector.scoring.scorer import open_scorer
from inspector.scoring.search import fitting


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
