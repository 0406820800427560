"""The streaming core, measured with no camera: what it adds to the scorer, and what may disturb it."""

import gc
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np

from inspector.config import LineConfig, RecordingSource, ScoringConfig
from inspector.line.calm import calm
from inspector.line.judging import first_score
from inspector.line.record import LAST_S, Recorder
from inspector.line.scorer import Scorer
from inspector.messages import Frame, Image, Part
from inspector.scoring.scorer import open_scorer
from inspector.sources import open_source
from inspector.sources.rolling import Limits
from inspector.wire.keys import make_set
from tools.benchmarks.beside import STATION
from tools.benchmarks.isolation import isolation
from tools.benchmarks.metronome import Metronome, Preloaded
from tools.benchmarks.null_scorer import NullScorer
from tools.benchmarks.paced import PARTS, paced
from tools.benchmarks.resident import resident_mb
from tools.benchmarks.trial import endpoints, percentiles, trial
from tools.machine import Meter, processor, versions

LOAD: Final = 0.5
"""Share of its time that the scorer works in the measurement of the overhead."""
RECORDED: Final = Limits(free_bytes=0)
SECTIONS: Final = ("overhead", "sustained", "isolation", "recording", "encryption", "memory", "ready", "paced")


def benchmark(short: bool, recipe: str, pictures: str, only: Sequence[str] = SECTIONS) -> dict[str, Any]:
    """The figures of those sections, in seconds or milliseconds as their names say.

    `others` is the share of the processor that everything else took meanwhile: the more, the less a figure says.
    """
    images = _pictures(pictures, 8 if short else 60)
    scorer = open_scorer(ScoringConfig(recipe=recipe))
    first_score(scorer)
    gc.collect()
    gc.freeze()  # as a station does
    alone_ms = _alone(scorer, images, 10 if short else 200)
    rate = LOAD * 1000 / alone_ms
    out: dict[str, Any] = {
        "machine": {"processor": processor(), "versions": versions()},
        "frame": list(images[0].shape[1::-1]),
        "scorer": {"runtime": scorer.runtime, "alone_ms": round(alone_ms, 3)},
    }
    with tempfile.TemporaryDirectory(prefix="inspector-") as temporary:
        folder = Path(temporary)
        measured: dict[str, Callable[[], dict[str, Any]]] = {
            "overhead": lambda: _overhead(scorer, images, 1 if short else 7, 40 if short else 300, folder / "overhead"),
            "sustained": lambda: _sustained(scorer, images, 40 if short else 1000, folder / "sustained"),
            "isolation": lambda: isolation(
                scorer, images, rate, 1 if short else 5, 40 if short else 300, folder / "isolation"
            ),
            "recording": lambda: _recording(scorer, images, rate, 40 if short else 600, folder / "recording"),
            "encryption": lambda: _encryption(images, 40 if short else 2000, folder / "encryption"),
            "memory": lambda: _memory(images, 2000 if short else 100_000, folder / "memory"),
            "ready": lambda: _ready(recipe, pictures, folder / "ready"),
            "paced": lambda: paced(Path(pictures).parent, 60 if short else PARTS),
        }
        for name in only:
            meter = Meter()
            figures, others = measured[name](), meter.others()
            out[name] = {**figures, "others": None if others is None else round(others, 2)}
    return out


def _pictures(folder: str, count: int) -> list[Image]:
    with closing(open_source(RecordingSource(path=folder, speed=0))) as source:
        frames = (seen for seen in source.frames(threading.Event()) if isinstance(seen, Frame))
        return [frame.image for frame, _ in zip(frames, range(count), strict=False)]


def _alone(scorer: Scorer, images: Sequence[Image], count: int) -> float:
    """What the scorer takes to look at a part's picture and to score it with nothing beside it, in ms."""
    whole = np.eye(2, 3, dtype=np.float32)
    begun_ns = time.monotonic_ns()
    with calm():
        for number in range(count):
            image = images[number % len(images)]
            part = Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=whole)
            scorer.examine(part)
            scorer.score(part)
    return (time.monotonic_ns() - begun_ns) / 1e6 / count


