"""Files that are on the disk when the call returns: a power cut leaves what was there before, or what is there now."""

import os
from pathlib import Path


def replace_file(path: Path, content: bytes) -> None:
    """Write a file, or another in its place, in one step. Raises OSError."""
    new = path.with_name(f"{path.name}.new")
    new.write_bytes(content)
    _sync(new)
    os.replace(new, path)
    _sync(path.parent)


def rename_folder(new: Path, to: Path) -> None:
    """Give a folder that was written its name, with all that is in it, in one step. Raises OSError."""
    for place in sorted(new.rglob("*")):
        _sync(place)
    _sync(new)
    os.rename(new, to)
    _sync(to.parent)


def _sync(place: Path) -> None:
    """Have a file's content, or the names in a folder, on the disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
