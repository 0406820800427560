"""Made pictures are the same for a seed and differ from each other; the page says what was measured."""

from pathlib import Path

import numpy as np
import pytest

from inspector.errors import SourceError
from tests.washers import quiet, washers
from tools.fitting_page import page
from tools.made import Jittered, Marked, some
from tools.measure_fitting import Stages
from tools.measure_pills import split


def test_jittered_pictures_are_the_same_each_time_and_no_two_alike() -> None:
    made = Jittered(washers(3), 8, seed=1)
    pictures = list(made)
    assert len(pictures) == len(made) == 8
    assert all(np.array_equal(picture, made[n]) for n, picture in enumerate(pictures))
    assert len({picture.tobytes() for picture in pictures}) == 8


def test_only_the_chosen_share_of_the_pictures_is_marked() -> None:
    numbers = some(200, 0.03, seed=0)
    assert len(numbers) == 6
    assert numbers == some(200, 0.03, seed=0)
    plain = washers(4)
    shown = Marked(plain, [2], seed=0)
    assert [n for n in range(4) if not np.array_equal(plain[n], shown[n])] == [2]


def test_the_time_of_each_stage_is_its_own() -> None:
    stages = Stages(quiet)
    for what in ("features", "memory bank", "good scores"):
        stages(what, 0, 1)
        stages(what, 1, 1)
    assert list(stages.end()) == ["locator", "features", "memory bank", "good scores", "health, files"]


def test_pills_to_fit_from_and_to_test_on_are_all_of_them_and_never_the_same() -> None:
    paths = [Path(f"{n:03}.jpg") for n in range(149)]
    fitted, rest = split(paths)
    assert len(fitted) == 100
    assert sorted([*fitted, *rest]) == paths
    assert split(paths) == (fitted, rest)
    with pytest.raises(SourceError, match="too few normal pictures .*: 100"):
        split(paths[:100])


def test_the_page_says_when_the_seconds_are_of_a_busy_machine() -> None:
    row = {
        "pictures": 5000, "patches": 400_000, "bank": 1000, "dimension": 176, "recipe": "abc", "peak_rss_mb": 2251,
        "stages_s": {"features": 9.0, "memory bank": 1.5, "good scores": 2.0}, "processor_used_by_others": 0.5,
        "machine": "m", "versions": "v",
    }  # fmt: skip
    assert (
        "| 5,000 | 400,000 | 1,000 × 176 | features 9.0, memory bank 1.5, good scores 2.0 | 3.5 | 2,251 MB | abc |"
        in (text := page({"stream": row}))
    )
    assert "other work took 50%" in text
    assert "other work" not in page({"stream": {**row, "processor_used_by_others": 0.0}})
