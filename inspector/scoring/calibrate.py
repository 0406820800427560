"""Choosing a threshold τ, and saying what may be claimed for it. Pure.

    highest_good   from good parts alone: what `inspector teach` does
    false_reject   from good parts alone: at most a share q of good parts above τ, with stated confidence
    f1_max         from labelled pictures: the best F1, as the original experiments did
    cost           from labelled pictures: the least expected cost of misses and false rejects

Good scores must be out-of-sample: of parts that the bank was not fitted on. A good part that it was fitted on is scored
by the bank without that part's own patches (inspector.scoring.leave_out); where the others lie still knows it a little,
so what is computed from such scores is an estimate, and called one.
"""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from inspector.errors import RecipeError
from inspector.scoring.binomial import binomial_cdf
from inspector.scoring.metrics import f1_max as best_f1
from inspector.scoring.recipe import Threshold

CONFIDENCE = 0.95
MANY = 30
"""Good parts whose highest score is taken as it is."""

Basis = Literal["held_out", "leave_out", "said_held_out"]


def highest_good(scores: ArrayLike) -> Threshold:
    """τ = the highest score of any good part: what is farther from good than every good part seen is rejected.

    Of fewer than MANY good parts the highest is not yet what it would be: τ is then the highest that so many are
    expected to have. Above their median scores are taken to thin out exponentially; then the highest of n is expected
    s · (1 + 1/2 + … + 1/n) above where they begin (A. Rényi, "On the theory of order statistics", 1953), with s the
    mean excess over the median.

    scores: one a good part, each from the bank without that part.
    Raises RecipeError when a score is not finite or all are zero.
    """
    good = _good(scores)
    claim = rejected_at_most(len(good))
    more = _more_of_many(good)
    few = f"; {more:.2f} more than the highest, {good[-1]:.2f}, as is expected of the highest of {MANY}" if more else ""
    return Threshold(
        value=float(good[-1]) + more,
        rule="highest_good",
        basis=(
            f"highest of {len(good)} good scores, each part scored by the bank without its own patches{few}. "
            f"{len(good)} good parts allow to claim, at {CONFIDENCE:.0%} confidence, at most {upward(claim)} "
            "false rejects; an estimate, since none of them was held out when the bank was made. It claims nothing "
            "about misses."
        ),
    )


def false_reject(scores: ArrayLike, share: float, basis: Basis, confidence: float = CONFIDENCE) -> Threshold:
    """The lowest τ such that, with this confidence, at most `share` of good parts score above it.

    τ is an order statistic of the good scores: of n, the r-th smallest has at least 1 - q of all good parts below it
    with probability P(Binomial(n, 1 - q) < r) (S. S. Wilks, "Determination of sample sizes for setting tolerance
    limits", 1941). Where n is too small to claim q at any r, τ is the highest score, and the basis says what n allows.
    """
    good = _good(scores)
    count = len(good)
    rank = tolerance_rank(count, share, confidence)
    wanted = f"at most {_percent(share)} false rejects at {_percent(confidence, 0)} confidence"
    if rank is None:
        needed = math.ceil(math.log(1 - confidence) / math.log(1 - share))
        claim = (
            f"{wanted} needs {needed} good parts; there are {count}: at most "
            f"{upward(rejected_at_most(count, confidence))} is what can be claimed"
        )
    else:
        claim = f"{wanted} (tolerance bound, rank {rank})"
    source = {
        "held_out": f"{count} good parts that the bank was not fitted on",
        "leave_out": f"{count} good parts, each scored by the bank without its own patches: an estimate, since none of "
        "them was held out when the bank was made",
        "said_held_out": f"{count} good parts that are said to be held out: the recipe does not record what its bank "
        "was fitted on",
    }[basis]
    return Threshold(
        value=float(good[(rank or count) - 1]),
        rule="false_reject",
        basis=f"{claim}; from {source}. It claims nothing about misses.",
    )


