"""Another light is taken out of a picture before it is scored; a light that was taught is left as it is."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.messages import Image, Part
from inspector.scoring.fit import fit
from inspector.scoring.health import learn
from inspector.scoring.health_files import as_files, from_files
from inspector.scoring.light import evened
from inspector.scoring.runtime_openvino import OpenVinoGraph
from inspector.scoring.scorer import Scorer
from tests.washers import SMALL, part_of, quiet, washers


def lit(picture: Image, gain: float) -> Image:
    return np.asarray(cv2.convertScaleAbs(picture, alpha=gain), np.uint8)


def test_a_picture_in_a_light_that_was_taught_is_not_touched() -> None:
    good = washers(12)
    norm = learn(good)
    assert norm.even is not None
    assert all(evened(picture, norm.reference.mean, norm.even) is picture for picture in good)


@pytest.mark.parametrize("gain", [0.8, 0.9, 1.1])
def test_another_light_is_brought_to_the_taught_one(gain: float) -> None:
    good = washers(12)
    norm = learn(good)
    assert norm.even is not None
    back = evened(lit(good[0], gain), norm.reference.mean, norm.even)
    assert abs(float(back.mean()) / float(good[0].mean()) - 1) < 0.06
    assert abs(float(back.mean()) - float(good[0].mean())) < abs(float(lit(good[0], gain).mean()) - good[0].mean())


def test_what_is_burnt_in_more_light_is_taken_to_be_as_bright_as_good_parts_are_there_and_no_defect_is() -> None:
    white = [np.asarray(cv2.convertScaleAbs(picture, alpha=1.25), np.uint8) for picture in washers(12)]
    norm = learn(white)
    assert norm.even is not None
    stained = white[0].copy()
    stained[105:120, 95:110] = 120
    bright = lit(stained, 1.2)
    assert (bright == 255).mean() > 0.1
    back = evened(bright, norm.reference.mean, norm.even).astype(float)
    ring = cv2.inRange(white[0], (200, 200, 200), (255, 255, 255)) > 0
    ring[95:130, 85:120] = False
    assert abs(back[ring].mean() / white[0][ring].mean() - 1) < 0.06
    assert back[106:119, 96:109].mean() < 140


def test_a_large_dark_defect_is_not_taken_for_the_light() -> None:
    good = washers(12)
    norm = learn(good)
    assert norm.even is not None
    stained = good[0].copy()
    stained[:, : stained.shape[1] // 3] //= 2
    assert evened(stained, norm.reference.mean, norm.even) is stained


def test_a_good_part_scores_in_less_light_about_what_it_did(tmp_path: Path) -> None:
    """As the line scores it; without evening its score is far above."""
    good = washers(12)
    recipe = fit(good, tmp_path / "r", SMALL, quiet).recipe
    scorer = Scorer(recipe, OpenVinoGraph(recipe, 1))

    def score(picture: Image) -> float:
        part: Part = part_of(picture)
        return scorer.score(part).score

    dark = [score(lit(picture, 0.8)) for picture in good[:4]]
    assert np.mean(dark) < 1.25 * recipe.threshold.value


def test_a_recipe_from_before_leaves_every_light_as_it_is() -> None:
    document, maps = as_files(learn(washers(12)))
    older = document.replace(b'"even"', b'"other"')
    assert from_files(older, maps).even is None
