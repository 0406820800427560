"""The page of results: Markdown, from what was measured. Pure but for the name of the machine."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from inspector.scoring.metrics import f1_max
from tools.intervals import Interval, at_most
from tools.measure import Figures, Measured
from tools.methods import Built, Experiment

LIBRARIES = ("torch", "torchvision", "timm", "openvino", "numpy")
COLUMNS = (
    "method",
    "backbone",
    "input",
    "bank",
    "image AUROC (95 %)",
    "pixel AUROC",
    "AUPRO",
    "partial pixel AUROC",
    "F1-max",
    "ms",
    "the original reported",
)

BUSY = 1.5
"""Load average a core, over 15 minutes, that this alone does not cause."""
THEIRS = "bottle"
"""The data set that the original's figures are of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measured method."""

    experiment: Experiment
    built: Built
    figures: Figures
    measured: Measured
    document: dict[str, object]
    """As in the JSON files."""

    @property
    def own(self) -> bool:
        """Whether it was measured on the backbone it is meant for."""
        return self.built.lacking is None


def page(rows: Sequence[Row], data: Path, command: str) -> str:
    """The whole of docs/results.md."""
    lines = [
        "# Every method on the same pictures",
        "",
        f"Written by `{command}`, not by hand.",
        "",
        *_head(rows, data),
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{'---|' * len(COLUMNS)}",
        *(f"| {' | '.join(_cells(row))} |" for row in rows),
        "",
        *_legend(rows),
        *(_against_the_original(rows) if data.resolve().name == THEIRS else []),
    ]
    return "\n".join(lines) + "\n"


def _head(rows: Sequence[Row], data: Path) -> list[str]:
    labels = rows[0].measured.labels
    versions = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    lacking = [row for row in rows if not row.own]
    facts = {
        "data": f"`{data}`: {(~labels).sum()} good and {labels.sum()} defective test pictures",
        "machine": f"{_processor()}, {os.cpu_count()} logical cores{_busy()}",
        "versions": f"Python {platform.python_version()}, {versions}",
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "rows without their own backbone": "; ".join(
            f"{row.experiment.name} (wants {row.experiment.backbone})" for row in lacking
        )
        or "none",
    }
    if lacking:
        facts["to fill them in"] = (
            "`make results` on a machine with internet; their weights could not be had here, so they were measured on "
            "the bundled EfficientNet-Lite0, which says nothing about the backbone they want"
        )
    return [f"- **{name}**: {fact}" for name, fact in facts.items()]


def _cells(row: Row) -> list[str]:
    about, found = row.built.about, row.figures
    wanted = row.experiment.backbone
    backbone = about.backbone or "its own network"
    width, height = about.input_size
    return [
        row.experiment.name,
        backbone if row.own else f"**{backbone}** instead of {wanted}",
        f"{width} × {height}",
        f"{about.bank_size:,}" if about.bank_size else "–",
        _figure(found["image_auroc"], interval=True),
        *(_figure(found[name]) for name in ("pixel_auroc", "aupro", "partial_pixel_auroc", "f1_max")),
        f"{np.median(row.measured.milliseconds):.1f}",
        row.experiment.reported,
    ]


def _figure(figure: Interval | None, interval: bool = False) -> str:
    if figure is None:
        return "–"
    if not interval:
        return f"{figure.value:.4f}"
    spread = f"{figure.low:.4f} to {figure.high:.4f}" if figure.spread else "no spread; see counts"
    return f"{figure.value:.4f} ({spread})"


def _legend(rows: Sequence[Row]) -> list[str]:
    measured = rows[0].measured
    good, bad = int((~measured.labels).sum()), int(measured.labels.sum())
    lines = [
        "- **95 %**: stratified bootstrap over the pictures; the pixel figures' intervals are in the JSON file "
        "(`--json`). A figure that the pictures do not allow is a dash.",
        "- **pixel AUROC, AUPRO**: at 256 × 256. AUPRO is the true one: per 8-connected region, to a false-positive "
        "rate of 0.3.",
        "- **partial pixel AUROC**: over all pixels, to a false-positive rate of 0.3. The original called it AUPRO; it "
        "knows no regions and is not comparable with published AUPRO. Its second figure is this one.",
        "- **F1-max**: its threshold is chosen on these very pictures, so it claims nothing for others.",
        "- **ms**: median a picture, from memory to score and map, on this machine; the original's are of its own.",
    ]
    if good and bad:
        lines.append(
            f"- **counts**: a perfect AUROC has no bootstrap spread, which is no knowledge. Nothing wrong among {good} "
            f"good and {bad} defective pictures still allows {at_most(0, good):.1%} false rejects and "
            f"{at_most(0, bad):.1%} misses (one-sided 95 %, Clopper–Pearson)."
        )
    return lines


def _against_the_original(rows: Sequence[Row]) -> list[str]:
    """What becomes of the original's claims, on its own pictures."""
    notes = []
    for row in rows:
        name, auroc, reported = row.experiment.name, row.figures["image_auroc"], row.experiment.reported_auroc
        if row.own and auroc is not None and reported is not None:
            verdict = "reached" if auroc.value >= reported - 5e-5 else "not reached"
            notes.append(f"- **{name}**: the reported image AUROC of {reported:.4f} is {verdict} ({auroc.value:.4f}).")
        if row.experiment.reported_threshold is not None:
            notes.append(f"- **{name}**: {_at_threshold(row, row.experiment.reported_threshold)}")
    return notes


def _at_threshold(row: Row, threshold: float) -> str:
    if not row.own:
        own, used = row.experiment.backbone, row.built.about.backbone
        return f"the reported τ = {threshold:.1f} belongs to {own}, so it is not applied to {used}."
    scores, labels = row.measured.scores, row.measured.labels
    failed = scores > threshold
    hits = int((failed & labels).sum())
    f1 = 2 * hits / max(1, int(failed.sum()) + int(labels.sum()))
    best = f", F1-max at {f1_max(scores, labels)[1]:.1f}" if 0 < labels.sum() < len(labels) else ""
    return f"F1 {f1:.4f} at its reported τ = {threshold:.1f}{best}."


def _busy() -> str:
    """What to say of a machine that had more to do than this: its milliseconds are not what the method takes."""
    cores, load = os.cpu_count() or 1, os.getloadavg()[2]
    if load <= BUSY * cores:
        return ""
    return (
        f"; busy with other work meanwhile (load average {load:.1f}), so the milliseconds are higher than they need be"
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()
