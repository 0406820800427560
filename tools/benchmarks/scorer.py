"""The presets, fitted and timed, beside anomalib's PatchCore: docs/benchmark.md and docs/pictures/benchmark.svg."""

import gc
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import numpy as np

from inspector.config import ScoringConfig
from inspector.errors import ConfigError
from inspector.line.calm import calm
from inspector.messages import Image, Part
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.metrics import auroc
from inspector.scoring.pixel_metrics import aupro
from inspector.scoring.presets import PRESETS
from inspector.scoring.scorer import Scorer, open_scorer
from tools.benchmarks import peers
from tools.benchmarks.chart import picture
from tools.dataset import Pictures, good_pictures, load_picture, test_samples
from tools.machine import Meter, processor, versions
from tools.measure import measure

OURS: Final[dict[str, FitOptions]] = {
    "fast": PRESETS["fast"],
    "fast at 224²": replace(PRESETS["fast"], side=224),
    "accurate": PRESETS["accurate"],
}
GOALS: Final[dict[str, dict[str, Any]]] = {
    "fast": {"aupro": 0.967, "ms": 12.0, "peer": "resnet18", "times": {0.1: 15.0, 0.01: 4.0}},
    "accurate": {"aupro": 0.978, "ms": 40.0, "peer": "wide_resnet50_2", "times": {0.1: 10.0}},
}
"""Of true AUPRO on bottle, the median, and how many times faster than anomalib's PatchCore with this share of its
patches, as it comes: on torch."""
WARM: Final = 20
TAIL: Final = 2.0
"""p99 within so many times p50."""
PAGE, PICTURE = Path("docs/benchmark.md"), Path("docs/pictures/benchmark.svg")


def benchmark(data: Path, python: str | None, short: bool) -> dict[str, Any]:
    """All rows; writes the page and its picture unless short."""
    meter = Meter()
    names = ("fast",) if short else tuple(OURS)
    ours = [_ours(name, OURS[name], data, 20 if short else 1000) for name in names]
    others = _theirs(python, 3 if short else 30) if python else []
    found = {
        "machine": processor(),
        "versions": versions(),
        "used_by_others": meter.others(),
        "data": str(data),
        "ours": ours,
        "anomalib": others,
        "goals": [goal for row in ours if row["name"] in GOALS for goal in goals(row, others)],
    }
    if not short:
        PAGE.write_text(page(found), encoding="utf-8")
        PICTURE.write_text(picture(ours, others), encoding="utf-8")
    return found


def goals(row: dict[str, Any], others: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of a preset's row, each goal with its figure and whether it is met; the times only beside what was timed."""
    wanted, name = GOALS[row["name"]], row["name"]
    told = [
        (f"{name}: true AUPRO", row["aupro"], ">=", wanted["aupro"]),
        (f"{name}: ms, median", row["ms_p50"], "<=", wanted["ms"]),
        (f"{name}: p99 / p50", row["ms_p99"] / row["ms_p50"], "<=", TAIL),
    ]
    for other in others:
        share = other["share"]
        if other["backbone"] == wanted["peer"] and other["runtime"] == "torch" and share in wanted["times"]:
            times = other["ms_p50"] / row["ms_p50"]
            told.append(
                (f"{name}: times faster than {wanted['peer']} {share:.0%}", times, ">=", wanted["times"][share])
            )
    return [
        {
            "goal": f"{what} {sign} {limit:g}",
            "figure": round(float(figure), 4),
            "met": bool(figure <= limit if sign == "<=" else figure >= limit),
        }
        for what, figure, sign, limit in told
    ]


def page(found: dict[str, Any]) -> str:
    """docs/benchmark.md."""
    others = found["used_by_others"]
    busy = ""
    if others is not None and others >= 0.1:
        busy = f" Other work took {others:.0%} of it: the times are too long, and their ratios are not to be relied on."
    lines = [
        "# Against anomalib",
        "",
        "Written by `python -m tools.benchmark --scorer --peers PYTHON`, in one run on one machine, not by hand.",
        "",
        f"{found['machine']}.{busy} {found['versions']}. Pictures: `{found['data']}`. No GPU was at hand: none of this "
        "was measured on one.",
        "",
        "![AUPRO against milliseconds](pictures/benchmark.svg)",
        "",
        "Whole scorer: uint8 picture of 900 × 900 in memory, to score and map.",
        "",
        "Beside a neighbour that keeps one core busy: the last two columns.",
        "",
        "| recipe | true AUPRO | image AUROC | ms, median | p99 | busy: median | p99 |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row['name']} | {row['aupro']:.4f} | {row['image_auroc']:.4f} | {row['ms_p50']:.1f} "
            f"| {row['ms_p99']:.1f} | {row['busy_ms_p50']:.1f} | {row['busy_ms_p99']:.1f} |"
            for row in found["ours"]
        ),
        "",
        "| goal | figure | met |",
        "|---|---|---|",
        *(f"| {one['goal']} | {one['figure']:g} | {'yes' if one['met'] else '**no**'} |" for one in found["goals"]),
        "",
        "anomalib's model alone, a normalised picture in: **random weights and banks of the right size filled at "
        "random**, so there is a time and no accuracy.",
        "",
        "| PatchCore of anomalib | runtime | bank | ms, median | times `fast` | times `accurate` |",
        "|---|---|---|---|---|---|",
        *(_row(row, found["ours"]) for row in found["anomalib"]),
        "",
    ]
    return "\n".join(lines)


