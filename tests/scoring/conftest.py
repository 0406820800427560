"""A recipe fitted once for the tests of this room, on drawn pictures and the real backbone."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.messages import Image
from inspector.scoring.fit import FitOptions, Fitted, fit

SIZE = (200, 160)


def washer(seed: int, size: tuple[int, int] = SIZE) -> Image:
    """A grey ring on a dark ground, with a little noise and jitter."""
    random = np.random.default_rng(seed)
    image = np.full((size[1], size[0], 3), 40, np.uint8)
    centre = (size[0] // 2 + int(random.integers(-2, 3)), size[1] // 2 + int(random.integers(-2, 3)))
    cv2.circle(image, centre, min(size) // 3, (180, 180, 185), -1, cv2.LINE_AA)
    cv2.circle(image, centre, min(size) // 8, (40, 40, 40), -1, cv2.LINE_AA)
    return np.clip(image + random.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


def washers(count: int) -> Sequence[Image]:
    return [washer(seed) for seed in range(count)]


def quiet(what: str, done: int, whole: int) -> None:
    assert 0 <= done <= whole, what


SMALL = FitOptions(side=96, bank_size=60, patches_per_picture=60)


@pytest.fixture(scope="session")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Fitted:
    return fit(washers(12), tmp_path_factory.mktemp("recipes") / "washer", SMALL, quiet)


@pytest.fixture
def recipe_folder(fitted: Fitted, tmp_path: Path) -> Path:
    """A copy that a test may damage."""
    import shutil

    return Path(shutil.copytree(fitted.recipe.folder, tmp_path / "recipe"))
