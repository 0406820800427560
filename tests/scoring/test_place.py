"""Where a picture lies is told to a fraction of a pixel by what stands still, and by no change of light."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from inspector.scoring.place import learn_place, place


def scenes(count: int, seed: int = 0) -> NDArray[np.float32]:
    """A brushed rail above and below that stands still, between them a belt whose stains pass; a sensor's noise."""
    random = np.random.default_rng(99)
    rail = cv2.GaussianBlur(random.normal(0, 60, (128, 160)).astype(np.float32), (0, 0), 3, sigmaY=1)
    still = np.where(np.abs(np.arange(128) - 64) > 48, 1, 0)[:, None]
    random = np.random.default_rng(seed)
    pictures = []
    for _ in range(count):
        stains = cv2.GaussianBlur(random.normal(0, 200, (128, 160)).astype(np.float32), (0, 0), 6)
        pictures.append(np.where(still, 140 + rail, 70 + stains) + random.normal(0, 0.5, (128, 160)))
    return np.asarray(pictures, np.float32)


def moved(picture: NDArray[np.float32], right: float, down: float) -> NDArray[np.float32]:
    matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
    return np.asarray(cv2.warpAffine(picture, matrix, (160, 128), borderMode=cv2.BORDER_REPLICATE), np.float32)


def test_a_rails_brushing_tells_a_move_along_it_on_one_picture() -> None:
    weights, untold = learn_place(scenes(30))
    assert untold == ("", "")
    for picture in scenes(5, seed=1):
        for right, down in ((0, 0), (0.7, 0), (-1, 0), (0, 0.7), (0.5, -0.5)):
            found = place(moved(picture, right, down), weights)
            assert found[:2] == pytest.approx((right, down), abs=0.25)


def test_light_that_changes_or_fades_on_one_side_moves_nothing() -> None:
    weights, _ = learn_place(scenes(30))
    ramp = np.linspace(0.8, 1.1, 160, dtype=np.float32)
    for picture in scenes(5, seed=2):
        for lit in (picture * np.float32(0.7), picture * ramp, picture * ramp[:128, None]):
            assert place(lit, weights)[:2] == pytest.approx((0, 0), abs=0.25)


def test_far_from_its_place_nothing_is_where_it_was() -> None:
    weights, _ = learn_place(scenes(30))
    for picture in scenes(5, seed=3):
        assert place(picture, weights)[2] == pytest.approx(1, abs=0.1)
        assert place(moved(picture, 0, 20), weights)[2] < 0.4


def test_of_pictures_that_show_nothing_it_is_said_that_they_do_not() -> None:
    random = np.random.default_rng(5)
    blank = random.normal(120, 1, (25, 128, 160)).astype(np.float32)
    stripes = blank + 60 * (np.arange(128) % 32 < 16)[None, :, None]
    assert all(learn_place(blank)[1])
    assert learn_place(stripes.astype(np.float32))[1][0]
