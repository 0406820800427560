"""The station and the programs beside it, each a process of its own: started, watched, restarted, stopped.

The station never waits for a program beside it. One that dies is started again, ever more slowly while it keeps dying.
"""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from loguru import logger

from inspector.errors import InspectorError
from inspector.line.notify import Listener
from inspector.log import to_file
from inspector.process import start

MENDED_BY_PEOPLE: Final = (2, 3, 4, 5)
"""Exit codes of what would only fail again: configuration, source, recipe, verification. The program has said why."""

SILENT_S: Final = 5.0
"""A station that beats four times a second and has not for so long hangs."""
BACK_OFF_S = (0.5, 1.0, 2.0, 5.0, 10.0)
STEADY_S = 30.0
"""A program that ran this long starts again at the shortest back-off."""
POLL_S = 0.05
ABORT_S = 1.0
"""A program told to abort has so long to say where it stands."""
STOP_S = 10.0
"""A program that has not stopped by then is killed."""


class Restart(IntEnum):
    """Which ends of a program start it again."""

    NEVER = 0
    WHEN_FAULTY = 1
    """Killed, or any exit code but 0 and those MENDED_BY_PEOPLE."""
    ALWAYS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """One process: a row of the table of what runs."""

    name: str
    command: Sequence[str]
    restart: Restart
    silent_s: float | None = None
    """One that gives no life sign for so long, after its first, hangs, and is killed; None: it gives none."""


def supervise(
    station: Program, beside: Sequence[Program], stop: threading.Event, stop_signal: Callable[[], int]
) -> int:
    """Run until the station ends for good or `stop` is set; returns the station's exit code.

    On `stop` the station gets `stop_signal()`, has STOP_S to close every open part, and ends; the others end after it,
    so that its last verdicts are heard.
    """
    running = [_Running(program) for program in beside]
    judge = _Running(station)
    try:
        while not stop.wait(POLL_S):
            for program in running:
                program.watch()
            if not judge.watch():
                return judge.exit_code
    finally:
        judge.ask(stop_signal())
        judge.end()
        for program in running:
            program.ask(signal.SIGTERM)
        for program in running:
            program.end()
    return judge.exit_code


class _Running:
    """A program and its process."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._failures = 0
        self._start_at: float | None = None
        self._life = None if program.silent_s is None else Listener()
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._start()

    @property
    def exit_code(self) -> int:
        """As a shell says it: 128 + n for a process that signal n ended; of one that was never started, a fault's."""
        code = InspectorError.exit_code if self._process is None else self._process.returncode
        return code if code >= 0 else 128 - code

    def watch(self) -> bool:
        """Start it again when it is due; false once it has ended for good."""
        if self._start_at is not None:
            if time.monotonic() >= self._start_at:
                self._start()
            return True
        if self._process is not None and self._process.poll() is None and not self._killed_for_silence():
            return True
        faulty = self.exit_code not in (0, *MENDED_BY_PEOPLE)
        if self._program.restart < (Restart.WHEN_FAULTY if faulty else Restart.ALWAYS):
            if self.exit_code != 0:
                to_file(f"{self._program.name} ended with exit code {self.exit_code} and is not started again")
            return False
        if time.monotonic() - self._started > STEADY_S:
            self._failures = 0
        self._start_later(f"{self._program.name} ended with exit code {self.exit_code}")
        return True

    def _start_later(self, why: str) -> None:
        delay = BACK_OFF_S[min(self._failures, len(BACK_OFF_S) - 1)]
        self._failures += 1
        self._start_at = time.monotonic() + delay
        logger.warning("{}; starting it again in {} s", why, delay)

    def _killed_for_silence(self) -> bool:
        """Kill it where it hangs; whether it did. First by a signal on which Python says where each thread stands."""
        limit_s = self._program.silent_s
        if self._process is None or self._life is None or limit_s is None or self._life.silent_s() <= limit_s:
            return False
        logger.error("{} gave no sign of life for {:g} s and is killed", self._program.name, limit_s)
        self._process.send_signal(signal.SIGABRT)
        try:
            self._process.wait(ABORT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        return True

    def ask(self, signal_number: int) -> None:
        """Ask it to stop."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal_number)

    def end(self) -> None:
        """Wait until it has stopped, as it was asked to, and kill it where it does not."""
        if self._process is not None:
            try:
                self._process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                logger.error("{} did not stop within {} s and is killed", self._program.name, STOP_S)
                self._process.kill()
                self._process.wait()
        if self._life is not None:
            self._life.close()

    def _start(self) -> None:
        """Start it; where the system has no room for a process just now, later."""
        try:
            if self._life is None:
                self._process = start(self._program.command)
            else:
                self._life.restart()
                self._process = start(self._program.command, self._life.environment)
        except OSError as error:
            times = self._failures + 1
            self._start_later(f"{self._program.name} cannot be started: {error.strerror or error} (failure {times})")
            return
        self._started = time.monotonic()
        self._start_at = None
