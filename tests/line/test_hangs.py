"""What no thread can mend, in processes of their own: hangs that let Python go on, hangs that do not, and frost."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from inspector.line import supervise as supervising
from inspector.line.supervise import Program, Restart, supervise
from inspector.wire.subscribe import HealthReceived, NewRun, Received, Subscriber, VerdictReceived
from tests.line.hanging import HANG_AT
from tests.line.lines import Line

BOUND_S = 60.0


class Station:
    """A process whose pictures come when the test says so; what it says on the wire."""

    def __init__(self, folder: Path, hang: str) -> None:
        self.command = (sys.executable, "-m", "tests.line.hanging", str(folder), hang)
        self.process = subprocess.Popen(self.command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.heard: list[Received] = []
        self._subscriber = Subscriber(Line(folder).wire, "line1", "bridge")

    def pictures(self, count: int) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("." * count)
        self.process.stdin.flush()

    def until(self, heard: Callable[[], object]) -> None:
        limit = time.monotonic() + BOUND_S
        while not heard():
            assert time.monotonic() < limit, self.heard[-3:]
            self.heard += self._subscriber.receive(0.05)

    def outcomes(self) -> list[str]:
        verdicts = [item.verdict for item in self.heard if isinstance(item, VerdictReceived)]
        return [verdict.reason or verdict.outcome for verdict in sorted(verdicts, key=lambda verdict: verdict.seq)]

    def ready(self) -> bool:
        return any(isinstance(item, HealthReceived) and item.health.state == "ready" for item in self.heard)

    def close(self) -> None:
        self._subscriber.close()
        self.process.kill()
        self.process.communicate()


@contextmanager
def station(folder: Path, hang: str) -> Iterator[Station]:
    running = Station(folder, hang)
    try:
        running.until(running.ready)
        yield running
    finally:
        running.close()


def test_a_scorer_that_hangs_and_lets_go_ends_the_process_with_70_after_a_verdict_for_every_part(tmp_path: Path):
    with station(tmp_path, "released") as line:
        line.pictures(HANG_AT + 3)
        line.until(lambda: len(line.outcomes()) == HANG_AT + 3)
        assert line.outcomes() == ["pass"] * (HANG_AT - 1) + ["error"] * 4
        assert line.process.wait(BOUND_S) == 70
        line.until(lambda: any(isinstance(i, HealthReceived) and i.health.state == "ended" for i in line.heard))
        last = [item.health for item in line.heard if isinstance(item, HealthReceived)][-1]
        assert last.reasons == ("the scorer hangs: it has not come back for 0.5 s (line.hang_s)",)
        assert (last.taken, last.published) == (HANG_AT + 3, HANG_AT + 3)


def test_a_scorer_that_hangs_and_holds_python_shows_as_silence(tmp_path: Path):
    with station(tmp_path, "held") as line:
        line.pictures(HANG_AT - 1)
        line.until(lambda: len(line.outcomes()) == HANG_AT - 1)
        line.pictures(1)
        line.heard.clear()
        until = time.monotonic() + 1.5
        line.until(lambda: time.monotonic() > until)
        late = [item for item in line.heard if isinstance(item, HealthReceived)]
        assert len(late) <= 1, "it beats though it hangs"
        assert line.process.poll() is None


def test_a_station_that_is_alive_but_silent_is_killed_and_started_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(supervising, "BACK_OFF_S", (0.05,))
    (tmp_path / "pictures").write_text("." * HANG_AT)
    script = f"exec {sys.executable} -m tests.line.hanging {tmp_path} held < {tmp_path}/pictures"
    program = Program(name="station", command=("/bin/sh", "-c", script), restart=Restart.WHEN_FAULTY, silent_s=1.0)
    stop = threading.Event()
    supervisor = threading.Thread(target=lambda: supervise(program, [], stop, lambda: signal.SIGKILL))
    supervisor.start()
    subscriber, heard = Subscriber(Line(tmp_path).wire, "line1", "bridge"), []
    try:
        limit = time.monotonic() + BOUND_S
        while len([item for item in heard if isinstance(item, NewRun)]) < 2:
            assert time.monotonic() < limit, heard[-3:]
            heard += subscriber.receive(0.05)
    finally:
        stop.set()
        supervisor.join(BOUND_S)
        subscriber.close()
    assert not supervisor.is_alive()


def test_what_piled_up_in_the_driver_while_the_process_was_frozen_is_stale_and_what_comes_then_is_judged(
    tmp_path: Path,
):
    with station(tmp_path, "never") as line:
        line.pictures(3)
        line.until(lambda: len(line.outcomes()) == 3)
        os.kill(line.process.pid, signal.SIGSTOP)
        time.sleep(1.3)  # longer than a process that runs ever sleeps
        line.pictures(6)
        os.kill(line.process.pid, signal.SIGCONT)
        line.until(lambda: len(line.outcomes()) == 9)
        time.sleep(0.05)  # the driver has nothing left: the next picture has to be waited for
        line.pictures(1)
        line.until(lambda: len(line.outcomes()) == 10)
        assert line.outcomes() == ["pass"] * 3 + ["stale"] * 6 + ["pass"]
