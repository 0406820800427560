"""How quickly the page shows a part, and what looking costs the line.

    python -m tools.measure_viewer                       # 4 rounds of 15 s each; needs playwright and Chromium
    python -m tools.measure_viewer --rounds 6 --json out/viewer.json

The station inspects the bundled recording's parts that pass, over and over, 30 a second. A round: nobody looks
(`off`), 20 sockets, a browser and 19 sockets (`browser`), the same with the browser at a lower priority
(`browser_nice`); `off` again after the last. `p99_moved_ms`: how much a phase's 99th percentile lies above the mean
of the two `off` around its round; the median of the rounds, so that one outlier decides nothing. `shown_ms`: from a
verdict's arrival at a listener on this machine until the page has drawn that part's picture. The browser draws,
without a graphics card, on the line's own cores, which a screen of its own would not. What a part costs in CPU time
depends little on what else the machine does.
"""

import argparse
import itertools
import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from typing import Any, Final

import numpy as np

from inspector.config import Config
from inspector.errors import InspectorError
from inspector.wire.subscribe import Subscriber, VerdictReceived
from tools.command import make_room, parser, run
from tools.viewer_load import RATE, SETTLE_S, browser, configured, cpu_s, program, sockets

SOCKETS: Final = 19
NICE: Final = 10
START_S: Final = 120.0


def main() -> None:
    options = _arguments()
    make_room(options.json)
    with tempfile.TemporaryDirectory(prefix="inspector-") as folder:
        config = configured(Path(folder), options.recording)
        told = json.dumps(_measure(Path(folder), config, options.rounds, options.seconds), indent=2)
    print(told)
    if options.json is not None:
        options.json.write_text(told + "\n", encoding="utf-8")


def _measure(folder: Path, config: Config, rounds: int, seconds: float) -> dict[str, Any]:
    lookers: dict[str, Callable[[], list[AbstractContextManager[Any]]]] = {
        "sockets": lambda: [sockets(config, SOCKETS + 1)],
        "browser": lambda: [sockets(config, SOCKETS), browser(config, folder)],
        "browser_nice": lambda: [sockets(config, SOCKETS), browser(config, folder, NICE)],
    }
    with program(folder, "run", "--alone"), closing(_Listener(config)) as listener:
        listener.wait()
        off = [listener.during(seconds)]
        looked: dict[str, list[dict[str, Any]]] = {name: [] for name in lookers}
        for _ in range(rounds):
            for name, start in lookers.items():
                looked[name].append(_looked(folder, listener, start(), seconds))
            off.append(listener.during(seconds))
    around = [(before["p99"] + after["p99"]) / 2 for before, after in itertools.pairwise(off)]
    return {
        "cores": os.cpu_count(),
        "parts_per_second": RATE,
        "rounds": rounds,
        "off": _summary(off),
        **{name: _summary(phases, around) for name, phases in looked.items()},
    }


def _looked(
    folder: Path, listener: "_Listener", lookers: list[AbstractContextManager[Any]], seconds: float
) -> dict[str, Any]:
    """One phase with a viewer that is looked at."""
    with ExitStack() as stack:
        stack.enter_context(program(folder, "view"))
        page = [stack.enter_context(looker) for looker in lookers][-1]
        found = listener.during(seconds)
        if page is not None:
            found["delays"] = listener.delays(page.evaluate("window.shown"))
    return found


def _summary(phases: list[dict[str, Any]], around: list[float] | None = None) -> dict[str, Any]:
    """Medians of the phases of one kind, and each phase's 99th percentile."""
    made: dict[str, Any] = {
        "verdict_ms": {key: round(statistics.median(phase[key] for phase in phases), 2) for key in ("p50", "p99")},
        "p99_each_ms": [phase["p99"] for phase in phases],
        "parts": sum(phase["parts"] for phase in phases),
    }
    if around is None:
        return made
    moved = [phase["p99"] - base for phase, base in zip(phases, around, strict=True)]
    made["p99_moved_ms"] = round(statistics.median(moved), 2)
    made["cpu_ms_per_part"] = {
        whose: round(1000 * sum(phase["cpu_s"][whose] for phase in phases) / max(1, made["parts"]), 2)
        for whose in phases[0]["cpu_s"]
    }
    if delays := [phase["delays"] for phase in phases if "delays" in phase]:
        made["shown_ms"] = {
            "median": round(statistics.median(_ms(each, 50) for each in delays), 2),
            "p95": round(statistics.median(_ms(each, 95) for each in delays), 2),
            "pictures": sum(map(len, delays)),
        }
    return made


class _Listener:
    """Hears the verdicts in a thread of its own: when each came, and how long it took."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._came: dict[tuple[str, int], float] = {}
        self._latencies: list[float] = []
        self._heard = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)
        self._thread.start()

    def wait(self) -> None:
        """Until verdicts come, and the line has warmed up."""
        if not self._heard.wait(START_S):
            raise InspectorError(f"the station judged no part within {START_S:.0f} s")
        time.sleep(SETTLE_S)

    def during(self, seconds: float) -> dict[str, Any]:
        """Latencies of the verdicts that come in this time, once what has just begun has settled."""
        time.sleep(SETTLE_S)
        before, spent = len(self._latencies), cpu_s()
        time.sleep(seconds)
        latencies = self._latencies[before:]
        return {
            "p50": _ms(latencies, 50),
            "p99": _ms(latencies, 99),
            "parts": len(latencies),
            "cpu_s": {whose: used - spent[whose] for whose, used in cpu_s().items()},
        }

    def delays(self, shown: list[tuple[str, int, float]]) -> list[float]:
        """From a verdict's arrival here until its part was drawn, in ms."""
        return [at_ms - 1000 * self._came[run_, seq] for run_, seq, at_ms in shown if (run_, seq) in self._came]

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        with closing(Subscriber(self._config.wire, self._config.station.name, "measure")) as subscriber:
            while not self._over.is_set():
                for item in subscriber.receive(0.2):
                    if isinstance(item, VerdictReceived) and not item.recovered:
                        self._came[item.verdict.run, item.verdict.seq] = time.time()
                        self._latencies.append(item.verdict.latency_ms)
                        self._heard.set()


def _ms(values: list[float], percentile: float) -> float:
    return round(float(np.percentile(values, percentile)), 2) if values else float("nan")


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_viewer", __doc__)
    add.add_argument("--rounds", type=int, default=4, metavar="N", help="default: 4")
    add.add_argument("--seconds", type=float, default=15.0, metavar="S", help="each phase; default: 15")
    add.add_argument("--recording", type=Path, default=Path("recordings/flange"), metavar="DIR", help="the bundled one")
    add.add_argument("--json", type=Path, metavar="FILE", help="write it there, too")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
