"""The profile takes the scorer's own steps, each of them timed."""

from pathlib import Path

import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.scoring.scorer import open_scorer
from tests.washers import fit_small, washers, write_pictures
from tools.profile_latency import STAGES, profile


def test_each_stage_of_each_part_takes_time_and_the_whole_is_their_sum(tmp_path: Path) -> None:
    fit_small(tmp_path / "recipe")
    folder = write_pictures(tmp_path / "parts", washers(3))
    scorer = open_scorer(ScoringConfig(recipe=str(tmp_path / "recipe"), device="cpu", threads=1))
    times = profile(scorer, sorted(folder.iterdir()))
    assert times.shape == (3, len(STAGES))
    assert (times > 0).all()
    assert times[:, -1] == pytest.approx(times[:, 1:-1].sum(axis=1))
    assert np.isfinite(times).all()
