"""Where a part's milliseconds go, on the real path: a picture read, decoded, looked at whether it is worth
judging, scored, decided and its verdict encoded.

python -m tools.profile_latency                     # the configured recipe on the bundled recording
python -m tools.profile_latency --recipe banks/bottle --data ../shared/data/mvtec_ad/bottle

Real pictures, one after another as at the line; the first few are left out, since nothing is warm yet. At the line the
camera's driver decodes; the store and the viewer get their pictures from other threads.
"""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from rich.console import Console
from rich.table import Table

from inspector.config import load, override
from inspector.line.decide import decide
from inspector.messages import Part, Verdict
from inspector.scoring.scorer import Scorer, open_scorer
from inspector.sources.images import read_picture
from inspector.wire.codec import encode
from tools.command import make_room, parser, run, writing
from tools.dataset import test_samples
from tools.machine import Meter, processor, versions

STAGES: Final = (
    "decode",
    "examine",
    "look",
    "network",
    "score map",
    "decide",
    "encode",
    "whole, from the decoded picture",
)
WARM: Final = 5


def main() -> None:
    options = _arguments()
    make_room(options.json)
    config = load(options.config)
    if options.recipe is not None:
        config = override(config, recipe=str(options.recipe))
    scorer = open_scorer(config.scoring)
    pictures = [sample.picture for sample in test_samples(options.data)]
    meter = Meter()
    times = profile(scorer, [pictures[n % len(pictures)] for n in range(options.parts + WARM)])[WARM:]
    others = meter.others()
    table = Table("stage", "p50 ms", "p95", "p99", "max")
    for name, column in zip(STAGES, times.T, strict=True):
        table.add_row(name, *(f"{value:.2f}" for value in _spread(column)))
    Console().print(table)
    busy = "unknown" if others is None else f"{others:.0%}"
    print(f"{scorer.runtime}; {processor()}, of which other work took {busy}; {options.parts} parts")
    if options.json is not None:
        stages = {name: dict(zip(("p50", "p95", "p99", "max"), _spread(column), strict=True))
                  for name, column in zip(STAGES, times.T, strict=True)}  # fmt: skip
        facts = {"machine": processor(), "versions": versions(), "runtime": scorer.runtime, "used_by_others": others}
        with writing(options.json):
            options.json.write_text(json.dumps({**facts, "stages_ms": stages}, indent=2) + "\n", encoding="utf-8")


def profile(scorer: Scorer, pictures: Sequence[Path]) -> np.ndarray:
    """Milliseconds float64[parts, stages] of each picture, which is scored by the scorer's own steps."""
    times = []
    for n, path in enumerate(pictures):
        marks = [time.perf_counter()]
        image = read_picture(path)
        marks.append(time.perf_counter())
        part = Part(
            seq=n + 1, part=path.stem, exposed_ns=0, arrived_ns=0, image=image, to_source=np.eye(2, 3, dtype=np.float32)
        )
        scorer.examine(part)
        marks.append(time.perf_counter())
        picture, to_source = scorer.look(part)
        marks.append(time.perf_counter())
        found = scorer.infer(picture)
        marks.append(time.perf_counter())
        scored = scorer.map_of(part, found, to_source)
        marks.append(time.perf_counter())
        judgement = decide(scored, scorer.threshold, scorer.min_patches)
        marks.append(time.perf_counter())
        encode(
            Verdict(
                station="profile",
                run="0",
                mode="replay",
                seq=part.seq,
                part=part.part,
                outcome=judgement.outcome,
                reason=judgement.reason,
                score=judgement.score,
                threshold=scorer.threshold,
                recipe=scorer.recipe_id,
                exposed_ns=0,
                latency_ms=0.0,
                stages_ms={},
                defects=judgement.defects,
            )
        )
        marks.append(time.perf_counter())
        times.append([*np.diff(marks), marks[-1] - marks[1]])
    return 1e3 * np.array(times)


def _spread(column: np.ndarray) -> list[float]:
    return [float(value) for value in (*np.percentile(column, (50, 95, 99)), column.max())]


def _arguments() -> argparse.Namespace:
    add = parser("tools.profile_latency", __doc__)
    add.add_argument("-c", "--config", type=Path, default=Path("config.yaml"), metavar="FILE")
    add.add_argument("--recipe", type=Path, metavar="DIR", help="instead of the configured one")
    add.add_argument("--data", type=Path, default=Path("recordings/flange"), metavar="DIR", help="default: %(default)s")
    add.add_argument("--parts", type=int, default=500, metavar="N", help="default: %(default)s")
    add.add_argument("--json", type=Path, metavar="FILE", help="write the figures")
    options = add.parse_args()
    if options.parts < 1:
        add.error(f"--parts is {options.parts}; it must be at least 1")
    return options


if __name__ == "__main__":
    run(main)
