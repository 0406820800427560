"""Whether the log is as it was written: every entry in its place, its hash following from the one before."""

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from inspector.store.chain import Entry, Head, after

Row: TypeAlias = tuple[int, int, str, str, str]
"""id, at_ns, kind, content, hash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What looking at the whole chain found."""

    entries: int
    first: int
    """Id of the oldest entry; those before it have left, and a checkpoint says so. 0 in an empty log."""
    head: Head
    faults: tuple[str, ...]
    """In words, in the order of the log; empty where the chain holds."""


def verify(database: sqlite3.Connection, told: Head | None = None) -> Verified:
    """Walk the whole chain. told: a head that was told to others earlier, which the log must still have."""
    database.execute("BEGIN")  # one state of the log, whatever is written meanwhile
    try:
        return _verify(database, told)
    finally:
        database.execute("ROLLBACK")


def _verify(database: sqlite3.Connection, told: Head | None) -> Verified:
    start = _start(database)
    head, first, entries = start, 0, 0
    faults: list[str] = []
    told_hash = None
    for number, at_ns, kind, content, digest in _rows(database):
        first = first or number
        entries += 1
        follows = number == head.id + 1
        if not follows:
            faults.append(_gone(head.id + 1, number - 1, is_start=head is start))
        elif after(head, Entry(at_ns=at_ns, kind=kind, content=content)).hash != digest:
            faults.append(f"entry {number} ({kind}) is not what was written, or the one before it is not")
        head = Head(number, digest)
        told_hash = digest if told is not None and told.id == number else told_hash
    if told is not None and told.id > head.id:
        cut = _range(head.id + 1, told.id)
        faults.append(f"the log ends with entry {head.id}, but once had entry {told.id}: {cut} cut off")
    elif told is not None and told.id >= max(1, first) and told_hash != told.hash:
        faults.append(f"entry {told.id} is another one than was told: the log was rewritten")
    return Verified(entries=entries, first=first, head=head if entries else Head(), faults=tuple(faults))


def _start(database: sqlite3.Connection) -> Head:
    """What the oldest entry must follow: the beginning, or what the newest checkpoint says."""
    row = database.execute("SELECT content FROM log WHERE kind = 'checkpoint' ORDER BY id DESC LIMIT 1").fetchone()
    try:
        if row is None:
            return Head()
        left = json.loads(row[0])
        return Head(int(left["last"]), str(left["hash"]))
    except (ValueError, KeyError, TypeError):
        return Head()  # it was changed, which the walk will find


def _rows(database: sqlite3.Connection) -> Iterator[Row]:
    yield from database.execute("SELECT id, at_ns, kind, content, hash FROM log ORDER BY id")


def _gone(first: int, last: int, is_start: bool) -> str:
    if last < first:
        return f"entry {last + 1} should have left the log before"
    return f"{_range(first, last)} gone{', and no checkpoint says so' if is_start else ''}"


def _range(first: int, last: int) -> str:
    return f"entry {first} is" if first == last else f"entries {first} to {last} are"
