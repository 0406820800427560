"""What each choice in the presets is worth: AUPRO and time of recipes that differ in one thing, to docs/levers.md.

python -m tools.levers                        # the rows that are not measured yet, the most important first
python -m tools.levers --only fast,accurate   # these anew
python -m tools.levers --times                # the milliseconds alone, of every row, on an idle machine: minutes
python -m tools.levers --list                 # the names of the rows

Rows are kept in a JSON file beside the page, each as soon as it is measured; its recipe is kept in ~/.cache/inspector,
so that its time can be taken again without fitting.

By which of them a preset is chosen, and how: tools.choosing.
"""

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspector.config import ScoringConfig
from inspector.console import progress_bars
from inspector.errors import ConfigError, RecipeError, SourceError
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.graph_cache import USER_CACHE
from inspector.scoring.metrics import auroc
from inspector.scoring.pixel_metrics import aupro
from inspector.scoring.presets import PRESETS
from inspector.scoring.progress import Progress
from inspector.scoring.scorer import Scorer, open_scorer
from tools.choosing import Lever, choosing
from tools.command import make_room, parser, run
from tools.dataset import Pictures, Sample, good_pictures, load_picture, test_samples
from tools.levers_page import page
from tools.machine import Meter, processor, versions
from tools.measure import Measured, measure, part_of

_FAST, _ACCURATE = PRESETS["fast"], PRESETS["accurate"]
_PLAIN = replace(_ACCURATE, one_length=())
_LITE1, _LITE2 = replace(_FAST, backbone="efficientnet_lite1"), replace(_FAST, backbone="efficientnet_lite2")
LEVERS: Final[Mapping[str, tuple[str, FitOptions]]] = {
    "fast": ("preset `fast`", _FAST),
    "accurate": ("preset `accurate`", _ACCURATE),
    "accurate-plain": ("accurate, no block of one length", _PLAIN),
    "fast-one-length": ("fast, stride 8 of one length", replace(_FAST, one_length=(2,))),
    "fast-384": ("fast, input 384²", replace(_FAST, side=384)),
    "fast-320": ("fast, input 320²", replace(_FAST, side=320)),
    "fast-320-one-length": ("fast, input 320², stride 8 of one length", replace(_FAST, side=320, one_length=(2,))),
    "fast-288-one-length": ("fast, input 288², stride 8 of one length", replace(_FAST, side=288, one_length=(2,))),
    "lite2-320": ("Lite2, 320²", replace(_LITE2, side=320)),
    "lite1-320": ("Lite1, 320²", replace(_LITE1, side=320)),
    "fast-500": ("fast, bank of 500", replace(_FAST, bank_size=500)),
    "fast-2000": ("fast, bank of 2,000", replace(_FAST, bank_size=2000)),
    "accurate-1000": ("accurate, no block of one length, bank of 1,000", replace(_PLAIN, bank_size=1000)),
    "accurate-512": ("accurate, no block of one length, input 512²", replace(_PLAIN, side=512)),
    "lite2-384": ("Lite2, 384²", replace(_LITE2, side=384)),
    "fast-448": ("fast, input 448²", replace(_FAST, side=448)),
    "accurate-pools-5": (
        "accurate, no block of one length, 5 × 5 cells of the first block",
        replace(_PLAIN, pools=(5, 3, 3)),
    ),
    "fast-pools-5": ("fast, 5 × 5 cells of the first block", replace(_FAST, pools=(5, 3, 3))),
    "fast-kmeans": ("fast, k-means from patches drawn at random", replace(_FAST, method="kmeans")),
    "fast-kcenter": ("fast, k-center", replace(_FAST, method="kcenter")),
    "fast-random": ("fast, random bank", replace(_FAST, method="random")),
}
"""By name, the most important first."""

KEPT: Final = USER_CACHE / "levers"
TIMED: Final = 200
"""Pictures that a time is the median of; TIMED_PICTURES different ones, in turn."""
TIMED_PICTURES: Final = 20


def main() -> None:
    options = _arguments()
    if options.list:
        print("\n".join(f"{key:18} {name}" for key, (name, _) in LEVERS.items()))
        return
    if unknown := set(options.only or ()) - set(LEVERS):
        raise ConfigError(f"--only {min(unknown)}; allowed: {', '.join(LEVERS)}")
    rows_file = options.out.with_suffix(".json")
    make_room(options.out)
    rows = load_rows(rows_file)
    wanted = options.only or [key for key in LEVERS if options.times or key not in rows]
    for n, key in enumerate(wanted, 1):
        name, recipe = LEVERS[key]
        begun = time.monotonic()
        print(f"{n} of {len(wanted)}: {name}", flush=True)
        with progress_bars() as progress:
            recipe = replace(recipe, threads=options.threads)
            known = rows.get(key) if options.times else None
            if known is None:
                rows[key] = _measured(key, name, recipe, options.data, progress)
            else:
                rows[key] = _timed_again(known, key, recipe, options.data, progress)
        print(f"   {rows[key].choosing:.4f}, {rows[key].ms_p50:.1f} ms; {time.monotonic() - begun:.0f} s", flush=True)
        save_rows(rows_file, rows)  # as far as it is
    names = {key: name for key, (name, _) in LEVERS.items()}
    options.out.write_text(page(rows, names, str(options.data)), encoding="utf-8")
    print(f"written: {options.out}, {rows_file}")


