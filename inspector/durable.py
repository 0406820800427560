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


def rename_folder(new: Path, to: Path, aside: Path | None = None) -> None:
    """Give a folder that was written its name, once all that is in it is on the disk. Raises OSError.

    aside: the name that a folder which has it now gets first, and loses again where the new one cannot take it.
    """
    for place in sorted(new.rglob("*")):
        _sync(place)
    _sync(new)
    aside = aside if to.exists() else None
    if aside is not None:
        os.rename(to, aside)
    try:
        os.rename(new, to)
    except OSError:
        if aside is not None:
            os.rename(aside, to)
        raise
    _sync(to.parent)


def _sync(place: Path) -> None:
    """Have a file's content, or the names in a folder, on the disk."""
    descriptor = os.open(place, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
