"""Choose a recipe's threshold by a named rule, see what it may claim, and store it in the recipe.

    python -m tools.optimize_threshold --rule false_reject --share 0.01 --held-out more/good/parts
    python -m tools.optimize_threshold --rule f1_max --data ../shared/data/mvtec_ad/bottle --recipe banks/bottle
    python -m tools.optimize_threshold            # 1 % false rejects, for the configured recipe

Nothing changes in the recipe without --store. The report is one HTML file with the histogram, to be filed.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.console import Console

from inspector.config import load, override
from inspector.console import progress_bars, say
from inspector.errors import RecipeError
from inspector.scoring.calibrate import Costs, f1_max, false_reject, least_cost
from inspector.scoring.fit import Progress
from inspector.scoring.recipe import Recipe, Threshold, save_threshold
from inspector.scoring.scorer import Scorer, open_scorer
from tools.command import parser, run
from tools.dataset import GOOD, Sample, good_pictures, test_samples
from tools.measure import measure
from tools.threshold_report import write_report

RULES = ("false_reject", "f1_max", "cost")


def main() -> None:
    options = _arguments()
    config = load(options.config)
    if options.recipe is not None:
        config = override(config, recipe=str(options.recipe))
    scorer = open_scorer(config.scoring)
    with progress_bars() as progress:
        threshold, good, bad = _choose(options, scorer, progress)
    options.report.parent.mkdir(parents=True, exist_ok=True)
    write_report(options.report, scorer.recipe, threshold, good, bad)
    lines = {
        "rule": threshold.rule,
        "threshold": f"{threshold.value:.4f} (in force: {scorer.threshold:.4f}, by {scorer.recipe.threshold.rule})",
        "basis": threshold.basis,
        "report": str(options.report),
    }
    if options.store:
        changed = save_threshold(scorer.recipe, threshold)
        lines["stored"] = f"{changed.folder} is now recipe {changed.id} (was {scorer.recipe.id})"
    else:
        lines["not stored"] = "give --store to put it into the recipe"
    say(Console(), lines)


def _choose(
    options: argparse.Namespace, scorer: Scorer, progress: Progress
) -> tuple[Threshold, NDArray[np.float64], NDArray[np.float64]]:
    """The threshold, and the good and defective scores it was chosen from."""
    if options.rule == "false_reject":
        if options.held_out is None:
            good = _leave_out_scores(scorer.recipe)
            return false_reject(good, options.share, "leave_out"), good, np.empty(0)
        samples = [Sample(picture=path, kind=GOOD, mask=None) for path in good_pictures(options.held_out)]
        good = measure(scorer, samples, full=False, progress=progress).scores
        return false_reject(good, options.share, "held_out"), good, np.empty(0)
    samples = test_samples(options.data)
    labels = np.array([sample.defective for sample in samples])
    scores = measure(scorer, samples, full=False, progress=progress).scores
    if options.rule == "f1_max":
        threshold = f1_max(scores, labels)
    else:
        costs = Costs(miss=options.miss, false_reject=options.false_reject, defective=options.defective)
        threshold = least_cost(scores, labels, costs)
    return threshold, scores[~labels], scores[labels]


def _leave_out_scores(recipe: Recipe) -> NDArray[np.float64]:
    if "good_scores.npy" not in recipe.files:
        raise RecipeError(f"recipe {recipe.folder} holds no scores of its good parts; give --held-out DIR")
    return recipe.array("good_scores.npy").astype(np.float64)


def _arguments() -> argparse.Namespace:
    add = parser("tools.optimize_threshold", __doc__)
    add.add_argument("-c", "--config", type=Path, default=Path("config.yaml"))
    add.add_argument("--recipe", type=Path, help="instead of the configured one")
    add.add_argument("--rule", choices=RULES, default="false_reject")
    add.add_argument("--share", type=float, default=0.01, metavar="Q", help="false_reject: allowed share; default 0.01")
    add.add_argument("--held-out", type=Path, metavar="DIR", help="false_reject: good parts the bank was not fitted on")
    add.add_argument("--data", type=Path, default=Path("recordings/flange"), help="f1_max, cost: labelled pictures")
    add.add_argument("--miss", type=float, default=100.0, help="cost: of a bad part that passes; default 100")
    add.add_argument("--false-reject", type=float, default=1.0, help="cost: of a good part rejected; default 1")
    add.add_argument(
        "--defective", type=float, default=0.01, metavar="P", help="cost: share of bad parts; default 0.01"
    )
    add.add_argument("--report", type=Path, default=Path("out/threshold.html"), help="default: out/threshold.html")
    add.add_argument("--store", action="store_true", help="put the threshold into the recipe, as a new version of it")
    options = add.parse_args()
    for name, low, high in (("share", 0.0, 1.0), ("defective", 0.0, 1.0)):
        if not low < getattr(options, name) < high:
            add.error(f"--{name} is {getattr(options, name)}; it must lie between {low:g} and {high:g}")
    return options


if __name__ == "__main__":
    run(main)
