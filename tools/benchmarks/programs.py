"""Faults of real programs: `inspector run` with all that it starts, listened to from here."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

from inspector.config import Config, load
from inspector.line.supervise import BACK_OFF_S
from inspector.store.database import open_for_reading
from inspector.store.verify import verify
from inspector.wire.subscribe import HealthReceived, Subscriber, VerdictReceived
from tools.benchmarks.small_disk import fill, small_disk

SOURCE, RECIPE = "recordings/flange/inspect", "recordings/flange/recipe"


def killed_at_random(folder: Path, seconds: float, seed: int) -> dict[str, Any]:
    """Bridge, viewer and store are killed (-9) or stopped for a while (SIGSTOP) at random, while parts go on."""
    chance, done = random.Random(seed), Counter[str]()
    config = _config(folder, speed=2.0, loop=True)
    store = {"store": {"folder": str(folder / "store"), "free_mb": 0}}
    _write(folder, {**config, **store})

    def disturb(program: "subprocess.Popen[bytes]") -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            time.sleep(chance.uniform(0.2, 1.0))
            beside = {name: pid for name, pid in children(program.pid).items() if name != "run"}
            if not beside:
                continue
            name = chance.choice(sorted(beside))
            if chance.random() < 0.5:
                _send(beside[name], signal.SIGKILL)
                done[f"{name} killed"] += 1
            else:
                _send(beside[name], signal.SIGSTOP)
                time.sleep(chance.uniform(0.2, 1.5))
                _send(beside[name], signal.SIGCONT)
                done[f"{name} stopped"] += 1

    return {**_run(folder, (), disturb, 143), **done}


def terminated_under_load(folder: Path, seconds: float) -> dict[str, Any]:
    """SIGTERM while parts come as fast as they can be judged: each one taken has its verdict, and the code is 143."""
    _write(folder, _config(folder, speed=0, loop=True))
    return _run(folder, ("--alone",), lambda _program: time.sleep(min(10.0, seconds)), 143)


def log_on_a_full_disk(folder: Path, seconds: float) -> dict[str, Any]:
    """Every write of the log fails for want of room."""
    (folder / "logs").mkdir()
    (folder / "logs" / "line1-station.log").symlink_to("/dev/full")
    config = _config(folder, speed=2.0, loop=True)
    config["station"]["log_folder"] = str(folder / "logs")
    _write(folder, config)
    figures = _run(folder, ("--alone",), lambda _program: time.sleep(min(10.0, seconds)), 143)
    said = "log file: No space left on device" in figures["told"]
    return figures if said or figures["broken"] else {**figures, "broken": "the heartbeat did not say so"}


def everything_on_a_full_disk(folder: Path, seconds: float) -> dict[str, Any]:
    """Log files, state, log and pictures are on one small disk, which others fill and then give back.

    The store is killed meanwhile, too. Verdicts go on, the heartbeat says what is not kept, and once there is room
    again the log has every verdict.
    """
    disk = folder / "disk"
    config = _config(folder, speed=2.0, loop=True)
    config["station"] = {"name": "line1", "log_folder": str(disk / "logs"), "state_folder": str(disk / "state")}
    _write(folder, {**config, "store": {"folder": str(disk / "store"), "free_mb": 0}})
    full_s = min(15.0, seconds / 2)

    def disturb(program: "subprocess.Popen[bytes]") -> None:
        time.sleep(3)
        filler = fill(disk)
        time.sleep(full_s / 2)
        _send(children(program.pid)["store"], signal.SIGKILL)
        time.sleep(full_s / 2)
        filler.unlink()
        time.sleep(BACK_OFF_S[-1] + 2)

    with ExitStack() as stack:
        try:
            stack.enter_context(small_disk(disk, 8))
        except PermissionError as error:
            return {**dict.fromkeys(("parts", "verdicts", "duplicates", "gaps", "lost"), 0), "skipped": str(error)}
        figures = _run(folder, (), disturb, 143)
        with closing(open_for_reading(disk / "store")) as database:
            faults = verify(database).faults
            (logged,) = database.execute("SELECT count(*) FROM log WHERE kind = 'verdict'").fetchone()
    told = [reason for reason in figures["told"] if reason.startswith("the log is not written")]
    broken = [
        *([figures["broken"]] if figures["broken"] else []),
        *([] if told else ["the heartbeat did not say that the log is not written"]),
        *(faults if logged == figures["parts"] else [f"{logged} verdicts are in the log", *faults]),
    ]
    return {**figures, "full_s": full_s, "logged": logged, "broken": "; ".join(broken)}


def _config(folder: Path, speed: float, loop: bool) -> dict[str, Any]:
    sockets = ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge")
    return {
        "station": {"name": "line1", "log_folder": None, "state_folder": str(folder / "state")},
        "source": {"type": "recording", "path": str(Path(SOURCE).absolute()), "speed": speed, "loop": loop},
        "scoring": {"recipe": str(Path(RECIPE).absolute()), "threads": 1},
        "wire": {name: f"ipc://{folder}/{name}" for name in sockets},
        "plc": {"type": "console", "accept_replay": True},
        "viewer": {"port": 18000 + os.getpid() % 10000},
    }


def _write(folder: Path, config: dict[str, Any]) -> None:
    (folder / "config.yaml").write_text(json.dumps(config))  # JSON is YAML


def _run(
    folder: Path, more: tuple[str, ...], disturb: Callable[["subprocess.Popen[bytes]"], None], code: int
) -> dict[str, Any]:
    """Run the station of a folder's config.yaml, disturb it, end it with SIGTERM, and say what was heard."""
    config: Config = load(folder / "config.yaml")
    words = [sys.executable, "-m", "inspector", "run", *more, "-c", str(folder / "config.yaml")]
    with (
        closing(Subscriber(config.wire, config.station.name, "soak")) as subscriber,
        (folder / "output.txt").open("wb") as output,
    ):
        program = subprocess.Popen(words, stdout=output, stderr=subprocess.STDOUT)
        seqs, odd, taken, ended, told = Counter[int](), Counter[str](), 0, False, set[str]()

        def run_and_end() -> None:
            disturb(program)
            program.send_signal(signal.SIGTERM)

        until: float | None = None
        disturber: threading.Thread | None = None
        try:
            while until is None or time.monotonic() < until:
                for item in subscriber.receive(0.1):
                    match item:
                        case VerdictReceived(verdict=verdict):
                            seqs[verdict.seq] += 1
                        case HealthReceived(health=health):
                            taken, ended = health.taken, health.state == "ended"
                            told.update(health.reasons)
                        case _:
                            odd[type(item).__name__] += 1
                if taken > 10 and disturber is None:
                    disturber = threading.Thread(target=run_and_end)
                    disturber.start()
                if until is None and (ended or program.poll() is not None):
                    until = time.monotonic() + 2  # what was lost at the very end is asked for
        finally:
            if disturber is not None:
                disturber.join()
            program.terminate()
            got = program.wait(30)
    return {
        "parts": taken,
        "verdicts": len(seqs),
        "duplicates": sum(count - 1 for count in seqs.values()) + odd["Repeated"] + odd["Contradiction"],
        "gaps": odd["Gap"],
        "lost": taken - len(seqs),
        "told": sorted(told),
        "broken": "" if got == code and odd["NewRun"] == 1 else f"exit code {got}, {odd['NewRun']} runs",
    }


def children(pid: int) -> dict[str, int]:
    """What a supervisor runs (run, bridge, view, store), and its process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            words = (path / "cmdline").read_text().split("\0")
            state = (path / "stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:  # it ended meanwhile
            continue
        if "--parent" in words and words[words.index("--parent") + 1] == str(pid) and state != "Z":
            found[words[words.index("inspector") + 1]] = int(path.name)
    return found


def _send(pid: int, number: signal.Signals) -> None:
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        return
