"""Who looks, for `tools.measure_viewer`: programs, sockets that read all they get, a browser; and what they cost."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from inspector.config import Config, load
from inspector.errors import InspectorError

RATE: Final = 30.0
"""Parts a second."""
SETTLE_S: Final = 3.0
CHROMIUM: Final = "/usr/bin/chromium"
QUIET: Final = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
                "--disable-sync", "--no-first-run")  # fmt: skip
_TICKS: Final = os.sysconf("SC_CLK_TCK")


@contextmanager
def sockets(config: Config, count: int) -> Iterator[None]:
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
def browser(config: Config, folder: Path, nice: int = 0) -> Iterator[Any]:
    """The live page, which notes when it has drawn which part; `nice`: how much the browser gives way to others."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise InspectorError("needs playwright: pip install -e '.[dev]'") from None
    if not Path(CHROMIUM).exists():
        raise InspectorError(f"needs {CHROMIUM}: apt install chromium")
    note = (
        "window.shown = []; window.drawn = 0; document.addEventListener('shown', ({ detail: { kind, run, seq } }) =>"
        " kind === 'part' && ++window.drawn"
        " && window.shown.push([run, seq, performance.timeOrigin + performance.now()]))"
    )
    kiosk = folder / f"chromium-{nice}"
    kiosk.write_text(f'#!/bin/sh\nexec nice -n {nice} {CHROMIUM} "$@"\n', encoding="utf-8")
    kiosk.chmod(0o755)
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=kiosk, args=list(QUIET))
        page = launched.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(note)
        page.goto(f"http://127.0.0.1:{config.viewer.port}")
        page.wait_for_selector("#empty", state="hidden")
        yield page
        launched.close()


@contextmanager
def program(folder: Path, *arguments: str) -> Iterator[None]:
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


def configured(folder: Path, recording: Path, rejects: int = 0, threads: int = 1) -> Config:
    """The bundled recording's parts that pass, 30 a second for ever, on ports of their own; threads: to score with.

    No rejects, or so many in a round of them: the page stays on the picture of one for a while, and does not show those
    that come meanwhile.
    """
    expected = (recording / "inspect" / "expected.jsonl").read_text(encoding="utf-8").splitlines()
    parts = list(map(json.loads, expected))
    files = [part["part"] for part in parts if part["outcome"] == "pass"]
    files += [part["part"] for part in parts if part["outcome"] == "fail"][:rejects]
    with (folder / "index.jsonl").open("w", encoding="utf-8") as good:
        for counter, file in enumerate(files, 1):  # numbered anew: what was left out is not missed
            taken = {"file": file, "counter": counter, "exposed_ns": round(counter * 1e9 / RATE)}
            good.write(json.dumps(taken) + "\n")
    (folder / "frames").symlink_to((recording / "inspect" / "frames").resolve())
    sockets = ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge")
    document = {
        "station": {"name": "measured", "log_folder": None, "state_folder": str(folder / "state")},
        "source": {"type": "recording", "path": str(folder), "loop": True},
        "scoring": {"recipe": str((recording / "recipe").resolve()), "threads": threads},
        "wire": {key: f"ipc://{folder}/{key}" for key in sockets},
        "plc": {"type": "null"},
        "viewer": {"port": 18_000 + os.getpid() % 10_000},
    }
    (folder / "config.yaml").write_text(json.dumps(document), encoding="utf-8")  # JSON is YAML
    return load(folder / "config.yaml")


def memory_mb() -> float:
    """What the browser that this process has started takes: the proportional share of all its processes, in MB."""
    total = 0
    for pid, whose, _ in _started():
        with suppress(OSError):  # it ended meanwhile
            rollup = Path(f"/proc/{pid}/smaps_rollup").read_text() if whose == "browser" else ""
            total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1000


def cpu_s() -> dict[str, float]:
    """CPU time used so far by what this process has started, in s: `viewer`, and `browser` with all its processes."""
    spent = {"viewer": 0.0, "browser": 0.0}
    for _, whose, used in _started():
        if whose in spent:
            spent[whose] += used
    return spent


def _started() -> Iterator[tuple[int, str, float]]:
    """Each process that comes of this one: its id, whose it is, and the CPU time it has used, in s."""
    children: dict[int, list[int]] = {}
    used: dict[int, float] = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            fields = (path / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:  # it ended meanwhile
            continue
        children.setdefault(int(fields[1]), []).append(int(path.name))
        used[int(path.name)] = (int(fields[11]) + int(fields[12])) / _TICKS
    waiting = [(pid, "") for pid in children.get(os.getpid(), [])]
    while waiting:
        pid, whose = waiting.pop()
        whose = whose or _whose(pid)
        yield pid, whose, used[pid]
        waiting += [(child, whose if whose in ("viewer", "browser") else "") for child in children.get(pid, [])]


def _whose(pid: int) -> str:
    try:
        words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    except OSError:
        return ""
    if "inspector" in words:
        return "viewer" if "view" in words else "station"
    return "browser" if "chromium" in words[0] else ""
