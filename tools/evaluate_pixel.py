"""Measure an autoencoder on labelled pictures, as tools.evaluate does a recipe.

python -m tools.evaluate_pixel --data ../shared/data/mvtec_ad/bottle --json out/bottle-autoencoder.json
python -m tools.evaluate_pixel            # what tools.train_pixel made from the bundled recording
"""

import argparse
from pathlib import Path

from inspector.baselines.autoencoder import load_autoencoder
from tools.command import parser, run
from tools.report import About, add_outputs, report
from tools.train_pixel import weights_path


def main() -> None:
    options = _arguments()
    autoencoder = load_autoencoder(options.weights)
    shape, input_size = autoencoder.settings.shape, autoencoder.settings.input_size
    kind = "variational autoencoder" if shape.variational else "autoencoder"
    report(autoencoder, About(method=kind, backbone=None, input_size=input_size, bank_size=None), options)


def _arguments() -> argparse.Namespace:
    add = parser("tools.evaluate_pixel", __doc__)
    add.add_argument("--weights", type=Path, metavar="FILE", help=f"default: {weights_path(Path('NAME'), False)}")
    add_outputs(add)
    options = add.parse_args()
    options.weights = options.weights or weights_path(options.data, variational=False)
    return options


if __name__ == "__main__":
    run(main)
