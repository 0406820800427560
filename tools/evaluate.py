"""Measure a recipe on labelled pictures.

python -m tools.evaluate --data ../shared/data/mvtec_ad/bottle --recipe banks/bottle --json out/bottle.json
python -m tools.evaluate            # the configured recipe on the bundled recording
"""

import argparse
import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from inspector.config import load, override
from inspector.console import progress_bars, say
from inspector.scoring.metrics import f1_max
from inspector.scoring.scorer import open_scorer
from tools.command import parser, run
from tools.dataset import test_samples
from tools.intervals import Interval, clopper_pearson
from tools.maps import write_maps
from tools.measure import Measured, figures, measure

NAMES = {
    "image_auroc": "image AUROC",
    "pixel_auroc": "pixel AUROC",
    "aupro": "AUPRO (per region, to FPR 0.3)",
    "partial_pixel_auroc": "partial pixel AUROC (to FPR 0.3)",
    "f1_max": "F1-max",
}


def main() -> None:
    options = _arguments()
    config = load(options.config)
    if options.recipe is not None:
        config = override(config, recipe=str(options.recipe))
    samples = test_samples(options.data)
    scorer = open_scorer(config.scoring)
    with progress_bars() as progress:
        measured = measure(scorer, samples, options.full, progress)
        progress("intervals", 0, 1)
        found = figures(measured)
        progress("intervals", 1, 1)
    rates = _rates(measured, scorer.threshold)
    _show(found, rates, measured, scorer.threshold)
    if options.json is not None:
        recipe = scorer.recipe
        document = {
            **{name: None if figure is None else asdict(figure) for name, figure in found.items()},
            "threshold": scorer.threshold,
            **{name: None if rate is None else asdict(rate) for name, rate in rates.items()},
            "method": f"patch, {recipe.bank.method}",
            "recipe": recipe.id,
            "backbone": recipe.features.backbone,
            "input_size": recipe.features.input_size,
            "bank_size": recipe.bank.size,
            "ms_per_picture": float(np.median(measured.milliseconds)),
            "runtime": scorer.runtime,
            "pictures": {"good": int((~measured.labels).sum()), "defective": int(measured.labels.sum())},
        }
        _make_room(options.json)
        options.json.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    if options.raw is not None:
        _make_room(options.raw)
        np.savez_compressed(
            options.raw, scores=measured.scores, labels=measured.labels, maps=measured.maps, masks=measured.masks
        )
    if options.maps is not None:
        write_maps(options.maps, samples, measured, scorer.threshold)
        say(Console(), {"look at": f"{options.maps / 'worst.jpg'} and the pictures beside it"})


def _rates(measured: Measured, threshold: float) -> dict[str, Interval | None]:
    """How often the recipe's threshold is wrong, with exact 95 % bounds."""
    failed = measured.scores > threshold
    good, bad = ~measured.labels, measured.labels
    return {
        "false_rejects": clopper_pearson(int(failed[good].sum()), int(good.sum())) if good.any() else None,
        "misses": clopper_pearson(int((~failed[bad]).sum()), int(bad.sum())) if bad.any() else None,
    }


def _show(
    found: dict[str, Interval | None], rates: dict[str, Interval | None], measured: Measured, threshold: float
) -> None:
    table = Table("figure", "value", "95 % interval", title_justify="left")
    for name, figure in found.items():
        if figure is None:
            table.add_row(NAMES[name], "–", "needs good and defective pictures (with masks, for pixel figures)")
        else:
            table.add_row(NAMES[name], f"{figure.value:.4f}", f"{figure.low:.4f} to {figure.high:.4f}")
    for name, rate in rates.items():
        if rate is not None:
            words = f"{name.replace('_', ' ')} at τ = {threshold:.2f}"
            table.add_row(words, f"{rate.value:.1%}", f"{rate.low:.1%} to {rate.high:.1%} (Clopper–Pearson)")
    table.add_row("milliseconds a picture (median)", f"{np.median(measured.milliseconds):.1f}", "")
    Console().print(table)
    if found["f1_max"] is not None:
        best = f1_max(measured.scores, measured.labels)[1]
        say(
            Console(),
            {"note": f"F1-max is reached at τ = {best:.2f}, chosen on these pictures: no claim for others"},
        )


def _make_room(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)


def _arguments() -> argparse.Namespace:
    add = parser("tools.evaluate", __doc__)
    add.add_argument("-c", "--config", type=Path, default=Path("config.yaml"))
    add.add_argument("--data", type=Path, default=Path("recordings/flange"), help="MVTec AD layout or a recording")
    add.add_argument("--recipe", type=Path, help="instead of the configured one")
    add.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    add.add_argument("--raw", type=Path, metavar="FILE.npz", help="write scores, labels, maps and masks")
    add.add_argument("--maps", type=Path, metavar="DIR", help="write part, mask and heat map of each picture")
    add.add_argument("--full", action="store_true", help="pixel figures at the pictures' own size, not 256 × 256")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
