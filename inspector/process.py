"""Processes that belong together."""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1  # prctl(2)


def own_command(*arguments: str) -> tuple[str, ...]:
    """The command line of another `inspector` program that ends when this process does."""
    return (sys.executable, "-m", "inspector", *arguments, "--parent", str(os.getpid()))


def die_with(parent: int) -> None:
    """Have the system stop this process (SIGTERM) when its parent dies, however that dies. Linux only."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before we asked
            sys.exit(128 + signal.SIGTERM)
