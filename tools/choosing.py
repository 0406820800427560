"""How a preset is chosen among measured recipes. Pure.

The rule, written down before anything was measured: of each kind of test picture, in the order of their names, the
first, third, fifth, … choose and the others report. A preset is the recipe of highest AUPRO on the choosing half among
those within its time (the whole scorer, median, two cores, idle) and of the best image AUROC there; within 0.0005 they
are equals and the quickest is taken. It must not lose more than 0.005 of image AUROC on the bundled recording. No
parameter is ever fitted on a defect.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspector.scoring.presets import Preset
from tools.dataset import Sample

EQUAL: Final = 0.0005
"""AUPRO within which recipes are equals."""
MAY_LOSE: Final = 0.005
"""Image AUROC on the bundled recording that a preset may lose against the best recipe within its time."""
BUSY: Final = 0.1
"""Share of the processor taken by others from which a time is not the recipe's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lever:
    """A recipe, measured."""

    name: str
    choosing: float
    """AUPRO on the half that chooses."""
    choosing_auroc: float
    """Image AUROC there."""
    reporting: float
    whole: float
    image_auroc: float
    bundled_auroc: float
    """On the bundled recording, fitted there by the same options."""
    ms_p50: float
    """Milliseconds of the whole scorer, picture in memory to score and map."""
    ms_p99: float
    others: float | None
    """How much of the processor other programs took while the time was taken, 0 to 1; None where nothing tells."""
    date: str
    machine: str
    versions: str

    @property
    def busy(self) -> bool:
        return self.others is not None and self.others > BUSY


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """The time that a preset's goals leave it, all of them at once."""

    ms: float
    why: str


LIMITS: Final[Mapping[Preset, Limit]] = {
    "fast": Limit(
        ms=min(452 / 15, 87 / 4),
        why="a fifteenth of anomalib's ResNet-18 with a 10% coreset (452 ms on the machine of the rows, "
        "docs/benchmark.md) and a quarter of it with 1% (87 ms); its 12 ms are for a quicker machine, docs/speed.md",
    ),
    "accurate": Limit(
        ms=725 / 10,
        why="a tenth of anomalib's Wide-ResNet-50 with a 10% coreset (725 ms, likewise); its 40 ms are for a quicker "
        "machine",
    ),
}


def choosing(samples: Sequence[Sample]) -> NDArray[np.bool_]:
    """True for the test pictures that choose: of each kind every other one, the first among them."""
    seen: dict[str, int] = {}
    chosen = []
    for sample in samples:
        chosen.append(seen.get(sample.kind, 0) % 2 == 0)
        seen[sample.kind] = seen.get(sample.kind, 0) + 1
    return np.array(chosen)


def picked(rows: Mapping[str, Lever], ms: float) -> str | None:
    """The row that the rule picks among those that take at most so many milliseconds; None where none does."""
    quick = {key: row for key, row in rows.items() if row.ms_p50 <= ms}
    if not quick:
        return None
    sure = max(row.choosing_auroc for row in quick.values())
    bundled = max(row.bundled_auroc for row in quick.values()) - MAY_LOSE
    fit = {key: row for key, row in quick.items() if row.choosing_auroc >= sure and row.bundled_auroc >= bundled}
    if not fit:
        return None
    best = max(row.choosing for row in fit.values())
    equals = [key for key, row in fit.items() if row.choosing >= best - EQUAL]
    return min(equals, key=lambda key: fit[key].ms_p50)
