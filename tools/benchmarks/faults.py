"""The faults of the soak: each is a run of a line to which something happens, and what came of it in numbers."""

import json
import os
import random
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import numpy as np

from inspector.config import LineConfig
from inspector.messages import Image
from tools.benchmarks.metronome import Metronome, Preloaded
from tools.benchmarks.null_scorer import NullScorer
from tools.benchmarks.programs import (
    everything_on_a_full_disk,
    killed_at_random,
    log_on_a_full_disk,
    terminated_under_load,
)
from tools.benchmarks.resident import resident_mb
from tools.benchmarks.trial import trial

SIZE: Final = (64, 48)
READABLE_RATE: Final = 6000.0
"""Parts a second. The line does several times that, but no listener in Python reads it; and what it had not read within
the last 10,000 verdicts would be gone for good, as docs/wire.md says."""
RATE: Final = 200.0
"""Parts a second where the rate is not what is tried."""

Programs: TypeAlias = "dict[str, subprocess.Popen[bytes]]"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """How much of it."""

    folder: Path
    parts: int
    """Of the long run."""
    seconds: float
    """Of the others, about."""
    seed: int


def _images() -> list[Image]:
    return [np.full((SIZE[1], SIZE[0], 3), value, np.uint8) for value in (10, 20, 30)]


def _count(fault: Fault) -> int:
    return max(50, int(fault.seconds * RATE))


def bursts(fault: Fault) -> dict[str, Any]:
    """Pictures come 50 at once: with room for them none is lost, without room the rest are `overrun`."""
    count = _count(fault) // 50 * 50
    roomy = trial(Metronome(_images(), count, RATE, burst=50), NullScorer(SIZE), fault.folder / "roomy",
                  line=LineConfig(slots=64))  # fmt: skip
    tight = trial(Metronome(_images(), count, RATE, burst=50), NullScorer(SIZE), fault.folder / "tight",
                  line=LineConfig(slots=8))  # fmt: skip
    rules = {key: roomy.rules()[key] + tight.rules()[key] for key in roomy.rules()}
    overrun = [run.counts.get("not_inspected.overrun", 0) for run in (roomy, tight)]
    return {**rules, "overrun_with_64_slots": overrun[0], "overrun_with_8_slots": overrun[1],
            "broken": "parts overran 64 slots" if overrun[0] else ""}  # fmt: skip


def clock(fault: Fault) -> dict[str, Any]:
    """The clock steps by hours, back and forth: no age and no deadline changes."""
    steps, chance, real = [0], random.Random(fault.seed), time.time_ns
    step_ns = [0]

    def disturb(_programs: Programs, over: threading.Event) -> None:
        while not over.wait(0.2):
            step_ns[0] = chance.randint(-7200, 7200) * 1_000_000_000
            steps[0] += 1

    time.time_ns = lambda: real() + step_ns[0]
    try:
        run = trial(Metronome(_images(), _count(fault), RATE), NullScorer(SIZE), fault.folder,
                    line=LineConfig(deadline_ms=60_000), disturb=disturb)  # fmt: skip
    finally:
        time.time_ns = real
    late = run.counts.get("not_inspected.late", 0)
    worst_ms = float(run.latency_ms.max())
    return {**run.rules(), "steps": steps[0], "late": late, "worst_latency_ms": round(worst_ms, 1),
            "broken": "a clock step changed an age" if late or not 0 <= worst_ms < 60_000 else ""}  # fmt: skip


def cut(fault: Fault) -> dict[str, Any]:
    """The listener stops reading, again and again, for longer than its queues hold; then gets what it missed."""
    chance = random.Random(fault.seed)
    rate, cuts = 1000.0, [0]

    def disturb(programs: Programs, over: threading.Event) -> None:
        last = time.monotonic() + count / rate - 4.5  # it must be back before the station, and what it holds, has gone
        while not over.wait(chance.uniform(0.2, 1.0)) and time.monotonic() < last:
            programs["listener"].send_signal(signal.SIGSTOP)
            over.wait(chance.uniform(1.5, 3.5))
            programs["listener"].send_signal(signal.SIGCONT)
            cuts[0] += 1

    count = max(3000, int(fault.seconds * rate))
    run = trial(Metronome(_images(), count, rate), NullScorer(SIZE), fault.folder,
                line=LineConfig(slots=64), disturb=disturb)  # fmt: skip
    return {**run.rules(), "cuts": cuts[0], "recovered": run.odd.get("recovered", 0)}


def joiners(fault: Fault) -> dict[str, Any]:
    """10,000 listeners come and go in one run; none leaves anything behind in the station."""
    files: list[int] = []

    def disturb(programs: Programs, over: threading.Event) -> None:
        while not over.wait(0.2):
            files.append(len(os.listdir("/proc/self/fd")))
            if programs["joiners"].poll() is not None:
                source.end.set()

    source = _UntilTold(_images(), RATE)
    run = trial(source, NullScorer(SIZE), fault.folder, roles=("joiners",), disturb=disturb)
    grown = files[-1] - files[0] if files else 0
    return {**run.rules(), "joined": _joined(fault.folder), "open_files_grown": grown}


def long_run(fault: Fault) -> dict[str, Any]:
    """As many parts as in many hours, as fast as a listener can read them; memory stays as it is."""
    resident: list[float] = []

    def watch(_programs: Programs, over: threading.Event) -> None:
        while not over.wait(0.5):
            resident.append(resident_mb())

    source = Preloaded(_images(), fault.parts, at_most=READABLE_RATE)
    run = trial(source, NullScorer(SIZE), fault.folder, line=LineConfig(overflow="block", overlay_fps=30),
                disturb=watch)  # fmt: skip
    warm = resident[len(resident) // 5 :] or [resident_mb()]
    per_s = run.taken / ((source.last_ns - source.first_ns) / 1e9)
    return {
        **run.rules(),
        "per_s": round(per_s),
        "warm_mb": round(warm[0], 1),
        "grown_mb": round(warm[-1] - warm[0], 1),
        "recovered": run.odd.get("recovered", 0),
    }


class _UntilTold(Metronome):
    """Goes on until `end` is set."""

    def __init__(self, pictures: list[Image], rate: float) -> None:
        super().__init__(pictures, 10**6, rate)
        self.end = threading.Event()

    def frames(self, stop: threading.Event) -> Any:
        for frame in super().frames(stop):
            if self.end.is_set():
                return
            yield frame


def _joined(folder: Path) -> int:
    return int(json.loads((folder / "joiners.json").read_text())["joined"])


FAULTS: Final[dict[str, Callable[[Fault], dict[str, Any]]]] = {
    "bursts": bursts,
    "clock": clock,
    "cut": cut,
    "joiners": joiners,
    "killed": lambda fault: killed_at_random(fault.folder, fault.seconds, fault.seed),
    "terminated": lambda fault: terminated_under_load(fault.folder, fault.seconds),
    "full_log": lambda fault: log_on_a_full_disk(fault.folder, fault.seconds),
    "full_disk": lambda fault: everything_on_a_full_disk(fault.folder, fault.seconds),
    "long_run": long_run,
}
"""By name, the quick ones first."""
