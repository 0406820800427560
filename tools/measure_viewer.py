"""How quickly the page shows a part, and what looking costs the line: one browser and 19 sockets, off, on, off.

    python -m tools.measure_viewer                       # 20 s each; needs playwright and Chromium
    python -m tools.measure_viewer --seconds 30 --json out/viewer.json

The station inspects the bundled recording's good parts, over and over, 30 a second. `shown` is from a verdict's arrival
at a listener on this machine until the page has drawn that part's picture. The browser draws on this machine's cores
too, which it would not at a line: `sockets` is the same without it.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from inspector.config import Config, RecordingSource, load
from inspector.errors import InspectorError
from inspector.sources.truth import load_truth
from inspector.wire.subscribe import Subscriber, VerdictReceived
from tools.command import make_room, parser, run

SOCKETS = 19
RATE = 30.0
START_S = 120.0
SETTLE_S = 3.0
RECORDED = 2.0
"""Parts a second in the bundled recording."""
CHROMIUM = "/usr/bin/chromium"
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
         "--disable-sync", "--no-first-run")  # fmt: skip


def main() -> None:
    options = _arguments()
    make_room(options.json)
    with tempfile.TemporaryDirectory(prefix="inspector-") as folder:
        config = _configured(Path(folder), options.recording)
        told = json.dumps(_measure(Path(folder), config, options.seconds), indent=2)
    print(told)
    if options.json is not None:
        options.json.write_text(told + "\n", encoding="utf-8")


def _measure(folder: Path, config: Config, seconds: float) -> dict[str, Any]:
    with _program(folder, "run", "--alone"), closing(_Listener(config)) as listener:
        listener.wait()
        off = listener.during(seconds)
        with _program(folder, "view"):
            with _sockets(config, SOCKETS + 1):
                sockets = listener.during(seconds)
            with _sockets(config, SOCKETS), _browser(config) as page:
                on = listener.during(seconds)
                shown = page.evaluate("window.shown")
        off_again = listener.during(seconds)
        delays = listener.delays(shown)
    apart = max(off["p99"], off_again["p99"])
    return {
        "cores": os.cpu_count(),
        "parts_per_second": RATE,
        "shown_ms": {"median": _ms(delays, 50), "p95": _ms(delays, 95), "pictures": len(delays)},
        "verdict_ms": {"off": off, "on": on, "off_again": off_again, "sockets": sockets},
        "p99_moved_ms": round(on["p99"] - apart, 2),
        "p99_moved_by_sockets_ms": round(sockets["p99"] - apart, 2),
    }


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
        before = len(self._latencies)
        time.sleep(seconds)
        latencies = self._latencies[before:]
        return {"p50": _ms(latencies, 50), "p99": _ms(latencies, 99), "parts": len(latencies)}

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


@contextmanager
def _sockets(config: Config, count: int) -> Iterator[None]:
    """Followers that read and acknowledge all they get, in a process of their own: their work is not the viewer's."""
    code = (
        "import asyncio, sys\nfrom websockets.asyncio.client import connect\n"
        "async def follow(url):\n"
        "    async with connect(url, max_size=None, compression=None) as socket:\n"
        "        async for _ in socket:\n"
        "            await socket.send('')\n"
        "async def main():\n"
        "    await asyncio.gather(*(follow(sys.argv[1]) for _ in range(int(sys.argv[2]))))\n"
        "asyncio.run(main())"
    )
    url = f"ws://127.0.0.1:{config.viewer.port}/live"
    with subprocess.Popen([sys.executable, "-c", code, url, str(count)]) as followers:
        try:
            yield
            if followers.poll() is not None:
                raise InspectorError("the viewer did not keep its followers")
        finally:
            followers.kill()


@contextmanager
def _browser(config: Config) -> Iterator[Any]:
    """The live page, which notes when it has drawn which part."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise InspectorError("needs playwright: pip install -e '.[dev]'") from None
    if not Path(CHROMIUM).exists():
        raise InspectorError(f"needs {CHROMIUM}: apt install chromium")
    note = (
        "window.shown = []; document.addEventListener('shown', ({ detail: { kind, run, seq } }) =>"
        " kind === 'part' && window.shown.push([run, seq, performance.timeOrigin + performance.now()]))"
    )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(note)
        page.goto(f"http://127.0.0.1:{config.viewer.port}")
        page.wait_for_selector("#empty", state="hidden")
        yield page
        browser.close()


@contextmanager
def _program(folder: Path, *arguments: str) -> Iterator[None]:
    command = [sys.executable, "-m", "inspector", arguments[0], "-c", str(folder / "config.yaml"), *arguments[1:]]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            if arguments[0] == "view":
                time.sleep(SETTLE_S)
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def _configured(folder: Path, recording: Path) -> Config:
    """The bundled recording's good parts, 30 a second for ever, on ports of their own."""
    truth = load_truth(RecordingSource(path=str(recording / "inspect"))) or {}
    index = (recording / "inspect" / "index.jsonl").read_text(encoding="utf-8").splitlines()
    good = [line for line in index if not truth.get(json.loads(line)["file"])]
    (folder / "index.jsonl").write_text("\n".join(good) + "\n", encoding="utf-8")
    (folder / "frames").symlink_to((recording / "inspect" / "frames").resolve())
    sockets = ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge")
    document = {
        "station": {"name": "measured", "log_folder": None, "state_folder": str(folder / "state")},
        "source": {"type": "recording", "path": str(folder), "speed": RATE / RECORDED, "loop": True},
        "scoring": {"recipe": str((recording / "recipe").resolve()), "threads": 1},
        "wire": {key: f"ipc://{folder}/{key}" for key in sockets},
        "plc": {"type": "null"},
        "viewer": {"port": 18_000 + os.getpid() % 10_000},
    }
    (folder / "config.yaml").write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    return load(folder / "config.yaml")


def _ms(values: list[float], percentile: float) -> float:
    return round(float(np.percentile(values, percentile)), 2) if values else float("nan")


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_viewer", __doc__)
    add.add_argument("--seconds", type=float, default=20.0, metavar="S", help="each phase; default: 20")
    add.add_argument("--recording", type=Path, default=Path("recordings/flange"), metavar="DIR", help="the bundled one")
    add.add_argument("--json", type=Path, metavar="FILE", help="write it there, too")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
