"""Choose a recipe's threshold by a named rule, see what it may claim, and store it in the recipe.

    python -m tools.optimize_threshold --rule false_reject --share 0.01 --held-out more/good/parts
    python -m tools.optimize_threshold --rule f1_max --data ../shared/data/mvtec_ad/bottle --recipe banks/bottle
    python -m tools.optimize_threshold --rule cost --miss 200 --false-reject 3 --defective 0.002
    python -m tools.optimize_threshold --rule cost --marks marks-line1.csv      # what operators said, from the viewer
    python -m tools.optimize_threshold            # 1 % false rejects, for the configured recipe

false_reject  from good parts alone: at most a share of good parts is rejected, with stated confidence. Held-out parts
              carry that claim; without --held-out the recipe's own leave-out scores give an estimate of it.
f1_max        from labelled pictures: the best F1, with the F1 of the half that did not choose it.
cost          from labelled pictures: the least expected cost of misses and false rejects.

Nothing changes in the recipe without --store. The report is one HTML file with charts, to be filed.
"""

import argparse
import math
import shlex
import sys
from pathlib import Path

from rich.console import Console

from inspector.config import load, override
from inspector.console import progress_bars, say
from inspector.scoring.recipe import save_threshold
from inspector.scoring.scorer import open_scorer
from tools.calibration import RULES, add_claim, calibrate, check_claim
from tools.command import make_room, parser, run, with_data, writing
from tools.report import counts_of
from tools.threshold_report import Filed, write_report


def main() -> None:
    options = _arguments()
    make_room(options.report)
    config = load(options.config)
    options.state = Path(config.station.state_folder, config.station.name)
    if options.recipe is not None:
        config = override(config, recipe=str(options.recipe))
    scorer = open_scorer(config.scoring)
    with progress_bars() as progress:
        chosen = calibrate(options, scorer, progress)
    threshold, before = chosen.threshold, scorer.recipe
    lines = {
        "rule": threshold.rule,
        "threshold": f"{threshold.value:.4f} (in force: {before.threshold.value:.4f}, by {before.threshold.rule})",
        "basis": threshold.basis,
        "on these": counts_of(chosen.good, chosen.bad, threshold.value),
        "report": str(options.report),
    }
    after = None
    if options.store:
        with writing(before.folder):
            after = save_threshold(before, threshold)
        lines["stored"] = f"{after.folder} is now recipe {after.id} (was {before.id})"
    else:
        lines["not stored"] = "give --store to put it into the recipe"
    command = shlex.join(["python", "-m", "tools.optimize_threshold", *sys.argv[1:]])
    filed = Filed(
        chosen=chosen, before=before, after=after, runtime=scorer.runtime, command=command, by=options.by or None
    )
    with writing(options.report):
        write_report(options.report, filed)
    say(Console(), lines)


def _arguments() -> argparse.Namespace:
    add = parser("tools.optimize_threshold", __doc__)
    add.add_argument(
        "-c", "--config", type=Path, default=Path("config.yaml"), metavar="FILE", help="default: config.yaml"
    )
    add.add_argument("--recipe", type=Path, metavar="DIR", help="instead of the configured one")
    add.add_argument("--rule", choices=RULES, default="false_reject", help="default: false_reject")
    claim = add.add_argument_group("false_reject")
    add_claim(claim.add_argument)
    claim.add_argument(
        "--held-out", type=Path, metavar="DIR", help="good parts; those the bank was fitted on are left out"
    )
    labelled = add.add_argument_group("f1_max and cost")
    with_data(labelled, "MVTec AD's layout or a recording")
    labelled.add_argument("--marks", type=Path, metavar="FILE", help="instead: marks exported from the viewer")
    costs = add.add_argument_group("cost", "in any currency, for one part")
    costs.add_argument("--miss", type=float, default=100.0, metavar="X", help="of a bad part that passes; default: 100")
    costs.add_argument(
        "--false-reject", type=float, default=1.0, metavar="X", help="of a good part rejected; default: 1"
    )
    costs.add_argument("--defective", type=float, default=0.01, metavar="P", help="share of bad parts; default: 0.01")
    add.add_argument(
        "--report", type=Path, default=Path("out/threshold.html"), metavar="FILE", help="default: %(default)s"
    )
    add.add_argument("--by", metavar="NAME", help="who calibrates, for the report")
    add.add_argument("--store", action="store_true", help="put the threshold into the recipe, as a new version of it")
    options = add.parse_args()
    check_claim(add, options)
    if options.marks and options.rule == "false_reject":
        add.error("--marks go with --rule f1_max or cost: false_reject is chosen from good parts that nobody selected")
    for name in ("miss", "false_reject"):
        if not (getattr(options, name) > 0 and math.isfinite(getattr(options, name))):
            add.error(f"--{name.replace('_', '-')} is {getattr(options, name)}; a cost must be above 0")
    return options


if __name__ == "__main__":
    run(main)
