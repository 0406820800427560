"""Expectations worked out by hand on grey pictures."""

import numpy as np
import pytest

from inspector.baselines.mean_difference import WINDOW, MeanDifference
from inspector.errors import RecipeError
from inspector.messages import Image


def grey(level: int, size: tuple[int, int] = (40, 30)) -> Image:
    return np.full((size[1], size[0], 3), level, np.uint8)


def test_the_mean_of_the_good_pictures_scores_nothing() -> None:
    method = MeanDifference([grey(90), grey(110)])
    assert method.average(grey(100)) == method.highest(grey(100)) == 0


def test_darker_counts_as_much_as_brighter() -> None:
    method = MeanDifference([grey(100)])
    assert method.average(grey(80)) == method.average(grey(120)) == pytest.approx(20)


def test_a_spot_of_the_windows_size_is_the_highest_in_full_wherever_it_lies() -> None:
    method = MeanDifference([grey(100)])
    for top, left in ((0, 0), (11, 17), (30 - WINDOW, 40 - WINDOW)):
        picture = grey(100)
        picture[top : top + WINDOW, left : left + WINDOW] += 60
        assert method.highest(picture) == pytest.approx(60)
        assert method.average(picture) == pytest.approx(60 * WINDOW**2 / (40 * 30))


def test_a_single_bright_pixel_is_averaged_over_its_window() -> None:
    picture = grey(100)
    picture[12, 20] = 200
    assert MeanDifference([grey(100)]).highest(picture) == pytest.approx(100 / WINDOW**2)


def test_pictures_of_another_size_are_refused() -> None:
    with pytest.raises(RecipeError, match=r"differ in size: 40 × 20 after 40 × 30"):
        MeanDifference([grey(100), grey(100, (40, 20))])
    with pytest.raises(RecipeError, match=r"picture of 40 × 20, the good ones are 40 × 30"):
        MeanDifference([grey(100)]).highest(grey(100, (40, 20)))


def test_no_good_picture_is_refused() -> None:
    with pytest.raises(RecipeError, match="no good pictures"):
        MeanDifference([])
