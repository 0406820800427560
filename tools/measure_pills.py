"""Image AUROC of the presets on a folder of pills, fitted on some of the normal ones; to docs/pill_qc.md.

python -m tools.measure_pills --data ../shared/data/pill_qc

Of the normal pictures, in the order of their names, 100 are drawn by numpy's default_rng(0).permutation to fit from;
the others are the good ones of the test. Nothing is fitted on the defective ones. The presets are taken as they are;
beside them stands `accurate` without what it gains by on bottle, and pays for here.
"""

import argparse
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from inspector.config import ScoringConfig
from inspector.console import progress_bars
from inspector.errors import SourceError
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.metrics import auroc
from inspector.scoring.presets import PRESETS
from inspector.scoring.progress import Progress
from inspector.scoring.scorer import open_scorer
from tools.command import make_room, parser, run
from tools.dataset import GOOD, Pictures, Sample, good_pictures
from tools.machine import versions
from tools.measure import Measured, measure

FITTED: Final = 100
SEED: Final = 0
NORMAL: Final = "normal"
RECIPES: Final[Mapping[str, FitOptions]] = {
    **{f"`{name}`": recipe for name, recipe in PRESETS.items()},
    "`accurate`, no block of one length": replace(PRESETS["accurate"], one_length=()),
}
"""The presets, and one of them without what it gained by on bottle."""
ALLOWED: Final = 0.05
"""Share of the fitted normal pills that the stricter threshold rejects."""


def main() -> None:
    options = _arguments()
    make_room(options.out)
    with progress_bars() as progress:
        rows = [_row(name, recipe, options.data / "images", progress) for name, recipe in RECIPES.items()]
    text = "\n".join([*HEAD, *rows, "", f"{versions()}.", ""])
    options.out.write_text(text, encoding="utf-8")
    print("\n".join(rows))


HEAD: Final = (
    "# Pills",
    "",
    f"Written by `python -m tools.measure_pills`, not by hand. PillQC's pills, fitted on {FITTED} of the normal ones "
    f"(drawn by `numpy.random.default_rng({SEED}).permutation`); the other normal ones against the chipped and the "
    "dirty ones. There are no masks, so there is no AUPRO. The threshold that fitting gives lies above every normal "
    "pill fitted from, so the oddest of them sets it; beside it stands the one that rejects 5% of them, each scored "
    "without its own patches. Neither looks at a defect: `python -m tools.optimize_threshold --rule cost` does.",
    "",
    "| recipe | part located | image AUROC | chipped alone | dirty alone | normal rejected | defective passed "
    "| at 5%: normal rejected | defective passed |",
    f"|{'---|' * 9}",
)


def split(paths: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    """The pictures to fit from and the rest, each in the order of their names. Raises SourceError for too few."""
    if len(paths) <= FITTED:
        raise SourceError(f"too few normal pictures to fit from {FITTED} and test on others: {len(paths)}")
    drawn = set(np.random.default_rng(SEED).permutation(len(paths))[:FITTED].tolist())
    return [path for n, path in enumerate(paths) if n in drawn], [
        path for n, path in enumerate(paths) if n not in drawn
    ]


def _row(name: str, options: FitOptions, images: Path, progress: Progress) -> str:
    fitted, rest = split(good_pictures(images / NORMAL))
    samples = [Sample(picture=path, kind=GOOD, mask=None) for path in rest]
    for kind in ("chip", "dirt"):
        samples += [Sample(picture=path, kind=kind, mask=None) for path in good_pictures(images / kind)]
    with tempfile.TemporaryDirectory() as folder:
        made = fit(Pictures(fitted), Path(folder, "recipe"), options, progress)
        recipe = made.recipe
        scorer = open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu"))
        found = measure(scorer, samples, False, progress)
    kinds = np.array([sample.kind for sample in samples])
    alone = [np.isin(kinds, [GOOD, kind]) for kind in ("chip", "dirt")]
    chipped, dirty = (auroc(found.scores[some], found.labels[some]) for some in alone)
    stricter = float(np.quantile(made.scores, 1 - ALLOWED, method="inverted_cdf"))
    outcomes = " | ".join(_outcomes(found, threshold) for threshold in (scorer.threshold, stricter))
    return (
        f"| {name} | {'no' if recipe.locator is None else 'yes'} | {auroc(found.scores, found.labels):.4f} "
        f"| {chipped:.4f} | {dirty:.4f} | {outcomes} |"
    )


def _outcomes(found: Measured, threshold: float) -> str:
    """Normal pills rejected, and defective ones passed."""
    failed, defective = found.scores > threshold, found.labels
    return f"{(failed & ~defective).sum()} of {(~defective).sum()} | {(~failed & defective).sum()} of {defective.sum()}"


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_pills", __doc__)
    data, out = Path("../shared/data/pill_qc"), Path("docs/pill_qc.md")
    add.add_argument("--data", type=Path, default=data, metavar="DIR", help="default: %(default)s")
    add.add_argument("--out", type=Path, default=out, metavar="FILE", help="default: %(default)s")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
