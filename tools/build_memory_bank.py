"""Fit a recipe from a folder of good pictures.

python -m tools.build_memory_bank --data ../shared/data/mvtec_ad/bottle --out banks/bottle
python -m tools.build_memory_bank            # the bundled recording's teach/ part, to banks/flange
"""

import argparse
from pathlib import Path

from rich.console import Console

from inspector.console import progress_bars, say
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.weights import NAMES
from tools.command import parser, run
from tools.dataset import Pictures, good_pictures


def main() -> None:
    options = _arguments()
    pictures = Pictures(good_pictures(options.data))
    with progress_bars() as progress:
        fitted = fit(
            pictures,
            options.out,
            FitOptions(
                backbone=options.backbone,
                weights=options.weights,
                blocks=options.blocks,
                stride=options.stride,
                side=options.side,
                method=options.method,
                bank_size=options.size,
                min_defect_area=options.min_defect_area,
                any_size=options.any_size,
                seed=options.seed,
                threads=options.threads,
            ),
            progress,
        )
    recipe = fitted.recipe
    say(
        Console(),
        {
            "recipe": f"{recipe.id} in {recipe.folder}: {recipe.bank.size} vectors of {recipe.bank.dimension} "
            f"dimensions from {recipe.bank.pictures} good pictures ({recipe.bank.method})",
            "threshold": f"{recipe.threshold.value:.2f} by the rule {recipe.threshold.rule}: {recipe.threshold.basis}",
            "next": f"python -m tools.evaluate --data {options.data} --recipe {recipe.folder}",
        },
    )


def _arguments() -> argparse.Namespace:
    default = FitOptions()
    add = parser("tools.build_memory_bank", __doc__)
    add.add_argument("--data", type=Path, default=Path("recordings/flange"), help="MVTec layout, recording or folder")
    add.add_argument("--out", type=Path, help="folder of the recipe; default: banks/<name of the data>")
    add.add_argument("--backbone", default=default.backbone, metavar="NAME", help=", ".join(NAMES))
    add.add_argument("--weights", type=Path, metavar="PATH", help="a file of weights instead of the backbone's usual")
    add.add_argument("--blocks", type=_blocks, metavar="N,N", help="of the backbone, from 0; default: as usual for it")
    add.add_argument("--stride", type=int, metavar="PX", help="pixels of the input a patch; default likewise")
    add.add_argument("--side", type=int, metavar="PX", help="the input's area is this, squared; default likewise")
    add.add_argument("--method", default=default.method, choices=("kmeans", "kcenter", "random"))
    add.add_argument("--size", type=int, default=default.bank_size, metavar="N", help="vectors in the bank")
    add.add_argument("--min-defect-area", type=float, default=0.0, metavar="PX2", help="smaller defects pass")
    add.add_argument("--any-size", action="store_true", help="take pictures of different sizes")
    add.add_argument("--seed", type=int, default=default.seed)
    add.add_argument("--threads", type=int, default=0, help="CPU threads; 0: one per core")
    options = add.parse_args()
    for name in ("stride", "side"):
        if (value := getattr(options, name)) is not None and value < 1:
            add.error(f"--{name} is {value}; it must be at least 1")
    options.out = options.out or Path("banks", options.data.resolve().name)
    return options


def _blocks(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"is {text!r}; it must be whole numbers such as 1,2,3") from None


if __name__ == "__main__":
    run(main)
