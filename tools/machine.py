"""What the machine is, and how much of it others took while something was measured."""

import os
import platform
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

LIBRARIES = ("torch", "torchvision", "timm", "openvino", "faiss-gpu", "faiss-cpu", "numpy")
"""Of faiss's two packages one is installed."""

_STAT = Path("/proc/stat")
_IDLE = (3, 4)
"""Columns of /proc/stat's first line: idle, and waiting for a disk."""
_STOLEN = 7
"""Its column of what the host of a virtual machine gave to others."""
_GUESTS = 8
"""Its columns from here on are counted in earlier ones too."""


def processor() -> str:
    """Name of the processor and its logical cores."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        name = platform.processor() or platform.machine()
    return f"{name}, {os.cpu_count()} logical cores"


def versions() -> str:
    """Python's and those of the libraries that scores depend on."""
    found = [f"Python {platform.python_version()}"]
    for name in LIBRARIES:
        with suppress(PackageNotFoundError):
            found.append(f"{name} {version(name)}")
    return ", ".join(found)


class Meter:
    """How much of the processor everything but this program took, since the meter was made."""

    def __init__(self) -> None:
        self._begun, self._stolen = _ticks(), _stolen_s()

    def stolen_s(self) -> float | None:
        """Seconds, summed over all cores, that the host of a virtual machine gave to others while work waited here."""
        now = _stolen_s()
        return None if now is None or self._stolen is None else now - self._stolen

    def others(self) -> float | None:
        """0 to 1; None where the system does not tell. Milliseconds measured beside others are longer than need be."""
        now = _ticks()
        if now is None or self._begun is None:
            return None
        whole, busy, own = (after - before for after, before in zip(now, self._begun, strict=True))
        return min(1.0, max(0.0, (busy - own) / whole)) if whole > 0 else None


def _columns() -> list[float] | None:
    """/proc/stat's first line, in seconds since the start, summed over all cores."""
    try:
        tick = 1 / os.sysconf("SC_CLK_TCK")
        with _STAT.open(encoding="ascii") as file:
            columns = [int(word) * tick for word in file.readline().split()[1 : 1 + _GUESTS]]
    except (OSError, ValueError, AttributeError):
        return None
    return columns if len(columns) == _GUESTS else None


def _stolen_s() -> float | None:
    columns = _columns()
    return None if columns is None else columns[_STOLEN]


def _ticks() -> tuple[float, float, float] | None:
    """Seconds since the start, summed over all cores: in all, not idle, and of this program."""
    columns = _columns()
    if columns is None:
        return None
    whole, idle = sum(columns), sum(columns[n] for n in _IDLE)
    times = os.times()
    return whole, whole - idle, times.user + times.system + times.children_user + times.children_system
