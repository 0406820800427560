"""Rows of the table of methods: measured one at a time and kept as JSON, so that one can be measured again alone."""

import json
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.errors import SourceError
from inspector.scoring.metrics import f1_max
from inspector.scoring.progress import Progress
from tools.dataset import Sample
from tools.intervals import Interval
from tools.machine import processor, versions
from tools.measure import Measured, Method, figures, measure
from tools.methods import Experiment, Means
from tools.report import document

BUSY = 0.1
"""Share of the processor taken by others from which the milliseconds are not those of the method alone."""
PATIENCE_S = 90.0
"""So long a busy machine is given to calm down; the pictures are scored again meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A measured method."""

    key: str
    name: str
    wanted_backbone: str | None
    """The one it is meant for; None for a network of the method's own."""
    lacking: str | None
    """Why it is not on that backbone; None if it is."""
    reported: str
    """What the original work reported."""
    reported_auroc: float | None
    reported_threshold: float | None
    f1_at_reported: float | None
    """At the original's τ; None without one, or on another backbone than τ belongs to."""
    best_threshold: float | None
    """Where F1 is highest on these pictures."""
    data: str
    """Folder of the pictures."""
    date: str
    machine: str
    versions: str
    document: dict[str, Any]
    """As in the files of tools.evaluate."""

    @property
    def own(self) -> bool:
        """Whether it was measured on the backbone it is meant for."""
        return self.lacking is None

    @property
    def busy(self) -> bool:
        """Whether other programs had so much of the machine that its milliseconds are too high."""
        others = self.document["processor_used_by_others"]
        return others is not None and others > BUSY

    def figure(self, name: str) -> Interval | None:
        """One of tools.measure.FIGURES; None where the pictures do not allow it."""
        plain = self.document[name]
        if plain is None:
            return None
        return Interval(**plain) if isinstance(plain, dict) else Interval(value=plain, low=plain, high=plain)


def measured_row(
    experiment: Experiment, means: Means, samples: Sequence[Sample], data: Path, progress: Progress
) -> Row:
    """Build a method, measure it on labelled pictures of the folder `data`, and say all that is known of it."""
    built = experiment.build(means, progress)
    measured = _quietest(built.method, samples, progress)
    progress("intervals", 0, 1)
    found = figures(measured)
    progress("intervals", 1, 1)
    threshold = experiment.reported_threshold if built.lacking is None else None
    scores, labels = measured.scores, measured.labels
    return Row(
        key=experiment.key,
        name=experiment.name,
        wanted_backbone=experiment.backbone,
        lacking=None if built.lacking is None else built.lacking.replace(str(Path.home()), "~"),
        reported=experiment.reported,
        reported_auroc=experiment.reported_auroc,
        reported_threshold=experiment.reported_threshold,
        f1_at_reported=None if threshold is None else _f1(scores, labels, threshold),
        best_threshold=f1_max(scores, labels)[1] if 0 < labels.sum() < len(labels) else None,
        data=str(data),
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        machine=processor(),
        versions=versions(),
        document=document(built.method, built.about, measured, found),
    )


def _quietest(method: Method, samples: Sequence[Sample], progress: Progress) -> Measured:
    """Measured while others left the machine alone or, if they never do, took least; the scores are always the same."""
    until = time.monotonic() + PATIENCE_S
    best = measure(method, samples, False, progress)
    while (best.others or 0) > BUSY and time.monotonic() < until:
        again = measure(method, samples, False, progress)
        if again.others is not None and again.others < (best.others or 0):
            best = again
    return best


def save_rows(path: Path, rows: Sequence[Row]) -> None:
    path.write_text(json.dumps([asdict(row) for row in rows], indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def load_rows(path: Path) -> list[Row]:
    """Rows that were measured before; none where there is no such file. Raises SourceError for a damaged one."""
    try:
        known = {field.name for field in fields(Row)}
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, list):
            raise ValueError("not a list")
        return [Row(**{name: value for name, value in plain.items() if name in known}) for plain in found]
    except FileNotFoundError:
        return []
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise SourceError(f"{path} holds no rows of this tool ({error}); move it away and measure them all") from error


def _f1(scores: NDArray[np.float64], labels: NDArray[np.bool_], threshold: float) -> float:
    failed = scores > threshold
    return 2 * int((failed & labels).sum()) / max(1, int(failed.sum()) + int(labels.sum()))
