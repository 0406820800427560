"""Choosing a threshold for a recipe from pictures, by the rules of inspector.scoring.calibrate."""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError, SourceError
from inspector.scoring.calibrate import CONFIDENCE, Costs, f1_max, false_reject, least_cost
from inspector.scoring.progress import Progress
from inspector.scoring.recipe import Recipe, Threshold, picture_digest
from inspector.scoring.scorer import Scorer
from tools.dataset import GOOD, Sample, good_pictures, load_picture, test_samples
from tools.marks import read_marks, same_bank
from tools.measure import Measured, measure
from tools.provenance import pictures_basis

RULES = ("false_reject", "f1_max", "cost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A threshold, and what it was chosen from."""

    threshold: Threshold
    good: NDArray[np.float64]
    bad: NDArray[np.float64]
    """Scores; none for a rule that needs good parts only."""
    source: str
    """Where they come from, in words."""
    samples: Sequence[Sample]
    measured: Measured | None
    """The pictures behind the scores, where there are any."""
    costs: Costs | None = None
    """What the rule cost went by."""


def calibrate(options: argparse.Namespace, scorer: Scorer, progress: Progress) -> Calibration:
    """Choose by the rule that the options of tools.optimize_threshold ask for. Raises InspectorError where it can't."""
    if options.rule != "false_reject":
        return _from_marks(options, scorer) if options.marks else _from_labelled(options, scorer, progress)
    if options.held_out is not None:
        return from_held_out(good_pictures(options.held_out), scorer, options.share, options.confidence, progress)
    good = _leave_out_scores(scorer.recipe)
    return Calibration(
        threshold=false_reject(good, options.share, "leave_out", options.confidence),
        good=good,
        bad=np.empty(0),
        source=f"the recipe's own {len(good)} good pictures, each scored by the bank without its own patches",
        samples=(),
        measured=None,
    )


def from_held_out(
    pictures: Sequence[Path], scorer: Scorer, share: float, confidence: float, progress: Progress
) -> Calibration:
    """By the rule false_reject, from those of the good pictures that the recipe's bank was not fitted on.

    Raises SourceError where it was fitted on all of them: their scores are of the bank's own pictures.
    """
    known = scorer.recipe.fitted_on()
    held_out = []
    for n, path in enumerate(pictures):
        progress("held-out parts", n, len(pictures))
        if known is None or picture_digest(load_picture(path)) not in known:
            held_out.append(path)
    progress("held-out parts", len(pictures), len(pictures))
    folder = pictures[0].parent
    if not held_out:
        raise SourceError(
            f"all {len(pictures)} good pictures in {folder} are among those that recipe {scorer.recipe.id} was fitted "
            "on, so none is held out; give others, or fit with: python -m tools.build_memory_bank --hold-out N"
        )
    samples = [Sample(picture=path, kind=GOOD, mask=None) for path in held_out]
    measured = measure(scorer, samples, full=False, progress=progress)
    left = len(pictures) - len(held_out)
    return Calibration(
        threshold=false_reject(measured.scores, share, "said_held_out" if known is None else "held_out", confidence),
        good=measured.scores,
        bad=np.empty(0),
        source=f"{len(held_out)} good pictures in {folder}"
        + (f"; {left} others there are left out, since the bank was fitted on them" if left else ""),
        samples=samples,
        measured=measured,
    )


def _from_labelled(options: argparse.Namespace, scorer: Scorer, progress: Progress) -> Calibration:
    samples = test_samples(options.data)
    labels = np.array([sample.defective for sample in samples])
    measured = measure(scorer, samples, full=False, progress=progress)
    costs = None
    if options.rule == "f1_max":
        threshold = f1_max(measured.scores, labels)
    else:
        costs = Costs(miss=options.miss, false_reject=options.false_reject, defective=options.defective)
        threshold = least_cost(measured.scores, labels, costs)
    basis = f"{threshold.basis} {pictures_basis(str(options.data), measured.digests)}"
    return Calibration(
        threshold=replace(threshold, basis=basis),
        good=measured.scores[~labels],
        bad=measured.scores[labels],
        source=f"{len(samples)} labelled pictures in {options.data}",
        samples=samples,
        measured=measured,
        costs=costs,
    )


def _from_marks(options: argparse.Namespace, scorer: Scorer) -> Calibration:
    marked = read_marks(options.marks, same_bank(scorer.recipe, options.state))
    own = _leave_out_scores(scorer.recipe)
    good, bad = np.concatenate((own, marked.false_rejects)), marked.confirmed
    scores, labels = np.concatenate((good, bad)), np.arange(len(good) + len(bad)) >= len(good)
    costs = None
    if options.rule == "f1_max":
        threshold = f1_max(scores, labels)
    else:
        costs = Costs(miss=options.miss, false_reject=options.false_reject, defective=options.defective)
        threshold = least_cost(scores, labels, costs)
    source = (
        f"{len(marked.false_rejects)} false rejects and {len(bad)} confirmed defects marked at the line "
        f"({options.marks.name}), and the recipe's own {len(own)} good pictures, each scored by the bank without its "
        "own patches"
        + (f"; {marked.left_out} marks of parts that another bank scored are left out" if marked.left_out else "")
    )
    basis = (
        f"{threshold.basis} From {source}. False rejects are the worst of many good parts, so good parts above the "
        "threshold are fewer at the line than here."
    )
    return Calibration(
        threshold=replace(threshold, basis=basis),
        good=good,
        bad=bad,
        source=source,
        samples=(),
        measured=None,
        costs=costs,
    )


def _leave_out_scores(recipe: Recipe) -> NDArray[np.float64]:
    if "good_scores.npy" not in recipe.files:
        raise RecipeError(f"recipe {recipe.folder} holds no scores of its good parts; give --held-out DIR")
    return recipe.array("good_scores.npy").astype(np.float64)


def add_claim(add_argument: Callable[..., Any]) -> None:
    """The arguments of the rule false_reject, --share and --confidence, to a parser or a group of one."""
    add_argument(
        "--share", type=float, default=0.01, metavar="Q", help="of good parts that may be rejected; default: 0.01"
    )
    add_argument(
        "--confidence", type=float, default=CONFIDENCE, metavar="C", help="that no more are rejected; default: 0.95"
    )


def check_claim(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with a clear error where the options hold a share or a confidence that is none."""
    for name in ("share", "confidence", "defective"):
        value = getattr(options, name, 0.5)
        if not 0 < value < 1:
            parser.error(f"--{name} is {value}; it must lie between 0 and 1")
