"""One run of a whole station in this process, listened to from another: what came of each part."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.config import Config, FolderSource, LineConfig, ScoringConfig, StationConfig, StoreConfig, WireConfig
from inspector.line.scorer import Scorer
from inspector.line.station import Station
from inspector.sources import Source
from inspector.triggers import open_trigger
from tools.benchmarks.beside import STATION, beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What a listener heard of a run, by part."""

    taken: int
    latency_ms: NDArray[np.float64]
    """From arrival to just before sending."""
    score_ms: NDArray[np.float64]
    received_ms: NDArray[np.float64]
    """Monotonic."""
    passed: NDArray[np.bool_]
    odd: dict[str, int]
    """What else was heard: recovered verdicts, repeats, contradictions, gaps."""
    counts: dict[str, int]
    """The station's own."""
    wakeup_ms: NDArray[np.float64]
    """How late a thread that does nothing else woke meanwhile; empty unless asked for."""

    def rules(self) -> dict[str, int]:
        """The rules of the line, in numbers; all but the first two must be 0."""
        return {
            "parts": self.taken,
            "verdicts": len(self.latency_ms),
            "duplicates": self.odd.get("Repeated", 0) + self.odd.get("Contradiction", 0),
            "gaps": self.odd.get("Gap", 0),
            "lost": self.taken - len(self.latency_ms),
        }


def endpoints(folder: Path, keys: str | None = None) -> WireConfig:
    """A wire that nobody else uses: files in the folder."""
    names = ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge")
    where: dict[str, Any] = {name: f"ipc://{folder}/{name}" for name in names}
    return WireConfig(**where, keys=keys, wait_for=("bridge",), wait_s=20.0)


def trial(
    source: Source,
    scorer: Scorer,
    folder: Path,
    *,
    line: LineConfig | None = None,
    wire: WireConfig | None = None,
    roles: Sequence[str] = (),
    stopped: Sequence[str] = (),
    disturb: Callable[[dict[str, "subprocess.Popen[bytes]"], threading.Event], None] | None = None,
) -> Trial:
    """Run a station to the end of its source.

    roles: programs beside it; stopped: those of them that stop dead (SIGSTOP) before the first part; disturb: called in
    a thread of its own with all programs, and an event that is set when the run is over.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wire = wire or endpoints(folder)
    config = Config(
        station=StationConfig(name=STATION, log_folder=None, state_folder=str(folder / "state")),
        source=FolderSource(path="none"),
        scoring=ScoringConfig(recipe="none"),
        line=line or LineConfig(),
        wire=wire,
        store=StoreConfig(),
    )
    with beside(("listener", *roles), wire, folder) as programs:
        time.sleep(0.5 if roles else 0.1)  # their subscriptions arrive
        for role in stopped:
            programs[role].send_signal(signal.SIGSTOP)
        counts: dict[str, int] = {}
        station = Station(config, source, open_trigger(config.trigger), scorer)
        over = threading.Event()
        disturber = threading.Thread(target=disturb, args=(programs, over)) if disturb else None
        if disturber:
            disturber.start()
        try:
            summary = station.run(threading.Event(), time.monotonic(), lambda health: counts.update(health.counts))
        finally:
            over.set()
            if disturber:
                disturber.join()
        try:
            programs["listener"].wait(20)
        except subprocess.TimeoutExpired:  # it missed the end, and says what it has
            programs["listener"].terminate()
            programs["listener"].wait(20)
    rows = np.load(folder / "listener.npy").reshape(-1, 5)
    rows = rows[np.argsort(rows[:, 0])]
    wakeup = folder / "wakeup.npy"
    return Trial(
        taken=summary.parts + summary.lost,
        latency_ms=rows[:, 1],
        score_ms=rows[:, 2],
        received_ms=rows[:, 3],
        passed=rows[:, 4] > 0,
        odd=json.loads((folder / "listener.json").read_text()),
        counts=counts,
        wakeup_ms=np.load(wakeup) if wakeup.exists() else np.zeros(0),
    )


def percentiles(values_ms: NDArray[np.float64]) -> dict[str, float]:
    """p50, p95, p99 and max, in ms."""
    if not len(values_ms):
        return {}
    figures = {f"p{percent}": float(np.percentile(values_ms, percent)) for percent in (50, 95, 99)}
    return {name: round(value, 3) for name, value in {**figures, "max": float(values_ms.max())}.items()}
