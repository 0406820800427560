"""How long fitting takes, stage by stage, in how much memory, and what each way of subsampling gives; prints JSON.

python -m tools.measure_fitting bottle     # the default bank from every patch of the 209 good bottles at 320²
python -m tools.measure_fitting stream     # 5,000 good pictures, made from the bottles by small jitters
python -m tools.measure_fitting methods    # the ways of subsampling: AUPRO, rare good patterns, time

What is printed is kept in docs/fitting.json, from which docs/fitting.md is written.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, get_args

import cv2
import numpy as np

from inspector.config import ScoringConfig
from inspector.console import progress_bars
from inspector.messages import Image
from inspector.scoring.bank import Method
from inspector.scoring.fit import FitOptions, Fitted, fit
from inspector.scoring.metrics import auroc
from inspector.scoring.pixel_metrics import aupro
from inspector.scoring.presets import PRESETS
from inspector.scoring.progress import Progress
from inspector.scoring.scorer import Scorer, open_scorer
from tools.command import parser, run
from tools.dataset import Pictures, good_pictures, load_picture, test_samples
from tools.fitting_page import AFTER, page
from tools.machine import Meter, processor, versions
from tools.made import Jittered, Marked, marked, some
from tools.measure import measure, part_of

PAGE: Final = Path("docs/fitting.md")
EVERY_PATCH: Final = FitOptions(side=320, patches_per_picture=40 * 40)
RARE: Final = 0.03
"""Share of the good parts that carry the printed dot."""
MANY: Final = 5000
GOAL_S: Final = 20.0
SEED: Final = 0


class Stages:
    """A Progress that knows how long each stage took; what comes before the first and after the last has a name too."""

    def __init__(self, beside: Progress) -> None:
        self._beside = beside
        self._now = "locator"
        self._since = time.perf_counter()
        self.seconds: dict[str, float] = {}

    def __call__(self, what: str, done: int, whole: int) -> None:
        if what != self._now:
            self._next(what)
        self._beside(what, done, whole)
        if what == "good scores" and done == whole:
            self._next("health, files")

    def end(self) -> dict[str, float]:
        self._next("")
        return {name: round(seconds, 1) for name, seconds in self.seconds.items() if name}

    def _next(self, what: str) -> None:
        now = time.perf_counter()
        self.seconds[self._now] = self.seconds.get(self._now, 0.0) + now - self._since
        self._now, self._since = what, now


def main() -> None:
    options = _arguments()
    begun, meter = time.perf_counter(), Meter()
    with progress_bars() as progress:
        found = {"bottle": _bottle, "stream": _stream, "methods": _methods}[options.what](options, progress)
    found |= {
        "seconds": round(time.perf_counter() - begun, 1),
        "processor_used_by_others": meter.others(),
        "machine": processor(),
        "versions": versions(),
    }
    print(json.dumps(found, indent=2))
    kept = options.out.with_suffix(".json")
    known = json.loads(kept.read_text(encoding="utf-8")) if kept.exists() else {}
    known[options.what] = found
    kept.write_text(json.dumps(known, indent=2) + "\n", encoding="utf-8")
    options.out.write_text(page(known), encoding="utf-8")


def _bottle(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    found = _fitted(Pictures(good_pictures(options.data)), replace(EVERY_PATCH, threads=options.threads), progress)
    after = round(sum(found["stages_s"].get(name, 0.0) for name in AFTER), 1)
    return {**found, "goals": [{"goal": f"seconds after the features <= {GOAL_S:g}", "figure": after,
                                "met": after <= GOAL_S}]}  # fmt: skip


def _stream(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    halved = [cv2.resize(load_picture(path), None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA) for path in
              good_pictures(options.data)]  # fmt: skip
    pictures = Jittered([np.asarray(picture, np.uint8) for picture in halved], options.count, SEED)
    return _fitted(pictures, replace(PRESETS["fast"], threads=options.threads), progress)


def _fitted(pictures: Sequence[Image], recipe: FitOptions, progress: Progress) -> dict[str, Any]:
    """Seconds of each stage of a fit, the recipe's hash, and the most memory that this process ever had."""
    stages = Stages(progress)
    with tempfile.TemporaryDirectory() as folder:
        fitted = fit(pictures, Path(folder, "recipe"), recipe, stages)
    bank = fitted.recipe.bank
    return {
        "pictures": bank.pictures,
        "patches": bank.patches,
        "bank": bank.size,
        "dimension": bank.dimension,
        "recipe": fitted.recipe.id,
        "stages_s": stages.end(),
        "peak_rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _methods(options: argparse.Namespace, progress: Progress) -> dict[str, Any]:
    good = Pictures(good_pictures(options.data))
    rare = Marked(good, some(len(good), RARE, SEED), SEED)
    recipe = replace(PRESETS["fast"], threads=options.threads)
    rows: dict[str, dict[str, float]] = {}
    for method in get_args(Method):
        rows[method] = {}
        with tempfile.TemporaryDirectory() as folder:
            stages = Stages(progress)
            fitted = fit(good, Path(folder, "recipe"), replace(recipe, method=method), stages)
            found = measure(_opened(fitted, options.threads), test_samples(options.data), False, progress)
            rows[method]["bank_s"] = stages.end()["memory bank"]
            rows[method]["aupro"] = aupro(found.maps, found.masks)
            rows[method]["image_auroc"] = auroc(found.scores, found.labels)
            fitted = fit(rare, Path(folder, "rare"), replace(recipe, method=method), progress)
            rows[method] |= _rare_figures(_opened(fitted, options.threads), options.data)
    return {"rare": len(some(len(good), RARE, SEED)), "pictures": len(good), "methods": rows}


def _rare_figures(scorer: Scorer, data: Path) -> dict[str, float]:
    """Image AUROC of the defective pictures against the good ones, plain and with the dot, and against those alone."""
    plain: list[float] = []
    dotted: list[float] = []
    bad: list[float] = []
    for n, sample in enumerate(test_samples(data)):
        picture = load_picture(sample.picture)
        (bad if sample.defective else plain).append(scorer.score(part_of(picture, n + 1, sample.name)).score)
        if not sample.defective:
            dotted.append(scorer.score(part_of(marked(picture, [SEED + 1, n]), n + 1, sample.name)).score)
    return {
        "rare_auroc": _auroc([*plain, *dotted], bad),
        "rare_alone_auroc": _auroc(dotted, bad),
        "rare_above_threshold": sum(score > scorer.threshold for score in dotted) / len(dotted),
    }


def _auroc(good: Sequence[float], bad: Sequence[float]) -> float:
    return auroc([*good, *bad], [False] * len(good) + [True] * len(bad))


def _opened(fitted: Fitted, threads: int) -> Scorer:
    return open_scorer(ScoringConfig(recipe=str(fitted.recipe.folder), device="cpu", threads=threads))


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_fitting", __doc__)
    data = Path("../shared/data/mvtec_ad/bottle")
    add.add_argument("what", choices=("bottle", "stream", "methods"))
    add.add_argument("--data", type=Path, default=data, metavar="DIR", help="MVTec AD's layout; default: %(default)s")
    add.add_argument("--out", type=Path, default=PAGE, metavar="FILE", help="default: %(default)s")
    add.add_argument(
        "--count", type=int, default=MANY, metavar="N", help="pictures of the stream; default: %(default)s"
    )
    add.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads; 0: one per core")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
