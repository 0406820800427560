"""A recipe fitted once for the tests of this room, on drawn pictures and the real backbone."""

import shutil
from pathlib import Path

import pytest

from inspector.scoring.fit import Fitted
from tests.washers import fit_small


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    return fit_small(tmp_path_factory.mktemp("recipes") / "washer")


@pytest.fixture
def recipe_folder(fitted: Fitted, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    return Path(shutil.copytree(fitted.recipe.folder, tmp_path / "recipe"))
