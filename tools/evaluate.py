"""Measure a recipe on labelled pictures.

python -m tools.evaluate --data ../shared/data/mvtec_ad/bottle --recipe banks/bottle --json out/bottle.json
python -m tools.evaluate            # the configured recipe on the bundled recording
"""

import argparse
from pathlib import Path

from inspector.config import load, override
from inspector.scoring.scorer import open_scorer
from tools.command import parser, run
from tools.report import About, add_outputs, report


def main() -> None:
    options = _arguments()
    config = load(options.config)
    if options.recipe is not None:
        config = override(config, recipe=str(options.recipe))
    scorer = open_scorer(config.scoring)
    recipe = scorer.recipe
    about = About(
        method=f"patch, {recipe.bank.method}",
        backbone=recipe.features.backbone,
        input_size=recipe.features.input_size,
        bank_size=recipe.bank.size,
        basis=recipe.threshold.basis,
        fitted_on=recipe.fitted_on(),
    )
    report(scorer, about, options)


def _arguments() -> argparse.Namespace:
    add = parser("tools.evaluate", __doc__)
    add.add_argument(
        "-c", "--config", type=Path, default=Path("config.yaml"), metavar="FILE", help="default: config.yaml"
    )
    add.add_argument("--recipe", type=Path, metavar="DIR", help="instead of the configured one")
    add_outputs(add)
    return add.parse_args()


if __name__ == "__main__":
    run(main)
