"""Thresholds, and whether what they claim holds."""

import re

import numpy as np
import pytest

from inspector.errors import RecipeError
from inspector.scoring.calibrate import (
    Costs,
    f1_max,
    false_reject,
    highest_good,
    least_cost,
    rejected_at_most,
    tolerance_rank,
    upward,
)


def test_299_good_parts_are_needed_to_claim_one_percent_at_95_percent_confidence() -> None:
    scores = np.random.default_rng(0).gamma(20, 1, 299)
    assert "at most 1.00% false rejects at 95% confidence (tolerance" in false_reject(scores, 0.01, "held_out").basis
    wanted = "at most 0.004% false rejects at 99.9% confidence needs 172691 good parts"
    assert wanted in false_reject(scores, 0.00004, "held_out", 0.999).basis
    basis = false_reject(scores[:209], 0.01, "held_out").basis
    assert "needs 299 good parts; there are 209: at most 1.43% is what can be claimed" in basis


@pytest.mark.parametrize(("count", "share"), [(60, 0.05), (120, 0.05), (299, 0.01), (500, 0.02)])
def test_the_claimed_share_of_false_rejects_holds_as_often_as_claimed(count: int, share: float) -> None:
    trials = 20_000
    good = np.sort(np.random.default_rng(count).gamma(20, 1, (trials, count)), axis=1)
    rank = tolerance_rank(count, share)
    assert rank is not None
    assert false_reject(good[0], share, "held_out").value == good[0, rank - 1]
    held = (_share_above(good[:, rank - 1]) <= share).mean()
    # 95 % are claimed; three standard errors of 20,000 trials are 0.5 %
    assert held >= 0.95 - 0.005


@pytest.mark.parametrize(
    ("count", "share", "score"), [(120, 0.05, "tied"), (299, 0.01, "tailed"), (400, 0.02, "mixed")]
)
def test_the_claim_holds_over_repeated_random_splits_of_any_scores(count: int, share: float, score: str) -> None:
    """The bound knows nothing of the scores' distribution: coarse ones, wild ones, those of two kinds of parts."""
    random = np.random.default_rng(count)
    parts = 12_000
    scores = {
        "tied": random.gamma(20, 1, parts).round(),
        "tailed": 1 + random.standard_cauchy(parts) ** 2,
        "mixed": np.where(random.random(parts) < 0.03, random.normal(60, 1, parts), random.normal(20, 3, parts)),
    }[score]
    rank = tolerance_rank(count, share)
    assert rank is not None
    trials, held = 3000, 0
    for trial in range(trials):
        random.shuffle(scores)
        good, rest = np.sort(scores[:count]), scores[count:]
        if trial == 0:
            assert false_reject(good, share, "held_out").value == good[rank - 1]
        held += (rest > good[rank - 1]).mean() <= share
    # 95 % are claimed; three standard errors of 3,000 trials are 1.2 %; and the rest are not all parts there could be
    assert held / trials >= 0.95 - 0.012 - 0.01


def test_a_threshold_as_high_as_the_share_seems_to_ask_for_would_not_hold() -> None:
    """What the bound is for: the plain quantile of the scores exceeds the share in every other split."""
    good = np.sort(np.random.default_rng(3).gamma(20, 1, (4000, 299)), axis=1)
    plain = (_share_above(good[:, round(0.99 * 299) - 1]) <= 0.01).mean()
    assert plain < 0.7


def test_a_bound_is_never_rounded_down() -> None:
    assert [upward(share) for share in (0.01423, 0.05, 0.05001, 0.1 + 1e-12, 0.0)] == [
        "1.43%", "5.00%", "5.01%", "10.00%", "0.00%"
    ]  # fmt: skip
    assert upward(rejected_at_most(209)) == "1.43%"


def test_a_lower_rank_is_taken_where_the_parts_allow_it() -> None:
    scores = np.arange(1.0, 1001)
    assert false_reject(scores, 0.05, "held_out").value < scores[-10]


def test_leave_out_scores_are_called_an_estimate() -> None:
    assert "an estimate" in false_reject(np.arange(1.0, 400), 0.05, "leave_out").basis
    assert "an estimate" not in false_reject(np.arange(1.0, 400), 0.05, "held_out").basis


def test_of_few_good_parts_the_highest_score_of_thirty_is_expected() -> None:
    """Scores that thin out exponentially: on average no less, and little more, than the highest of thirty is."""
    random = np.random.default_rng(0)
    scores = 30 + random.exponential(2, (4000, 30))
    few = np.mean([highest_good(each[:5]).value for each in scores])
    assert abs(few - scores.max(axis=1).mean()) < 0.5
    assert highest_good(scores[0]).value == scores[0].max()
    assert "more than the highest" in highest_good(scores[0][:5]).basis
    assert "more than the highest" not in highest_good(scores[0]).basis


def test_highest_good_rejects_no_good_part_it_has_seen() -> None:
    threshold = highest_good([3.0, 5.0, 4.0])
    assert threshold.value > 5
    assert "than the highest, 5.00" in threshold.basis
    assert rejected_at_most(3) == pytest.approx(0.632, abs=1e-3)
    assert "at most 63.16% false rejects" in threshold.basis


@pytest.mark.parametrize("scores", [[1.0, float("nan")], [0.0, 0.0], []])
def test_scores_that_allow_no_threshold_are_refused(scores: list[float]) -> None:
    with pytest.raises(RecipeError, match="no threshold can be set"):
        false_reject(scores, 0.1, "held_out")


def test_f1_is_stated_from_pictures_that_did_not_choose_it() -> None:
    random = np.random.default_rng(1)
    labels = np.arange(200) < 60
    scores = random.normal(labels * 1.0, 1)
    basis = f1_max(scores, labels).basis
    claimed, *crossed = (float(figure) for figure in re.findall(r"\d\.\d{3}", basis))
    assert np.mean(crossed) < claimed


def test_the_cheapest_threshold_falls_as_misses_get_dearer() -> None:
    random = np.random.default_rng(2)
    labels = np.arange(400) < 100
    scores = random.normal(10 + labels * 2.0, 1)
    cheap, dear = (
        least_cost(scores, labels, Costs(miss=miss, false_reject=1, defective=0.1)).value for miss in (1, 1000)
    )
    assert dear < cheap
    assert (scores[labels] > dear).mean() > 0.97


def test_one_defective_picture_cannot_choose_and_judge() -> None:
    with pytest.raises(RecipeError, match="two good and two defective"):
        f1_max([1.0, 2, 3], [False, False, True])


def _share_above(threshold: np.ndarray) -> np.ndarray:
    """Of all good parts (gamma, shape 20), the share above each threshold: P(Poisson(threshold) < 20)."""
    term = np.exp(-threshold)
    total = term.copy()
    for n in range(1, 20):
        term = term * threshold / n
        total += term
    return total
