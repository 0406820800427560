"""A disk that can be filled: a few megabytes of memory, mounted where one may mount."""

import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LAZILY = 2
"""MNT_DETACH: gone at once, though somebody may still have a file of it open."""


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A tmpfs on a new folder. Raises PermissionError where this process may not mount."""
    folder.mkdir()
    libc = ctypes.CDLL(None, use_errno=True)
    where = str(folder).encode()
    if libc.mount(b"tmpfs", where, b"tmpfs", 0, f"size={megabytes}m".encode()):
        raise PermissionError(ctypes.get_errno(), "a small disk cannot be mounted here", str(folder))
    try:
        yield folder
    finally:
        libc.umount2(where, LAZILY)


def fill(disk: Path) -> Path:
    """Write a file that takes all the room there is; removing it gives the room back."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    file.write(os.urandom(size))
            except OSError:
                continue
    return filler
