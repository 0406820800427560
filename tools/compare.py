"""Every method on the same pictures, and one table of them: docs/results.md is written by this, never by hand.

    python -m tools.compare --data ../shared/data/mvtec_ad/bottle
    python -m tools.compare --only default --only resnet18     # measure these again, keep the other rows
    python -m tools.compare            # MVTec AD bottle where it lies beside the project, else the bundled recording

A method whose backbone's weights are not here and cannot be downloaded is measured on the bundled EfficientNet-Lite0,
and its row says so. Run it once on a machine with internet, and every row has its own.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from inspector.console import progress_bars, say
from inspector.errors import SourceError
from tools.command import make_room, parser, run, writing
from tools.dataset import Pictures, good_pictures, test_samples
from tools.methods import EXPERIMENTS, Experiment, Means
from tools.results import page
from tools.rows import Row, load_rows, measured_row, save_rows

BOTTLE = Path("../shared/data/mvtec_ad/bottle")
BUNDLED = Path("recordings/flange")


def main() -> None:
    options = _arguments()
    make_room(options.out, options.json)
    kept = {row.key: row for row in load_rows(options.json)} if options.only else {}
    for row in kept.values():
        if row.data != str(options.data):
            raise SourceError(
                f"{options.json} holds rows measured on {row.data}, not on {options.data}; leave out --only"
            )
    chosen = [each for each in EXPERIMENTS if not options.only or each.key in options.only]
    for experiment, row in zip(chosen, _measured(chosen, options), strict=True):
        kept[experiment.key] = row
        rows = [kept[each.key] for each in EXPERIMENTS if each.key in kept]
        with writing(options.json):
            save_rows(options.json, rows)  # after each, so that what is interrupted can go on with --only
    with writing(options.out):
        options.out.write_text(page(rows, _command(options)), encoding="utf-8")
    told = {"look at": f"{options.out}, written from {options.json}"}
    if missing := [each.key for each in EXPERIMENTS if each.key not in kept]:
        told["rows still missing"] = ", ".join(missing)
    say(Console(), told)


def _measured(chosen: Sequence[Experiment], options: argparse.Namespace) -> Iterator[Row]:
    good = Pictures(good_pictures(options.data), one_size=True)
    samples = test_samples(options.data)
    with tempfile.TemporaryDirectory() as folder:
        means = Means(
            good=good,
            folder=Path(folder),
            threads=options.threads,
            checkpoints={False: options.autoencoder, True: options.variational},
        )
        for number, experiment in enumerate(chosen, 1):
            print(f"{number} of {len(chosen)}: {experiment.name}", flush=True)
            with progress_bars() as progress:
                yield measured_row(experiment, means, samples, options.data, progress)


def _command(options: argparse.Namespace) -> str:
    given = [("--autoencoder", options.autoencoder), ("--variational", options.variational)]
    given += [("--threads", options.threads)]
    words = [f"{name} {value}" for name, value in given if value]
    return " ".join(["python -m tools.compare", f"--data {options.data}", *words])


def _arguments() -> argparse.Namespace:
    data = BOTTLE if BOTTLE.is_dir() else BUNDLED
    add = parser("tools.compare", __doc__)
    add.add_argument("--data", type=Path, default=data, metavar="DIR", help="MVTec AD's layout or a recording")
    add.add_argument(
        "--only",
        action="append",
        choices=[each.key for each in EXPERIMENTS],
        metavar="ROW",
        help=f"measure this row and keep the others as they are in --json; may be repeated: "
        f"{', '.join(each.key for each in EXPERIMENTS)}",
    )
    add.add_argument(
        "--out", type=Path, default=Path("docs/results.md"), metavar="FILE", help="the page; default: %(default)s"
    )
    add.add_argument("--json", type=Path, metavar="FILE", help="every row's figures; default: beside the page")
    add.add_argument("--autoencoder", type=Path, metavar="FILE", help="of tools.train_pixel, instead of training one")
    add.add_argument("--variational", type=Path, metavar="FILE", help="its variational twin, likewise")
    add.add_argument("--threads", type=int, default=0, metavar="N", help="CPU threads; 0: one per core")
    options = add.parse_args()
    options.json = options.json or options.out.with_suffix(".json")
    return options


if __name__ == "__main__":
    run(main)
