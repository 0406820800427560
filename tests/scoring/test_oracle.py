"""Whatever a recipe can have, both runtimes give the score that its definition gives in double precision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from inspector.config import ScoringConfig
from inspector.messages import Image
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.presets import PRESETS
from inspector.scoring.scorer import open_scorer
from tests.scoring.keys import key
from tests.scoring.oracle import oracle
from tests.washers import SMALL, burnt, part_of, quiet, washer

IGNORE = np.zeros((160, 200), bool)
IGNORE[:40, :60] = True
ACCURATE = replace(PRESETS["accurate"], side=160, bank_size=200, patches_per_picture=100, threads=1)
"""The accurate preset's network and blocks, in small: its size and bank only make the loops long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A recipe, and a defective part."""

    options: FitOptions
    good: Sequence[Image]
    part: Image


WASHERS = [washer(seed) for seed in range(8)]
CASES = {
    "fast": Case(options=replace(SMALL, any_size=True), good=WASHERS, part=washer(60, (150, 130))),
    "accurate, with region, mask and area": Case(
        options=replace(ACCURATE, region=(20, 30, 170, 120), ignore=IGNORE, min_defect_area=400.0),
        good=WASHERS,
        part=burnt(61),
    ),
    "other blocks, pools and stride, one length": Case(
        options=replace(SMALL, blocks=(0, 2, 4), pools=(1, 5, 3), stride=16, side=128, one_length=(0, 2, 4)),
        good=WASHERS,
        part=burnt(61),
    ),
    "a length of its own for two of the blocks": Case(
        options=replace(SMALL, side=128, one_length=(1, 2)), good=WASHERS, part=burnt(61)
    ),
    "locator": Case(
        options=replace(SMALL, side=128), good=[key(seed)[0] for seed in range(16)], part=key(41, scratched=True)[0]
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_both_runtimes_give_the_score_of_plain_loops_in_double_precision(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    recipe = fit(case.good, tmp_path / "recipe", case.options, quiet).recipe
    assert (recipe.locator is not None) == (name == "locator")
    part = part_of(case.part)
    scorers = [
        open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu", runtime=runtime, threads=1))
        for runtime in ("openvino", "torch")
    ]
    patch_scores, score = oracle(recipe, scorers[0].look(part)[0])
    for scorer in scorers:
        scored = scorer.score(part)
        np.testing.assert_allclose(scored.patch_scores, patch_scores, rtol=1e-3, atol=1e-3 * scorer.threshold)
        assert scored.score == pytest.approx(score, rel=1e-3)
