"""Whatever the shape and size of a picture and the part of it that is judged, a defect is told where it is."""

from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.line.decide import decide
from inspector.messages import Image, Part, ScoreMap
from inspector.scoring.fit import fit
from inspector.scoring.heat import pixel_map
from inspector.scoring.prepare import Rectangle
from inspector.scoring.scorer import open_scorer
from tests.washers import SMALL, quiet


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Pictures of a size, what of them is judged, and where a spot is put."""

    size: tuple[int, int]
    spot: tuple[int, int]
    region: Rectangle | None = None
    ignored: Rectangle | None = None


CASES = {
    "square": Case(size=(256, 256), spot=(60, 190)),
    "wide": Case(size=(900, 150), spot=(790, 40)),
    "tall": Case(size=(120, 620), spot=(30, 560)),
    "tiny": Case(size=(24, 20), spot=(17, 6)),
    "4K": Case(size=(3840, 2160), spot=(3300, 1700)),
    "region": Case(size=(640, 480), spot=(420, 130), region=(300, 60, 260, 150)),
    "region of 4K": Case(size=(3840, 2160), spot=(2730, 460), region=(2500, 300, 500, 300)),
    "ignored": Case(size=(400, 300), spot=(320, 210), ignored=(0, 0, 160, 300)),
    "ignored in a region": Case(size=(400, 300), spot=(320, 210), region=(80, 40, 300, 220), ignored=(80, 40, 90, 220)),
}


def plate(size: tuple[int, int], seed: int) -> Image:
    """A plate with a grating and a little noise."""
    width, height = size
    cv2.setRNGSeed(seed)
    noise = np.empty((min(height, 640), width, 3), np.int16)
    cv2.randn(noise, 0, 4)
    grating = 120 + 25 * np.sin(np.arange(width) * 2 * np.pi / (width / 9))
    strip = (grating.astype(np.int16)[:, None] + noise).astype(np.uint8)
    return np.resize(strip, (height, width, 3))  # again and again: of 4K so much noise would take seconds


def spotted(size: tuple[int, int], seed: int, spot: tuple[int, int], radius: int) -> Image:
    picture = plate(size, seed)
    cv2.circle(picture, spot, radius, (20, 30, 220), -1, cv2.LINE_AA)
    return picture


@pytest.mark.parametrize("name", CASES)
def test_a_defect_is_told_where_it_is(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    width, height = case.size
    ignore = None
    if case.ignored is not None:
        x, y, wide, high = case.ignored
        ignore = np.zeros((height, width), bool)
        ignore[y : y + high, x : x + wide] = True
    pictures = [plate(case.size, seed) for seed in range(5)]
    fit(pictures, tmp_path / "r", replace(SMALL, region=case.region, ignore=ignore), quiet)
    scorer = open_scorer(ScoringConfig(recipe=str(tmp_path / "r"), device="cpu", threads=1))
    *_, judged_width, judged_height = case.region or (0, 0, width, height)
    radius = max(2, round(min(judged_width, judged_height) * 0.12))
    patch = max(judged_width / scorer.recipe.features.grid[0], judged_height / scorer.recipe.features.grid[1])

    shown = spotted(case.size, 9, case.spot, radius)

    def scored(spot: tuple[int, int], shift: tuple[int, int] = (0, 0)) -> ScoreMap:
        to_source = np.array([[1, 0, shift[0]], [0, 1, shift[1]]], np.float32)
        image = shown if spot == case.spot else spotted(case.size, 9, spot, radius)
        return scorer.score(Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=to_source))

    for shift in ((0, 0), (1000, 70)):  # a crop that a trigger took out of a larger frame
        found = scored(case.spot, shift)
        assert found.score > 1.3 * scorer.threshold
        worst = decide(found, 0.75 * found.score).defects[0]  # its core: around so gross a spot all patches are high
        centre = worst.x + worst.width / 2, worst.y + worst.height / 2
        assert np.abs(np.subtract(centre, np.add(case.spot, shift))).max() < 1.6 * patch
        assert worst.x - patch < case.spot[0] + shift[0] < worst.x + worst.width + patch
        assert max(worst.width, worst.height) < 2 * radius + 5 * patch

    heat = pixel_map(scored(case.spot), case.size, case.size)
    row, column = np.unravel_index(int(heat.argmax()), heat.shape)
    assert np.abs(np.subtract((column, row), case.spot)).max() < radius + 1.5 * patch
    if case.ignored is not None:
        x, y, wide, high = case.ignored
        hidden = scored((x + wide // 3, y + high // 2))  # patches beyond the mask's border still see some of it
        assert decide(hidden, 0.75 * scored(case.spot).score).outcome == "pass"
        assert not hidden.patch_scores[scorer.recipe.ignore()].any()
