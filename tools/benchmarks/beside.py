"""Programs beside a station under test, each a process: who listens, who disturbs, and a thread that only wakes up.

    python -m tools.benchmarks.beside ROLE WIRE FILE PARENT

ROLE is listener, viewers, store, bridge, joiners or wakeup. WIRE is the station's endpoints as JSON. FILE is where what
was heard is written at the end. It ends when PARENT does.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from array import array
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np
from loguru import logger

from inspector.config import Config, FolderSource, ModbusPlc, ScoringConfig, StationConfig, WireConfig
from inspector.plc.bridge import run_bridge
from inspector.process import Stop, die_with
from inspector.wire.evidence import EvidenceSubscriber
from inspector.wire.subscribe import HealthReceived, OverlaySubscriber, Subscriber, VerdictReceived

STATION = "line1"
VIEWERS = 5
JOINS = 10_000


def start(role: str, wire: WireConfig, file: Path) -> "subprocess.Popen[bytes]":
    """Start one; it says on stdout when it is there."""
    keys = {key: getattr(wire, key) for key in wire.__struct_fields__}
    words = [sys.executable, "-m", "tools.benchmarks.beside", role, json.dumps(keys), str(file), str(os.getpid())]
    program = subprocess.Popen(words, stdout=subprocess.PIPE)
    assert program.stdout is not None
    program.stdout.readline()
    return program


@contextmanager
def beside(roles: Sequence[str], wire: WireConfig, folder: Path) -> Iterator[dict[str, "subprocess.Popen[bytes]"]]:
    """Run some beside a station; each gets `role.*` in the folder for what it hears. Ends them, also stopped ones."""
    programs = {}
    try:
        for role in roles:
            programs[role] = start(role, wire, folder / role)
        yield programs
    finally:
        for program in programs.values():
            program.send_signal(signal.SIGCONT)
            program.terminate()
        for program in programs.values():
            try:
                program.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                program.kill()
                program.communicate()


def listener(wire: WireConfig, file: Path, stop: threading.Event) -> None:
    """Hear every verdict of the first run up to its end, as a bridge does: FILE.npy, one row a part."""
    rows = array("d")  # 40 bytes a part: millions of them may come
    odd: Counter[str] = Counter()
    ended = False
    with closing(Subscriber(wire, STATION, "bridge")) as subscriber:
        _here()
        while not (ended or stop.is_set()):
            for item in subscriber.receive(0.1):
                if isinstance(item, VerdictReceived):
                    verdict = item.verdict
                    passed = float(verdict.outcome == "pass")
                    score_ms = verdict.stages_ms.get("score", 0.0)
                    rows.extend((verdict.seq, verdict.latency_ms, score_ms, time.monotonic_ns() / 1e6, passed))
                    odd["recovered"] += item.recovered
                elif isinstance(item, HealthReceived):
                    ended = ended or (item.health.state == "ended" and item.health.published == item.health.taken)
                else:
                    odd[type(item).__name__] += 1
        until = time.monotonic() + 3  # what was lost at the very end is asked for
        while time.monotonic() < until and (more := subscriber.receive(0.3)):
            for verdict in (item.verdict for item in more if isinstance(item, VerdictReceived)):
                rows.extend((verdict.seq, verdict.latency_ms, 0.0, 0.0, 0.0))
    np.save(f"{file}.npy", np.array(rows).reshape(-1, 5))
    Path(f"{file}.json").write_text(json.dumps(odd))


def viewers(wire: WireConfig, file: Path, stop: threading.Event) -> None:  # noqa: ARG001
    """Look at everything, as VIEWERS viewers do, until told to stop."""

    def look() -> None:
        with closing(Subscriber(wire, STATION, "viewer")) as verdicts, closing(OverlaySubscriber(wire)) as pictures:
            while not stop.is_set():
                verdicts.receive(0.02)
                pictures.receive(0)

    threads = [threading.Thread(target=look) for _ in range(VIEWERS)]
    for thread in threads:
        thread.start()
    _here()
    while not stop.wait(0.1):  # a thread that waits for ever may never hear of a signal
        pass
    for thread in threads:
        thread.join()


def store(wire: WireConfig, file: Path, stop: threading.Event) -> None:  # noqa: ARG001
    """Take evidence and verdicts, until told to stop."""
    with (
        closing(EvidenceSubscriber(wire, STATION)) as evidence,
        closing(Subscriber(wire, STATION, "store")) as verdicts,
    ):
        _here()
        while not stop.is_set():
            evidence.receive(0.02)
            verdicts.receive(0)


def bridge(wire: WireConfig, file: Path, stop: threading.Event) -> None:
    """Drive a PLC that is off, with the real bridge: who connects to it hears nothing, not even a refusal."""
    with closing(socket.socket()) as off, ExitStack() as callers:
        off.bind(("127.0.0.1", 0))
        off.listen(0)
        for _ in range(3):  # the queue of those it has not taken is full: the system answers no further one
            caller = callers.enter_context(closing(socket.socket()))
            caller.setblocking(False)
            caller.connect_ex(off.getsockname())
        plc = ModbusPlc(
            host="127.0.0.1", port=off.getsockname()[1], delay_ms=2000, width_ms=40, ledger=f"{file}.ledger"
        )
        config = Config(
            station=StationConfig(name=STATION, log_folder=None, state_folder=str(file.parent)),
            source=FolderSource(path="none"), scoring=ScoringConfig(recipe="none"), wire=wire, plc=plc,
        )  # fmt: skip
        _here()
        run_bridge(config, stop)


def joiners(wire: WireConfig, file: Path, stop: threading.Event) -> None:
    """Join and leave JOINS times; FILE.json says how often that was."""
    joined = 0
    _here()
    while joined < JOINS and not stop.is_set():
        with closing(Subscriber(wire, STATION, f"guest{joined}")) as guest:
            guest.receive(0)
        joined += 1
    Path(f"{file}.json").write_text(json.dumps({"joined": joined}))


def wakeup(wire: WireConfig, file: Path, stop: threading.Event) -> None:  # noqa: ARG001
    """Wake up 100 times a second and do nothing, to see how late this machine wakes a thread: FILE.npy, in ms."""
    late_ms = []
    _here()
    due_ns = time.monotonic_ns()
    while not stop.is_set():
        due_ns += 10_000_000
        while (left_ns := due_ns - time.monotonic_ns()) > 0:
            time.sleep(left_ns / 1e9)
        late_ms.append((time.monotonic_ns() - due_ns) / 1e6)
    np.save(f"{file}.npy", np.array(late_ms))


def _here() -> None:
    print("here", flush=True)


if __name__ == "__main__":
    die_with(int(sys.argv[4]))
    logger.remove()
    ROLES = {"listener": listener, "viewers": viewers, "store": store, "bridge": bridge, "joiners": joiners,
             "wakeup": wakeup}  # fmt: skip
    ROLES[sys.argv[1]](WireConfig(**json.loads(sys.argv[2])), Path(sys.argv[3]), Stop())
