"""How many threads to score with: alone and beside a program that keeps one core busy, in turns.

python -m tools.benchmarks.threads                          # the configured recipe on the bundled recording
python -m tools.benchmarks.threads --recipe banks/bottle --data ../shared/data/mvtec_ad/bottle

The whole scorer, set as a station sets it; prints JSON. Each round takes every case once, so that what else the machine
does falls on all alike.
"""

import argparse
import json
from contextlib import nullcontext
from pathlib import Path
from typing import Any, Final

import numpy as np

from inspector.config import ScoringConfig
from inspector.scoring.scorer import open_scorer
from tools.benchmarks.scorer import as_at_the_line, neighbour, timed
from tools.benchmarks.trial import percentiles
from tools.command import parser, run
from tools.dataset import load_picture, test_samples
from tools.machine import Meter, processor, versions

THREADS: Final = (1, 2)
PICTURES: Final = 8


def main() -> None:
    options = _arguments()
    print(json.dumps(threads(options.recipe, options.data, options.rounds, options.parts), indent=2))


def threads(recipe: Path, data: Path, rounds: int, parts: int) -> dict[str, Any]:
    """Milliseconds by number of threads and neighbour, each of rounds × parts parts."""
    images = [load_picture(sample.picture) for sample in test_samples(data)[:PICTURES]]
    scorers = {n: open_scorer(ScoringConfig(recipe=str(recipe), device="cpu", threads=n)) for n in THREADS}
    times: dict[tuple[int, bool], list[float]] = {(n, busy): [] for n in THREADS for busy in (False, True)}
    meter = Meter()
    with as_at_the_line():
        for _ in range(rounds):
            for (n, busy), found in times.items():
                with neighbour() if busy else nullcontext():
                    found += timed(scorers[n], images, parts)
    return {
        "machine": processor(),
        "versions": versions(),
        "recipe": str(recipe),
        "others": meter.others(),
        "rows": [
            {"threads": n, "neighbour": busy, "ms": percentiles(np.array(found))} for (n, busy), found in times.items()
        ],
    }


def _arguments() -> argparse.Namespace:
    add = parser("tools.benchmarks.threads", __doc__)
    add.add_argument("--recipe", type=Path, default=Path("recordings/flange/recipe"), metavar="DIR")
    add.add_argument("--data", type=Path, default=Path("recordings/flange"), metavar="DIR")
    add.add_argument("--rounds", type=int, default=5, metavar="N", help="default: %(default)s")
    add.add_argument("--parts", type=int, default=200, metavar="N", help="a round; default: %(default)s")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
