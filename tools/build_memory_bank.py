"""Fit a recipe from a folder of good pictures.

    python -m tools.build_memory_bank --data ../shared/data/mvtec_ad/bottle --out banks/bottle
    python -m tools.build_memory_bank --data my/good/parts --hold-out 60 --share 0.05
    python -m tools.build_memory_bank --preset accurate --data ../shared/data/mvtec_ad/bottle --out banks/bottle
    python -m tools.build_memory_bank            # the bundled recording's teach/ part, to banks/flange

The threshold is the highest score of any good part, each scored by the bank without its own patches; with --hold-out it
is set by good parts that were kept from the bank, and claims what tools.optimize_threshold's rule false_reject claims.
"""

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, get_args

import numpy as np
from rich.console import Console

from inspector.config import ScoringConfig
from inspector.console import progress_bars, say
from inspector.errors import ConfigError, SourceError
from inspector.scoring.bank import Method
from inspector.scoring.contact_sheet import contact_sheet, jpeg
from inspector.scoring.examine import checks, norm_of
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.presets import PRESETS
from inspector.scoring.recipe import save_threshold
from inspector.scoring.scorer import open_scorer
from inspector.scoring.weights import NAMES
from tools.calibration import add_claim, check_claim, from_held_out
from tools.command import make_room, parser, rectangle, run, with_data, writing
from tools.dataset import Pictures, good_pictures, load_picture

HIGHEST_SEED: Final = 2**31 - 1
"""FAISS takes no higher one."""


def main() -> None:
    options = _arguments()
    make_room(options.out)
    if options.out.exists() and not (options.out / "recipe.json").exists() and _holds_something(options.out):
        raise ConfigError(f"--out {options.out} exists and is not a recipe; choose another folder")
    learnt, held_out = _parted(good_pictures(options.data), options.hold_out, options.seed)
    pictures = Pictures(learnt, one_size=not options.any_size)
    shown = [_part_of(path) for path in learnt] if options.views else None
    with progress_bars() as progress, writing(options.out):
        fitted = fit(pictures, options.out, _fit_options(options), progress, shown)
        recipe = fitted.recipe
        if held_out:
            scorer = open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu", threads=options.threads))
            chosen = from_held_out(held_out, scorer, options.share, options.confidence, progress)
            recipe = save_threshold(recipe, chosen.threshold)
    sheet = options.out.with_name(options.out.name + "-parts.jpg")
    with writing(sheet):
        sheet.write_bytes(jpeg(contact_sheet(pictures, fitted.scores, shown)))
    say(
        Console(),
        {
            "recipe": f"{recipe.id} in {recipe.folder}: {recipe.bank.size} vectors of {recipe.bank.dimension} "
            f"dimensions from {recipe.taught_from} ({recipe.bank.method})",
            "parts": fitted.locating,
            "threshold": f"{recipe.threshold.value:.2f} by the rule {recipe.threshold.rule}: {recipe.threshold.basis}",
            "health": f"looks at {checks(norm_of(recipe))}",
            "look at": f"{sheet}, the most unusual parts first; is each of them good?",
            "next": f"python -m tools.evaluate --data {options.data} --recipe {recipe.folder}"
            if (options.data / "test").is_dir() or (options.data / "inspect").is_dir()
            else f"inspector run --recipe {recipe.folder}",
        },
    )


def _part_of(path: Path) -> int:
    """The number of the part that a picture of tools.cut_parts shows. Raises SourceError for another name."""
    number = path.name.split("-")[0]
    if not number.isdecimal():
        raise SourceError(f"--views takes the pictures of tools.cut_parts --views, named 0001-…; there is {path}")
    return int(number)


def _holds_something(path: Path) -> bool:
    return not path.is_dir() or any(path.iterdir())


def _parted(pictures: Sequence[Path], hold_out: int, seed: int) -> tuple[list[Path], list[Path]]:
    """Those to fit from, and so many at random that are kept from it."""
    if hold_out >= len(pictures):
        raise SourceError(f"--hold-out is {hold_out}, but there are only {len(pictures)} good pictures")
    kept = set(np.random.default_rng(seed).permutation(len(pictures))[:hold_out].tolist())
    return (
        [path for n, path in enumerate(pictures) if n not in kept],
        [path for n, path in enumerate(pictures) if n in kept],
    )


