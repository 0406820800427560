"""Whether the evidence that is still there is as it was kept: each file against its sha256 in the log."""

import hashlib
import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

from inspector.store.pictures import folder_of


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifiedPictures:
    """What looking at all pictures found."""

    parts: int
    """Parts that have pictures; those removed since, to make room, are no fault."""
    found: int
    """Those of them of which the log was told only after the store had been killed and started again."""
    faults: tuple[str, ...]
    """In words; empty where all are as they were kept."""


def verify_pictures(database: sqlite3.Connection, pictures: Path) -> VerifiedPictures:
    """Compare each file with the log, and find what the log does not know."""
    known: set[Path] = set()
    found = 0
    faults: list[str] = []
    (oldest,) = database.execute("SELECT min(id) FROM log").fetchone()
    query = "SELECT kind, content FROM log WHERE kind IN ('evidence', 'evidence_found') ORDER BY id"
    for kind, text in database.execute(query):
        told = json.loads(text)
        folder = folder_of(pictures, told["run"], told["seq"], told["outcome"])
        if folder.is_dir():
            known.add(folder)
            found += kind == "evidence_found"
            faults += [fault for name, kept in told["files"].items() if (fault := _fault(folder / name, kept))]
    there = {folder for folder in pictures.glob("*/[0-9]*") if folder.is_dir()}
    if oldest == 1:  # else the log may have forgotten them, and they are only older
        faults += [f"{folder} is not in the log" for folder in sorted(there - known)]
    return VerifiedPictures(parts=len(known), found=found, faults=tuple(faults))


def _fault(path: Path, kept: str) -> str:
    try:
        return "" if hashlib.sha256(path.read_bytes()).hexdigest() == kept else f"{path} is not as it was kept"
    except FileNotFoundError:
        return f"{path} is gone"
