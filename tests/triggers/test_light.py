"""A light that changes is no part, and hides none."""

import cv2
import numpy as np
import pytest

from inspector.messages import Image
from inspector.triggers.light import evened, levels
from tests.triggers.belts import Thing, footage, judged, scene, seen

BEHIND = scene()
CROWD = [Thing(at=x) for x in (590, 470, 335, 230, 90, -30, -170, -290)]
"""The third stands on the line at the start, the five behind it are still to cross."""


def lit(picture: Image, gain: float) -> Image:
    return np.asarray(cv2.convertScaleAbs(picture, alpha=gain), np.uint8)


@pytest.mark.parametrize("gain", [0.6, 1.3])
def test_a_picture_comes_back_in_the_light_of_the_first(gain: float) -> None:
    covered = BEHIND.copy()
    covered[60:160, 100:300] = 215  # a part or two are not taken for the light
    assert abs(evened(lit(covered, gain), levels(BEHIND)).astype(int) - covered)[:, :100].max() <= 4


def test_a_light_that_is_hardly_another_is_left_as_it_is() -> None:
    picture = lit(BEHIND, 1.04)
    assert evened(picture, levels(BEHIND)) is picture


@pytest.mark.parametrize("looks", ["brighter", "darker"])
@pytest.mark.parametrize("gain", [0.7, 1.4])
@pytest.mark.parametrize("since", [20, 120])
def test_each_part_is_judged_once_though_the_camera_takes_another_exposure(gain: float, since: int, looks: str) -> None:
    pictures = list(footage(BEHIND, CROWD, [4.0 * n for n in range(180)]))
    if looks == "darker":
        pictures = [np.asarray(160 - np.minimum(picture, 230) // 2, np.uint8) for picture in pictures]
    parts = seen((lit(each, gain) if n >= since else each for n, each in enumerate(pictures)), looks=looks, contrast=15)
    assert len(judged(parts)) == len(parts) == 6