def _fit_options(options: argparse.Namespace) -> FitOptions:
    """The preset's, but for what is given."""
    given = {
        "backbone": options.backbone,
        "weights": options.weights,
        "blocks": options.blocks,
        "stride": options.stride,
        "side": options.side,
        "method": options.method,
        "bank_size": options.size,
    }
    return replace(
        PRESETS[options.preset],
        region=options.region,
        ignore=None if options.ignore is None else load_picture(options.ignore).max(axis=2) > 127,
        locate=options.locate,
        min_defect_area=options.min_defect_area,
        any_size=options.any_size,
        seed=options.seed,
        threads=options.threads,
        **{name: value for name, value in given.items() if value is not None},
    )


def _arguments() -> argparse.Namespace:
    add = parser("tools.build_memory_bank", __doc__)
    with_data(add)
    add.add_argument("--out", type=Path, metavar="DIR", help="the recipe; default: banks/<name of the data>")
    add.add_argument(
        "--hold-out", type=int, default=0, metavar="N", help="good pictures kept from the bank, to set the threshold by"
    )
    add.add_argument("--views", action="store_true", help="pictures of tools.cut_parts --views: several of each part")
    add_claim(add.add_argument)
    add.add_argument(
        "--preset",
        default="fast",
        choices=sorted(PRESETS),
        help="as much as fits 12 ms (fast) or 40 ms (accurate) on two cores; default: %(default)s",
    )
    add.add_argument("--backbone", metavar="NAME", help=f"instead of the preset's: {', '.join(NAMES)}")
    add.add_argument("--weights", type=Path, metavar="PATH", help="a file of weights instead of the backbone's usual")
    add.add_argument("--blocks", type=_blocks, metavar="N,N", help="of the backbone, from 0; default: as usual for it")
    add.add_argument("--stride", type=int, metavar="PX", help="pixels of the input a patch; default likewise")
    add.add_argument("--side", type=int, metavar="PX", help="the input's area is this, squared; default likewise")
    add.add_argument("--region", type=rectangle, metavar="X,Y,W,H", help="judge only this part of the picture")
    add.add_argument("--ignore", type=Path, metavar="MASK", help="picture; what is white in it rejects no part")
    add.add_argument(
        "--method",
        choices=get_args(Method),
        help="of subsampling; default: both, k-means from k-center's choice; kcenter for located parts",
    )
    add.add_argument("--size", type=int, metavar="N", help="vectors in the bank; default: the preset's")
    pose = add.add_mutually_exclusive_group()
    pose.add_argument(
        "--locate", action="store_true", default=None, help="turn parts to one pose, whatever the pictures say of it"
    )
    pose.add_argument("--as-it-lies", action="store_false", default=None, dest="locate", help="never turn them")
    add.add_argument("--min-defect-area", type=float, default=0.0, metavar="PX2", help="smaller defects pass")
    add.add_argument("--any-size", action="store_true", help="take pictures of different sizes")
    add.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is drawn; default: 0")
    add.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads; 0: one per core")
    options = add.parse_args()
    check_claim(add, options)
    if options.views and options.hold_out:
        add.error("--hold-out takes pictures, not parts: not with --views")
    for name, lowest in (("stride", 1), ("side", 1), ("size", 1), ("hold-out", 0), ("seed", 0), ("threads", 0)):
        if (value := getattr(options, name.replace("-", "_"))) is not None and value < lowest:
            add.error(f"--{name} is {value}; it must be at least {lowest}")
    if options.seed > HIGHEST_SEED:
        add.error(f"--seed is {options.seed}; it must be at most {HIGHEST_SEED}")
    options.out = options.out or Path("banks", options.data.resolve().name)
    return options


def _blocks(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"is {text!r}; it must be whole numbers such as 1,2,3") from None


if __name__ == "__main__":
    run(main)
