"""Processes that belong together: how one starts another, ends with it, and is told to stop."""

import ctypes
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from typing import Final

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)
"""What asks a program to stop."""

_PR_SET_PDEATHSIG = 1  # prctl(2)


class Stop(threading.Event):
    """Set by SIGINT or SIGTERM; remembers which came first. Belongs to the main thread."""

    def __init__(self) -> None:
        super().__init__()
        self.signal: signal.Signals | None = None
        for number in SIGNALS:
            signal.signal(number, self._caught)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)  # see start()

    def _caught(self, number: int, _frame: object) -> None:
        self.signal = self.signal or signal.Signals(number)
        self.set()

    def code(self, code: int) -> int:
        """The exit code: 128 + n after signal n, unless something else went wrong."""
        return 128 + self.signal if code == 0 and self.signal is not None else code


def own_command(*arguments: str) -> tuple[str, ...]:
    """The command line of another `inspector` program that ends when this process does."""
    return (sys.executable, "-m", "inspector", *arguments, "--parent", str(os.getpid()))


def start(command: Sequence[str], environment: Mapping[str, str] | None = None) -> "subprocess.Popen[bytes]":
    """Start a program in a session of its own: Ctrl-C reaches the process in the terminal alone, which stops the others
    in order. Signals wait until the program has its Stop: one that came among its imports would end in a traceback.

    environment: what it gets beside ours.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # inherited by the new process
    try:
        return subprocess.Popen(command, start_new_session=True, env={**os.environ, **(environment or {})})
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def die_with(parent: int) -> None:
    """Have the system stop this process (SIGTERM) when its parent dies, however that dies. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(128 + signal.SIGTERM)
