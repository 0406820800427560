"""What lies under an ignore mask changes no score anywhere; what lies beside it is found."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.messages import Image
from inspector.scoring.fill import Fill, hidden_pixels
from inspector.scoring.fit import fit
from inspector.scoring.prepare import prepare
from inspector.scoring.scorer import Scorer, open_scorer
from tests.washers import SMALL, part_of, quiet, washer

X, Y, WIDTH, HEIGHT = 84, 102, 40, 14
MASK = np.zeros((160, 200), bool)
MASK[Y : Y + HEIGHT, X : X + WIDTH] = True


OPTIONS = replace(SMALL, side=192, bank_size=150, patches_per_picture=150, ignore=MASK)
"""Patches of 8 pixels, so that there is something beside the mask."""


def coded(seed: int, ground: int | None = None) -> Image:
    """A washer with a date code of its own, on the bare metal or on a label of this grey."""
    image = washer(seed)
    code = image[Y : Y + HEIGHT, X : X + WIDTH]
    if ground is not None:
        code[:] = ground
    text = "".join(np.random.default_rng(seed).choice(list("ABCDEFGHKLMNPRSTUVXYZ0123456789"), 4))
    cv2.putText(code, text, (1, 11), cv2.FONT_HERSHEY_SIMPLEX, 0.4, (20, 20, 20), 1, cv2.LINE_AA)
    return image


@pytest.fixture(scope="module")
def scorer(tmp_path_factory: pytest.TempPathFactory) -> Scorer:
    folder = tmp_path_factory.mktemp("codes") / "recipe"
    fit([coded(seed) for seed in range(12)], folder, OPTIONS, quiet)
    return open_scorer(ScoringConfig(recipe=str(folder), device="cpu", threads=1))


@pytest.mark.parametrize("ground", [0, 128, 255])
def test_a_date_code_unlike_any_that_was_taught_changes_no_score(scorer: Scorer, ground: int) -> None:
    for seed in range(60, 64):
        plain, labelled = (scorer.score(part_of(image)) for image in (coded(seed), coded(seed, ground)))
        assert np.array_equal(plain.patch_scores, labelled.patch_scores)


def test_a_defect_just_beside_the_mask_is_found(scorer: Scorer) -> None:
    middle = Y + HEIGHT // 2
    for x, y in ((X + WIDTH // 2, Y + HEIGHT + 10), (X - 10, middle), (X + WIDTH + 10, middle)):
        image = coded(70)
        cv2.circle(image, (x, y), 4, (0, 0, 255), -1, cv2.LINE_AA)
        assert scorer.score(part_of(image)).score > 1.1 * scorer.threshold


def test_each_hidden_pixel_gets_the_nearest_ones_colour_and_no_other_changes() -> None:
    random = np.random.default_rng(0)
    picture = random.integers(0, 256, (20, 30, 3)).astype(np.uint8)
    hidden = np.zeros((20, 30), bool)
    hidden[5:9, 10:20] = hidden[:3, :4] = True
    before, filled = picture.copy(), Fill(hidden)(picture)
    assert np.array_equal(picture, before)
    assert np.array_equal(filled[~hidden], picture[~hidden])
    seen = np.argwhere(~hidden)
    for row, column in np.argwhere(hidden):
        away = np.linalg.norm(seen - (row, column), axis=1)
        near = seen[away <= away.min() + 0.6]  # OpenCV's distance is good to a few hundredths of it
        assert (filled[row, column] == picture[near[:, 0], near[:, 1]]).all(axis=1).any()


@pytest.mark.parametrize("size", [(96, 64), (150, 120), (400, 320)])
def test_no_masked_pixel_reaches_a_pixel_that_is_shown(size: tuple[int, int]) -> None:
    hidden = hidden_pixels(MASK, size)
    black = np.zeros((*MASK.shape, 3), np.uint8)
    white = np.where(MASK[..., None], np.uint8(255), black)
    shown = ~hidden
    assert np.array_equal(prepare(black, None, size)[shown], prepare(white, None, size)[shown])
    assert shown.mean() > 0.9
