"""How hard a recording is: image AUROC of simple methods and of patch scoring on it.

python -m tools.measure_recording                               # the bundled one
"""

import argparse
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from inspector.baselines.global_feature import global_feature
from inspector.baselines.mean_difference import MeanDifference
from inspector.config import ScoringConfig
from inspector.console import progress_bars
from inspector.messages import Image
from inspector.scoring.fit import FitOptions, feature_spec, fit
from inspector.scoring.metrics import auroc
from inspector.scoring.progress import Progress
from inspector.scoring.scorer import open_scorer
from tools.command import parser, run
from tools.dataset import Pictures, Sample, good_pictures, test_samples
from tools.measure import measure


def main() -> None:
    options = _arguments()
    samples = test_samples(options.data)
    labels = [sample.defective for sample in samples]
    with progress_bars() as progress:
        good = Pictures(good_pictures(options.data))
        mean = MeanDifference(good)
        height, width = good[0].shape[:2]
        last_block = feature_spec(FitOptions(blocks=(4,)), (width, height))
        feature = global_feature(good, last_block, 0, progress)
        rows: dict[str, Sequence[float]] = {
            "difference to the mean good picture, averaged": _scores(mean.average, samples, progress),
            "difference to the mean good picture, highest": _scores(mean.highest, samples, progress),
            "global feature, nearest good one": list(measure(feature, samples, full=False, progress=progress).scores),
            "patch scoring": _patch_scores(good, samples, progress),
        }
    table = Table(
        "method", "image AUROC", title=f"{options.data}: {len(labels) - sum(labels)} good, {sum(labels)} defective"
    )
    for name, scores in rows.items():
        table.add_row(name, f"{auroc(scores, labels):.4f}")
    Console().print(table)


def _scores(score: Callable[[Image], float], samples: Sequence[Sample], progress: Progress) -> list[float]:
    pictures = Pictures([sample.picture for sample in samples])
    scores = []
    for n, picture in enumerate(pictures):
        progress("simple methods", n + 1, len(pictures))
        scores.append(score(picture))
    return scores


def _patch_scores(good: Pictures, samples: Sequence[Sample], progress: Progress) -> Sequence[float]:
    with tempfile.TemporaryDirectory() as folder:
        recipe = fit(good, Path(folder, "recipe"), FitOptions(), progress).recipe
        scorer = open_scorer(ScoringConfig(recipe=str(recipe.folder)))
        return list(measure(scorer, samples, full=False, progress=progress).scores)


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_recording", __doc__)
    add.add_argument("--data", type=Path, default=Path("recordings/flange"), help="default: recordings/flange")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