def load_rows(path: Path) -> dict[str, Lever]:
    """Rows measured before, by name; none where there is no such file. Raises SourceError for a damaged one."""
    try:
        return {key: Lever(**plain) for key, plain in json.loads(path.read_text(encoding="utf-8")).items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SourceError(f"{path} holds no rows of this tool ({error}); move it away and measure them all") from error


def save_rows(path: Path, rows: Mapping[str, Lever]) -> None:
    ordered = {key: asdict(rows[key]) for key in LEVERS if key in rows}
    path.write_text(json.dumps(ordered, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _measured(key: str, name: str, recipe: FitOptions, data: Path, progress: Progress) -> Lever:
    samples = test_samples(data)
    scorer = _fitted(recipe, data, KEPT / key, progress)
    found = measure(scorer, samples, False, progress)
    bundled = Path("recordings/flange")
    beside = _scored(recipe, bundled, progress)
    half = choosing(samples)
    milliseconds, others = _times(scorer, samples)
    return Lever(
        name=name,
        choosing=aupro(found.maps[half], found.masks[half]),
        choosing_auroc=auroc(found.scores[half], found.labels[half]),
        reporting=aupro(found.maps[~half], found.masks[~half]),
        whole=aupro(found.maps, found.masks),
        image_auroc=auroc(found.scores, found.labels),
        bundled_auroc=auroc(beside.scores, beside.labels),
        ms_p50=float(np.median(milliseconds)),
        ms_p99=float(np.percentile(milliseconds, 99)),
        others=others,
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=processor(),
        versions=versions(),
    )


def _timed_again(known: Lever, key: str, recipe: FitOptions, data: Path, progress: Progress) -> Lever:
    """The row with its time taken anew, by the recipe that was kept of it; fitted again where that is gone."""
    try:
        scorer = _opened(KEPT / key, recipe.threads)
    except RecipeError:
        scorer = _fitted(recipe, data, KEPT / key, progress)
    milliseconds, others = _times(scorer, test_samples(data))
    p50, p99 = float(np.median(milliseconds)), float(np.percentile(milliseconds, 99))
    return replace(known, ms_p50=p50, ms_p99=p99, others=others, machine=processor(), versions=versions())


def _times(scorer: Scorer, samples: Sequence[Sample]) -> tuple[NDArray[np.float64], float | None]:
    """Milliseconds of the whole scorer on pictures in memory; the share of the processor that others had meanwhile."""
    some = samples[:: max(1, len(samples) // TIMED_PICTURES)]
    parts = [part_of(load_picture(sample.picture), n, sample.name) for n, sample in enumerate(some, 1)]
    for part in parts[:5]:
        scorer.score(part)
    meter = Meter()
    milliseconds = np.empty(TIMED)
    for n in range(TIMED):
        begun = time.perf_counter()
        scorer.score(parts[n % len(parts)])
        milliseconds[n] = (time.perf_counter() - begun) * 1e3
    return milliseconds, meter.others()


def _scored(recipe: FitOptions, data: Path, progress: Progress) -> Measured:
    return measure(_fitted(recipe, data, KEPT / "bundled", progress), test_samples(data), False, progress)


def _fitted(recipe: FitOptions, data: Path, folder: Path, progress: Progress) -> Scorer:
    fit(Pictures(good_pictures(data)), folder, recipe, progress)
    return _opened(folder, recipe.threads)


def _opened(folder: Path, threads: int) -> Scorer:
    return open_scorer(ScoringConfig(recipe=str(folder), device="cpu", threads=threads))


def _arguments() -> argparse.Namespace:
    add = parser("tools.levers", __doc__)
    data = Path("../shared/data/mvtec_ad/bottle")
    add.add_argument("--data", type=Path, default=data, metavar="DIR", help="MVTec AD's layout; default: %(default)s")
    add.add_argument("--out", type=Path, default=Path("docs/levers.md"), metavar="FILE", help="default: %(default)s")
    add.add_argument("--only", type=lambda text: text.split(","), metavar="NAMES", help="these rows, anew")
    add.add_argument("--times", action="store_true", help="take only the milliseconds again, of rows that are known")
    add.add_argument("--list", action="store_true", help="print the names of the rows and stop")
    add.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads; 0: one per core")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