def _row(row: dict[str, Any], ours: Sequence[dict[str, Any]]) -> str:
    name = f"{row['backbone']}, {row['side']}², {row['share']:.0%}"
    if "failed" in row:
        return f"| {name} | {row['runtime']} | {row['bank']:,} | not exported: {row['failed'][:80]} | – | – |"
    times = {mine["name"]: row["ms_p50"] / mine["ms_p50"] for mine in ours}
    return (
        f"| {name} | {row['runtime']} | {row['bank']:,} | {row['ms_p50']:.0f} | {times['fast']:.1f} "
        f"| {times['accurate']:.1f} |"
    )


def _ours(name: str, options: FitOptions, data: Path, repeats: int) -> dict[str, Any]:
    samples = test_samples(data)
    with tempfile.TemporaryDirectory() as folder:
        fit(Pictures(good_pictures(data)), Path(folder, "recipe"), options, _silent)
        scorer = open_scorer(ScoringConfig(recipe=str(Path(folder, "recipe")), device="cpu"))
        measured = measure(scorer, samples, False, _silent)
        images = [load_picture(sample.picture) for sample in samples[:8]]
        with as_at_the_line():
            times = timed(scorer, images, repeats)
            with neighbour():
                busy = timed(scorer, images, repeats)
    return {
        "name": name,
        "aupro": aupro(measured.maps, measured.masks),
        "image_auroc": auroc(measured.scores, measured.labels),
        "ms_p50": float(np.median(times)),
        "ms_p99": float(np.percentile(times, 99)),
        "busy_ms_p50": float(np.median(busy)),
        "busy_ms_p99": float(np.percentile(busy, 99)),
    }


@contextmanager
def as_at_the_line() -> Iterator[None]:
    """OpenCV and Python are set as a station sets them: no helpers that a part waits for, no garbage searched for."""
    gc.collect()
    gc.freeze()
    try:
        with calm():
            yield
    finally:
        gc.unfreeze()


@contextmanager
def neighbour() -> Iterator[None]:
    """Beside a program that keeps one core busy."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as process:
        try:
            yield
        finally:
            process.kill()


def timed(scorer: Scorer, images: Sequence[Image], repeats: int) -> list[float]:
    """Milliseconds of each of so many parts, after the first few."""
    times = []
    for n in range(repeats + WARM):
        part = Part(
            seq=n + 1,
            part="",
            exposed_ns=0,
            arrived_ns=0,
            image=images[n % len(images)],
            to_source=np.eye(2, 3, dtype=np.float32),
        )
        begun = time.perf_counter()
        scorer.score(part)
        times.append((time.perf_counter() - begun) * 1e3)
    return times[WARM:]


def _theirs(python: str, repeats: int) -> list[dict[str, Any]]:
    done = subprocess.run([python, peers.__file__, "--repeats", str(repeats)], capture_output=True, text=True)
    if done.returncode:
        raise ConfigError(f"--peers {python}: {' '.join(done.stderr.split())[-300:]}")
    rows = json.loads(done.stdout.splitlines()[-1])
    for row in rows:
        if times := row.pop("ms", None):
            row |= {"ms_p50": float(np.median(times)), "ms_p99": float(np.percentile(times, 99))}
    return list(rows)


def _silent(what: str, done: int, whole: int) -> None:
    """No bars: what is printed is JSON."""
