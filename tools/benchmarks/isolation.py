"""What may disturb a line, and by how much it does: undisturbed rounds and disturbed ones in turn."""

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray

from inspector.line.record import Recorder
from inspector.line.scorer import Scorer
from inspector.messages import Image
from inspector.sources.rolling import Limits, RollingRecording
from tools.benchmarks.beside import STATION
from tools.benchmarks.metronome import Metronome
from tools.benchmarks.trial import Trial, endpoints, percentiles, trial


@dataclass(frozen=True, slots=True)
class Case:
    """Who is beside the station, who of them stops dead before the first part, and whether the disk does."""

    roles: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    disk_blocks: bool = False


CASES: Final = {
    "undisturbed": Case(),
    "five_viewers": Case(roles=("viewers",)),
    "store_and_viewers_stopped": Case(roles=("viewers", "store"), stopped=("viewers", "store")),
    "disk_blocks": Case(roles=("store",), stopped=("store",), disk_blocks=True),
    "plc_off": Case(roles=("bridge",)),
}
"""disk_blocks: the store hangs in a write and so does a recorder. plc_off: a real bridge, whose PLC never answers."""


def isolation(
    scorer: Scorer, images: Sequence[Image], rate: float, rounds: int, count: int, folder: Path
) -> dict[str, Any]:
    """Overhead by case. `p99_moved_ms` compares the medians of the rounds' p99, so that no single round decides."""
    overheads: dict[str, list[NDArray[np.float64]]] = {name: [] for name in CASES}
    sums: dict[str, Counter[str]] = {name: Counter() for name in CASES}
    for number in range(rounds):
        for name, case in CASES.items():
            source = Metronome(images, count, rate)
            run, unrecorded = _round(case, source, scorer, folder / f"{name}{number}")
            overheads[name].append(source.late_ms[: len(run.latency_ms)] + run.latency_ms - run.score_ms)
            sums[name].update(run.rules())
            sums[name].update(evidence_dropped=run.counts.get("evidence_dropped", 0), pictures_unrecorded=unrecorded)
    p99s = {name: [float(np.percentile(one, 99)) for one in found] for name, found in overheads.items()}
    return {
        name: {
            "overhead_ms": percentiles(np.concatenate(overheads[name])),
            "rounds_p99_ms": [round(p99, 2) for p99 in p99s[name]],
            "p99_moved_ms": round(float(np.median(p99s[name]) - np.median(p99s["undisturbed"])), 3),
            **sums[name],
        }
        for name in CASES
    }


def _round(case: Case, source: Metronome, scorer: Scorer, folder: Path) -> tuple[Trial, int]:
    """One run, and how many pictures its recorder had to give up."""
    folder.mkdir(parents=True)
    wire = endpoints(folder)
    if not case.disk_blocks:
        return trial(source, scorer, folder, wire=wire, roles=case.roles, stopped=case.stopped), 0
    with ExitStack() as stack:
        recorder = stack.enter_context(closing(Recorder(folder / "pictures", Limits(free_bytes=0), wire, STATION)))
        stack.enter_context(_blocked_disk())
        run = trial(recorder.tap(source), scorer, folder, wire=wire, roles=case.roles, stopped=case.stopped)
    return run, recorder.dropped


@contextmanager
def _blocked_disk() -> Iterator[None]:
    """Each write of a recording hangs until the block is over."""
    over = threading.Event()

    def write(_recording: object, _frame: object) -> None:
        over.wait()

    with patch.object(RollingRecording, "write", write):
        yield
        over.set()
