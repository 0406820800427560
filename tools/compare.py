"""Every method on the same pictures, and one table of them: docs/results.md is written by this, never by hand.

python -m tools.compare --data ../shared/data/mvtec_ad/bottle
python -m tools.compare            # MVTec AD bottle where it lies beside the project, else the bundled recording

A method whose backbone's weights are not here and cannot be downloaded is measured on the bundled EfficientNet-Lite0,
and its row says so. Run it once on a machine with internet, and every row has its own.
"""

import argparse
import json
import tempfile
from pathlib import Path

from inspector.console import progress_bars
from inspector.scoring.fit import Progress
from tools.command import parser, run
from tools.dataset import Pictures, Sample, good_pictures, test_samples
from tools.measure import figures, measure
from tools.methods import EXPERIMENTS, Experiment, Means
from tools.report import document
from tools.results import Row, page

BOTTLE = Path("../shared/data/mvtec_ad/bottle")
BUNDLED = Path("recordings/flange")


def main() -> None:
    options = _arguments()
    good = Pictures(good_pictures(options.data))
    samples = test_samples(options.data)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as folder:
        means = Means(
            good=good,
            folder=Path(folder),
            threads=options.threads,
            checkpoints={False: options.autoencoder, True: options.variational},
        )
        for experiment in EXPERIMENTS:
            print(f"{len(rows) + 1} of {len(EXPERIMENTS)}: {experiment.name}", flush=True)
            with progress_bars() as progress:
                rows.append(_row(experiment, means, samples, progress))
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text(page(rows, options.data, _command(options)), encoding="utf-8")
    print(f"written: {options.out}")
    if options.json is not None:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps([_plain(row) for row in rows], indent=2) + "\n", encoding="utf-8")


def _row(experiment: Experiment, means: Means, samples: list[Sample], progress: Progress) -> Row:
    built = experiment.build(means, progress)
    measured = measure(built.method, samples, False, progress)
    progress("intervals", 0, 1)
    found = figures(measured)
    progress("intervals", 1, 1)
    return Row(
        experiment=experiment,
        built=built,
        figures=found,
        measured=measured,
        document=document(built.method, built.about, measured, found),
    )


def _plain(row: Row) -> dict[str, object]:
    wanted = row.experiment.backbone
    return {"name": row.experiment.name, "own_backbone": row.own, "wanted_backbone": wanted, **row.document}


def _command(options: argparse.Namespace) -> str:
    given = [("--autoencoder", options.autoencoder), ("--variational", options.variational)]
    given += [("--threads", options.threads)]
    words = [f"{name} {value}" for name, value in given if value]
    return " ".join(["python -m tools.compare", f"--data {options.data}", *words])


def _arguments() -> argparse.Namespace:
    data = BOTTLE if BOTTLE.is_dir() else BUNDLED
    add = parser("tools.compare", __doc__)
    add.add_argument("--data", type=Path, default=data, help=f"MVTec AD layout or a recording; default: {data}")
    add.add_argument("--json", type=Path, metavar="FILE", help="write every row's figures")
    add.add_argument("--out", type=Path, default=Path("docs/results.md"), metavar="FILE", help="default: %(default)s")
    add.add_argument("--autoencoder", type=Path, metavar="FILE", help="of tools.train_pixel, instead of training one")
    add.add_argument("--variational", type=Path, metavar="FILE", help="its variational twin, likewise")
    add.add_argument("--threads", type=int, default=0, help="CPU threads; 0: one per core")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
