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
        self._begun = _ticks()

    def others(self) -> float | None:
        """0 to 1; None where the system does not tell. Milliseconds measured beside others are longer than need be."""
        now = _ticks()
        if now is None or self._begun is None:
            return None
        whole, busy, own = (after - before for after, before in zip(now, self._begun, strict=True))
        return min(1.0, max(0.0, (busy - own) / whole)) if whole > 0 else None


def _ticks() -> tuple[float, float, float] | None:
    """Seconds since the start, summed over all cores: in all, not idle, and of this program."""
    try:
        with _STAT.open(encoding="ascii") as file:
            columns = [int(word) for word in file.readline().split()[1 : 1 + _GUESTS]]
        if len(columns) < _GUESTS:
            return None
        tick = 1 / os.sysconf("SC_CLK_TCK")
    except (OSError, ValueError, AttributeError):
        return None
    whole, idle = sum(columns) * tick, sum(columns[n] for n in _IDLE) * tick
    times = os.times()
    return whole, whole - idle, times.user + times.system + times.children_user + times.children_system
