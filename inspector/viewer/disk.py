"""How much room there is where the store, or the log files, are written."""

import shutil
from pathlib import Path

from inspector.viewer.panel import Disk


def look(folder: str, keep_free_bytes: float) -> Disk:
    """The disk of a folder, or of the nearest folder above it that is there already."""
    place = Path(folder)
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        usage = shutil.disk_usage(place)
    except OSError as error:
        why = f"{place} cannot be looked at: {error.strerror}"
        return Disk(folder=folder, free_bytes=0, total_bytes=0, keep_free_bytes=0, error=why)
    return Disk(folder=folder, free_bytes=usage.free, total_bytes=usage.total, keep_free_bytes=round(keep_free_bytes))
