"""How much memory this process holds."""

import os
from pathlib import Path


def resident_mb() -> float:
    """Resident memory; Linux only."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
