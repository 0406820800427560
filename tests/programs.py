"""`inspector` commands in processes of their own, as a person or systemd starts them, and how to watch them."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from inspector.config import Config, load
from inspector.line.ports import require_free
from inspector.messages import Health, Verdict
from inspector.viewer.listen import bind
from inspector.wire.subscribe import HealthReceived, Received, Subscriber, VerdictReceived
from tests.wire.samples import free_port
from tools.benchmarks.programs import children

BOUND_S = 60.0
"""Within this everything happens, on a machine that has much else to do."""


class Program:
    """A command whose lines, of stdout and stderr together, can be waited for."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        self.lines: list[str] = []
        self._over = False
        self._process = subprocess.Popen(
            command(*arguments),
            cwd=folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self._queue: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def output(self) -> str:
        return "\n".join(self.lines)

    def until(self, text: str) -> str:
        """Wait for a line with this text."""
        while (line := self._next()) is not None:
            if text in line:
                return line
        raise AssertionError(f"it ended without saying {text!r}:\n{self.output}")

    def send(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def finish(self) -> int:
        """Wait for its end, and that of everything that writes to the same pipe; returns the exit code."""
        while self._next() is not None:
            pass
        self._reader.join()
        return self._process.wait(BOUND_S)

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()

    def _next(self) -> str | None:
        """The next line, which is kept; None after the last."""
        if self._over:
            return None
        line = self._queue.get(timeout=BOUND_S)
        if line is None:
            self._over = True
        else:
            self.lines.append(line)
        return line

    def _read(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout as pipe:
            for line in pipe:
                self._queue.put(line.rstrip("\n"))
        self._queue.put(None)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "inspector", *arguments]


@contextmanager
def running(*arguments: str, folder: Path) -> Iterator[Program]:
    """A command that a test which fails does not leave behind."""
    program = Program(*arguments, folder=folder)
    try:
        yield program
        program.finish()
    except BaseException:
        program.kill()  # its children end with it
        program.finish()
        print(f"what {' '.join(arguments)} said:\n{program.output}")  # which a test that waits elsewhere does not show
        raise


def call(*arguments: str, folder: Path) -> "subprocess.CompletedProcess[str]":
    """A command from start to end, its stdout and stderr apart."""
    return subprocess.run(command(*arguments), cwd=folder, capture_output=True, text=True, timeout=BOUND_S, check=False)


def write_config(folder: Path, recipe: Path, **sections: dict[str, object]) -> Config:
    """A config.yaml on free ports of this machine, with the sections given; the pictures are in `parts`."""
    sockets = ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge")
    document: dict[str, dict[str, object]] = {
        "station": {"name": "washers"},
        "source": {"type": "folder", "path": "parts"},
        "scoring": {"recipe": str(recipe), "threads": 1, "device": "cpu"},
        "wire": {key: f"tcp://127.0.0.1:{free_port()}" for key in sockets},
        "plc": {"type": "console", "accept_replay": True},
        "viewer": {"port": free_port()},
    }
    for section, keys in sections.items():
        document[section] = keys if "type" in keys else {**document.get(section, {}), **keys}
    (folder / "config.yaml").write_text(json.dumps(document))  # JSON is YAML
    return load(folder / "config.yaml")


def beside(program: Program) -> dict[str, int]:
    """The programs that a supervisor has started: what each runs (run, bridge, view), and its process."""
    return children(program.pid)


def loaded_libraries(pid: int) -> str:
    """What a process has mapped into its memory."""
    return Path(f"/proc/{pid}/maps").read_text()


def eventually(happened: Callable[[], object], what: str) -> None:
    """For what gives no sign when it happens: another process's end, say."""
    until = time.monotonic() + BOUND_S
    while not happened():
        assert time.monotonic() < until, f"it did not happen: {what}"
        time.sleep(0.02)


def assert_all_gone(config: Config, *pids: int) -> None:
    """No process of them is left, and every port of the configuration is free."""
    for pid in pids:
        eventually(lambda pid=pid: not _alive(pid), f"process {pid} ends")
    require_free(config.wire)
    bind(config.viewer).close()


def listen(subscriber: Subscriber, until: Callable[[Received], bool]) -> list[Received]:
    """What is heard up to one for which `until` is true, and what came together with that."""
    heard: list[Received] = []
    limit = time.monotonic() + BOUND_S
    while True:
        assert time.monotonic() < limit, f"it was not heard; {len(heard)} others were, the last: {heard[-1:]}"
        batch = subscriber.receive(0.2)
        heard += batch
        if any(map(until, batch)):
            return heard


def ended(item: Received) -> bool:
    return isinstance(item, HealthReceived) and item.health.state == "ended"


def verdicts(heard: list[Received]) -> list[Verdict]:
    """In the order of their parts: those published before we listened were asked for, and came later."""
    received = [item.verdict for item in heard if isinstance(item, VerdictReceived)]
    return sorted(received, key=lambda verdict: verdict.seq)


def last_health(heard: list[Received]) -> Health:
    return [item.health for item in heard if isinstance(item, HealthReceived)][-1]


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