def _overhead(scorer: Scorer, images: Sequence[Image], rounds: int, count: int, folder: Path) -> dict[str, Any]:
    """From the time a picture was due to its verdict's sending, less scoring; beside a thread that only wakes up.

    In rounds, each at LOAD of what the scorer alone does just then. `quietest` is the round in which others took least
    of the processor: where they took much, the scorer is slower than it was a moment before, and parts queue for it.
    """
    told, all_ms, taken, lost = [], [], 0, 0
    for number in range(rounds):
        rate = LOAD * 1000 / _alone(scorer, images, max(5, count // 10))
        source, meter = Metronome(images, count, rate), Meter()
        run = trial(source, scorer, folder / str(number), roles=("wakeup",))
        late_ms = source.late_ms[: len(run.latency_ms)]
        overhead_ms = late_ms + run.latency_ms - run.score_ms
        all_ms.append(overhead_ms)
        taken, lost = taken + run.taken, lost + run.rules()["lost"]
        told.append({
            "others": round(meter.others() or 0.0, 2),
            "stolen_ms": round(1000 * (meter.stolen_s() or 0.0)),
            "rate_per_s": round(rate, 2),
            "load": round(float(run.score_ms.mean()) * rate / 1000, 2),
            "overhead_ms": percentiles(overhead_ms),
            "of_that_source_woke_late_ms": percentiles(late_ms),
            "bare_wakeup_ms": percentiles(run.wakeup_ms),
        })  # fmt: skip
    return {
        "parts": taken,
        "lost": lost,
        "overhead_ms": percentiles(np.concatenate(all_ms)),
        "quietest": min(told, key=lambda one: float(str(one["others"]))),
        "rounds": told,
    }


def _sustained(scorer: Scorer, images: Sequence[Image], count: int, folder: Path) -> dict[str, Any]:
    """As fast as it goes, beside the scorer alone in turn: the machine's other work changes both alike."""
    line_ms, alone_ms, rounds = 0.0, 0.0, 4
    for number in range(rounds):
        alone_ms += _alone(scorer, images, count // rounds) / rounds
        source = Preloaded(images, count // rounds)
        run = trial(source, scorer, folder / str(number), line=LineConfig(overflow="block", overlay_fps=30))
        sent_ms = np.diff(run.received_ms)
        line_ms += float(sent_ms.mean()) / rounds
    return {
        "parts": count,
        "alone_per_s": round(1000 / alone_ms, 2),
        "line_per_s": round(1000 / line_ms, 2),
        "share": round(alone_ms / line_ms, 4),
    }


def _recording(scorer: Scorer, images: Sequence[Image], rate: float, count: int, folder: Path) -> dict[str, Any]:
    """Latency without and with a recorder that writes every picture, and how fast that writes when it is hurried."""
    out: dict[str, Any] = {}
    for name in ("without", "with"):
        source, wire = Metronome(images, count, rate / 2), endpoints(folder / name)
        if name == "without":
            run = trial(source, scorer, folder / name, wire=wire)
        else:
            with closing(Recorder(folder / "pictures", RECORDED, wire, STATION)) as recorder:
                run = trial(recorder.tap(source), scorer, folder / name, wire=wire)
            out["recorded"], out["dropped"] = recorder.recorded, recorder.dropped
        late_ms = source.late_ms[: len(run.latency_ms)]
        figures = {"overhead_ms": late_ms + run.latency_ms - run.score_ms, "score_ms": run.score_ms}
        out[name] = {what: percentiles(values) for what, values in figures.items()} | run.rules()
    before, after = (out[name]["overhead_ms"].get("p99", 0.0) for name in ("without", "with"))
    out["p99_moved_ms"] = round(after - before, 3)
    begun = time.monotonic()
    with closing(Recorder(folder / "hurried", RECORDED, endpoints(folder / "nobody"), STATION)) as recorder:
        for frame in Preloaded(images, min(count, 200)).frames(threading.Event()):
            recorder.take(frame)
    out["sustained_per_s"] = round(recorder.recorded / (time.monotonic() - begun - LAST_S), 1)
    return out


def _encryption(images: Sequence[Image], count: int, folder: Path) -> dict[str, Any]:
    """From sending to having been read by a listener in another process, plain and with keys."""
    out = {}
    make_set(folder / "keys")
    for name, keys in (("plain", None), ("curve", str(folder / "keys"))):
        source = Metronome(images, count, 100)
        size = (images[0].shape[1], images[0].shape[0])
        wire = endpoints(folder / name, keys)
        run = trial(source, NullScorer(size), folder / name, wire=wire)
        sent_ms = source.arrived_ms[: len(run.latency_ms)] + run.latency_ms
        out[name] = {"sent_to_read_ms": percentiles(run.received_ms - sent_ms), **run.rules()}
    return out


def _memory(images: Sequence[Image], count: int, folder: Path) -> dict[str, Any]:
    """Resident memory once warm, and how much it grew over the parts after that, at full speed with a null scorer."""
    size = (images[0].shape[1], images[0].shape[0])
    source, resident = Preloaded(images, count), list[float]()
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.5):
            resident.append(resident_mb())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        run = trial(source, NullScorer(size), folder, line=LineConfig(overflow="block", overlay_fps=30))
    finally:
        over.set()
        watcher.join()
    resident = resident or [resident_mb()]
    warm = resident[len(resident) // 5 :]
    return {"warm_mb": round(warm[0], 1), "grown_mb": round(warm[-1] - warm[0], 1), "most_mb": round(max(warm), 1),
            "per_s": round(count / ((source.last_ns - source.first_ns) / 1e9), 1), **run.rules()}  # fmt: skip


def _ready(recipe: str, pictures: str, folder: Path) -> dict[str, Any]:
    """From the start of `inspector run` to the first part that it could take."""
    folder.mkdir()
    wire = {key: f"ipc://{folder}/{key}" for key in ("verdicts", "recovery", "overlays", "commands", "evidence")}
    config = {
        "station": {"log_folder": None, "state_folder": str(folder)},
        "source": {"type": "recording", "path": str(Path(pictures).absolute()), "speed": 0},
        "scoring": {"recipe": str(Path(recipe).absolute())},
        "wire": wire,
    }
    (folder / "config.yaml").write_text(json.dumps(config))
    words = ["run", "--alone", "-c", str(folder / "config.yaml"), "--summary", str(folder / "summary.json")]
    subprocess.run([sys.executable, "-m", "inspector", *words], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)  # fmt: skip
    return {"ready_s": float(json.loads((folder / "summary.json").read_text())["ready_s"])}