def f1_max(scores: ArrayLike, labels: ArrayLike, seed: int = 0) -> Threshold:
    """The τ with the best F1 on all these pictures; the F1 that is stated comes from halves that did not choose it.

    labels: true for defective. Raises RecipeError when there are fewer than two good or two defective pictures.
    """
    values, truth = np.asarray(scores, np.float64), np.asarray(labels, bool)
    crossed = [_f1(values[other], truth[other], best_f1(values[half], truth[half])[1])
               for half, other in _halves(truth, seed)]  # fmt: skip
    best, threshold = best_f1(values, truth)
    return Threshold(
        value=threshold,
        rule="f1_max",
        basis=(
            f"best F1 on all {len(truth)} labelled pictures ({best:.3f} there, which claims nothing); chosen on one "
            f"half and measured on the other, both ways: {crossed[0]:.3f} and {crossed[1]:.3f} (halves drawn with seed "
            f"{seed})."
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """What being wrong costs, and how often parts are defective."""

    miss: float
    false_reject: float
    defective: float
    """Share of parts that are defective, 0 to 1."""

    def of(self, scores: NDArray[np.float64], labels: NDArray[np.bool_], threshold: float) -> float:
        """Expected cost a part at this threshold."""
        misses, rejects = (scores[labels] <= threshold).mean(), (scores[~labels] > threshold).mean()
        return float(self.miss * self.defective * misses + self.false_reject * (1 - self.defective) * rejects)


def least_cost(scores: ArrayLike, labels: ArrayLike, costs: Costs, seed: int = 0) -> Threshold:
    """The τ of least expected cost on all these pictures; the cost that is stated comes from the other halves."""
    values, truth = np.asarray(scores, np.float64), np.asarray(labels, bool)
    crossed = [costs.of(values[other], truth[other], _cheapest(values[half], truth[half], costs))
               for half, other in _halves(truth, seed)]  # fmt: skip
    threshold = _cheapest(values, truth, costs)
    return Threshold(
        value=threshold,
        rule="cost",
        basis=(
            f"least expected cost on all {len(truth)} labelled pictures, a miss at {costs.miss:g}, a false reject at "
            f"{costs.false_reject:g}, {costs.defective:.2%} of parts defective; chosen on one half and measured on the "
            f"other, both ways, it costs {crossed[0]:.4g} and {crossed[1]:.4g} a part (halves drawn with seed {seed})."
        ),
    )


def tolerance_rank(count: int, share: float, confidence: float = CONFIDENCE) -> int | None:
    """The lowest rank (1 is the smallest score) of `count` good scores above which, with this confidence, lies at most
    `share` of all good parts; None where even the highest score cannot claim it."""
    low, high = 1, count + 1  # the confidence rises with the rank
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if binomial_cdf(middle - 1, count, 1 - share) >= confidence else (middle + 1, high)
    return low if low <= count else None


def rejected_at_most(count: int, confidence: float = CONFIDENCE) -> float:
    """Largest share of good parts that may lie above the highest of `count` good scores, at this confidence.

    The one-sided tolerance bound of the largest order statistic: 1 - (1 - confidence)^(1 / count).
    """
    return 1 - math.pow(1 - confidence, 1 / count)


def upward(share: float) -> str:
    """A bound as a percentage with two decimals, rounded up: rounded down it would claim what does not hold."""
    return f"{math.ceil(round(share * 10_000, 6)) / 100:.2f}%"


def _more_of_many(good: NDArray[np.float64]) -> float:
    """By how much the highest of MANY is expected to be above the highest of these sorted scores."""
    median = float(np.median(good))
    above = good[good > median]
    if not len(above) or len(good) >= MANY:
        return 0.0
    return float((above - median).mean()) * sum(1 / n for n in range(len(good) + 1, MANY + 1))


def _percent(share: float, decimals: int = 2) -> str:
    """A share that was asked for as a percentage, with more decimals where these would change it."""
    words = f"{share:.{decimals}%}"
    return words if float(words[:-1]) / 100 == round(share, 12) else f"{share * 100:.10g}%"


def _good(scores: ArrayLike) -> NDArray[np.float64]:
    """Sorted; raises RecipeError where no threshold can be set on them."""
    good = np.sort(np.asarray(scores, np.float64))
    if not len(good) or not np.isfinite(good).all() or good[-1] <= 0:
        raise RecipeError(f"no threshold can be set on {len(good)} good scores, highest {good[-1:].tolist()}")
    return good


def _halves(labels: NDArray[np.bool_], seed: int) -> list[tuple[NDArray[np.int64], NDArray[np.int64]]]:
    """Two halves, good and defective ones shared alike, each once the chooser and once the judge."""
    if labels.sum() < 2 or (~labels).sum() < 2:
        raise RecipeError(
            f"choosing on one half and measuring on the other needs two good and two defective pictures; "
            f"there are {(~labels).sum()} and {labels.sum()}"
        )
    random = np.random.default_rng(seed)
    shuffled = [random.permutation(np.flatnonzero(labels == label)) for label in (False, True)]
    first = np.concatenate([group[: len(group) // 2] for group in shuffled])
    second = np.concatenate([group[len(group) // 2 :] for group in shuffled])
    return [(first, second), (second, first)]


def _f1(scores: NDArray[np.float64], labels: NDArray[np.bool_], threshold: float) -> float:
    called = scores > threshold
    return float(2 * (called & labels).sum() / (called.sum() + labels.sum()))


def _cheapest(scores: NDArray[np.float64], labels: NDArray[np.bool_], costs: Costs) -> float:
    """Half-way between the neighbouring scores where the cost is least; of equals the lowest, which misses least."""
    levels = np.unique(scores)
    between = np.concatenate(([levels[0] * 0.99], (levels[1:] + levels[:-1]) / 2, [levels[-1]]))
    return float(min(between, key=lambda level: costs.of(scores, labels, level)))
