"""What holds for every test: one that passes has ended what it started, and none is a matter of time."""

import os
import threading
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# The threads of torch, numpy and FAISS wait for each other at barriers: for seconds, where others want the cores too.
# Before any of them is imported, and for the programs that tests start, too.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

# How long an example takes says something of the machine. Where one failure refuses a change (.ci/run) the examples are
# the same each time; elsewhere they are new ones.
settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize="CI_STRICT" in os.environ
)
settings.load_profile("house")

PATIENCE_S = 3.0
"""Closing is not instant: zmq closes its sockets in a thread of its own, a killed process has to be reaped."""
KEPT_BY_LIBRARIES = ("TMonitor", "tqdm_monitor", "resource_tracker")
"""tqdm's thread, by its older and newer name, and multiprocessing's process, which live as long as Python does."""

_REPORT = pytest.StashKey[pytest.TestReport]()


@pytest.fixture(autouse=True)
def _nothing_is_left_running(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that passed and left a thread, a child process or an open socket behind.

    What a fixture of wider scope started before the test is not the test's. A failed test has said enough.
    """
    before = _running()
    yield
    report = request.node.stash.get(_REPORT, None)
    if report is None or not report.passed:
        return
    until = time.monotonic() + PATIENCE_S
    while left := {name for key, name in _running().items() if key not in before}:
        if time.monotonic() > until:
            pytest.fail(f"left behind: {', '.join(sorted(left))}", pytrace=False)
        time.sleep(0.01)  # there is no event to wait for: what is left says nothing


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if call.when == "call":
        item.stash[_REPORT] = report
    return report


def _running() -> dict[str, str]:
    """Everything that runs or is open in this process, and what to call it. Processes and sockets: Linux only."""
    found = {f"thread {thread.ident}": f"thread {thread.name}" for thread in threading.enumerate()}
    for task in Path("/proc/self/task").glob("*/children"):
        for process in _read(task).split():
            command = _read(Path("/proc", process, "cmdline")).replace("\0", " ").strip()
            found[f"process {process}"] = f"process {process} ({command[:80]})"
    for descriptor in Path("/proc/self/fd").glob("*"):
        target = _target(descriptor)
        if target.startswith("socket:"):
            found[target] = f"{target} (descriptor {descriptor.name})"
    return {key: name for key, name in found.items() if not any(kept in name for kept in KEPT_BY_LIBRARIES)}


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:  # it ended meanwhile
        return ""


def _target(descriptor: Path) -> str:
    try:
        return os.readlink(descriptor)
    except OSError:
        return ""
