"""Whether a large bank is searched quicker than by one matrix product, and how exactly; to docs/searching.md.

    python -m tools.measure_searching          # two minutes on an idle machine
    python -m tools.measure_searching --sizes 4000,16000

The vectors are patches of good pictures as the preset `fast` sees them, drawn at random; what is looked for, those of
defective pictures. The ways take turns, picture by picture, so that a busy machine slows all of them alike.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from inspector.baselines.searches import WAYS
from inspector.scoring.bank import Features
from inspector.scoring.fit import feature_spec
from inspector.scoring.prepare import prepare
from inspector.scoring.presets import PRESETS
from inspector.scoring.runtime_openvino import OpenVinoFeatures
from tools.command import make_room, parser, run
from tools.dataset import good_pictures, load_picture, test_samples
from tools.machine import Meter, processor, versions

PICTURES: Final = 60
"""Good ones that the vectors are drawn from."""
SOUGHT: Final = 4
"""Defective ones that are searched for, each REPEATS times."""
REPEATS: Final = 2
BUSY: Final = 0.1
"""Of the processor, had by others, above which milliseconds are too many."""


def main() -> None:
    options = _arguments()
    make_room(options.out)
    good = good_pictures(options.data)
    bad = [sample.picture for sample in test_samples(options.data) if sample.defective]
    patches = np.concatenate(_features(good[:: max(1, len(good) // PICTURES)][:PICTURES]))
    sought = _features(bad[:: max(1, len(bad) // SOUGHT)][:SOUGHT])
    meter, rows = Meter(), []
    for size in options.sizes:
        drawn = np.random.default_rng(0).choice(len(patches), min(size, len(patches)), replace=False)
        rows += _rows(np.ascontiguousarray(patches[np.sort(drawn)]), sought)
        print("\n".join(rows[-len(WAYS) :]), flush=True)
        options.out.write_text(
            _page(rows, patches.shape[1], len(sought[0]), meter), encoding="utf-8"
        )  # as far as it is
    print(f"written: {options.out}")


def _page(rows: Sequence[str], dimension: int, patches: int, meter: Meter) -> str:
    """The whole of docs/searching.md."""
    busy = f" Other work took {others:.0%} of the processor." if (others := meter.others() or 0) > BUSY else ""
    return "\n".join([
        "# Searching large banks",
        "",
        "Written by `python -m tools.measure_searching`, not by hand.",
        "",
        f"The nearest of so many vectors of {dimension} dimensions for {patches:,} patches of a picture. The vectors "
        "are patches of good bottles as `fast` sees them, what is sought those of defective ones. Exact: share of the "
        "patches whose nearest vector is the one found. Score: the largest error of a picture's score, which is the "
        "greatest distance of its patches.",
        "",
        "| vectors | way | ms a picture | against the product | exact | score off by | seconds to make |",
        f"|{'---|' * 7}",
        *rows,
        "",
        f"{processor()}. {versions()}.{busy}",
        "",
        *VERDICT,
        "",
    ])  # fmt: skip


VERDICT: Final = (
    "FAISS's cells and graphs are quicker the larger the bank is, and miss the nearest vector of a few patches. "
    "Every such miss raises that patch's distance, and the score of a picture is the greatest of them: so it is "
    "too high, by another amount in every picture, where the runtimes have to agree within a thousandth. Pruning "
    "stays exact, loses on banks such as the presets have, and gains a third at the largest. So the product "
    "stays, and what it costs is kept down by a small bank (docs/locating.md compares banks that cover turns with "
    "finding the part).",
)


def _rows(bank: Features, sought: Sequence[Features]) -> list[str]:
    searches, made = {}, {}
    for name, make in WAYS.items():
        begun = time.perf_counter()
        searches[name] = make(bank)
        made[name] = time.perf_counter() - begun
        searches[name](sought[0])
    times: dict[str, list[float]] = {name: [] for name in WAYS}
    exact: dict[str, list[float]] = {name: [] for name in WAYS}
    off: dict[str, list[float]] = {name: [] for name in WAYS}
    for queries in [*sought] * REPEATS:
        truth = None
        for name, search in searches.items():
            begun = time.perf_counter()
            distances, rows = search(queries)
            times[name].append(1e3 * (time.perf_counter() - begun))
            truth = (distances, rows) if truth is None else truth  # the product comes first
            exact[name].append(float(((rows == truth[1]) | (distances <= truth[0] * (1 + 1e-4))).mean()))
            off[name].append(abs(float(distances.max()) / float(truth[0].max()) - 1))
    usual = float(np.median(times[next(iter(WAYS))]))
    return [
        f"| {len(bank):,} | {name} | {np.median(times[name]):.1f} | {np.median(times[name]) / usual:.2f} "
        f"| {np.mean(exact[name]):.1%} | {max(off[name]):.2%} | {made[name]:.1f} |"
        for name in WAYS
    ]


def _features(paths: Sequence[Path]) -> list[Features]:
    """Of each picture, float32[patches, C]."""
    first = load_picture(paths[0])
    spec = feature_spec(PRESETS["fast"], (first.shape[1], first.shape[0]))
    features = OpenVinoFeatures(spec, 0)
    return [features(prepare(load_picture(path), None, spec.input_size, spec.halvings)) for path in paths]


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_searching", __doc__)
    data = Path("../shared/data/mvtec_ad/bottle")
    add.add_argument("--data", type=Path, default=data, metavar="DIR", help="MVTec AD's layout; default: %(default)s")
    add.add_argument("--sizes", type=_sizes, default=(4000, 16_000, 53_000), metavar="N,N", help="vectors")
    add.add_argument("--out", type=Path, default=Path("docs/searching.md"), metavar="FILE", help="default: %(default)s")
    return add.parse_args()


def _sizes(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(number) for number in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"is {text!r}; it must be whole numbers such as 4000,16000") from None


if __name__ == "__main__":
    run(main)
