"""The log's writer: entries gathered in memory, chained and committed together, twice a second or so.

    add ──▶ pending ──commit──▶ log.sqlite (one transaction, on disk when it returns) ──▶ head

What is not committed is lost when the process dies; what cannot be committed, since the disk is full, waits.
"""

import fcntl
import json
import sqlite3
from contextlib import suppress
from pathlib import Path
from typing import Final

from inspector.errors import ConfigError
from inspector.store.chain import Entry, Head, after
from inspector.store.database import open_for_writing

ROOM: Final = 100_000
"""Entries that wait, at most, while the disk takes none; those that come then are lost, and counted."""
PRUNED_AT_ONCE: Final = 20_000
"""Entries that one prune() removes at most, so that it returns within a fraction of a second."""


class Log:
    """The log of a folder, and the only one who writes to it.

    Raises ConfigError where the folder cannot be written, or another process writes to it.
    """

    def __init__(self, folder: Path) -> None:
        self.lost = 0
        """Entries that found no room."""
        self.trouble = ""
        """Why the last commit failed; empty when it did not."""
        self._pending: list[Entry] = []
        self._verdicts: dict[tuple[str, int], str] = {}
        self._database = open_for_writing(folder)
        self._lock = (folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise ConfigError(f"store.folder is {str(folder)!r}, where another inspector store writes") from None
        row = self._database.execute("SELECT id, hash FROM log ORDER BY id DESC LIMIT 1").fetchone()
        self.head = Head(*row) if row else Head()
        """The newest entry on disk."""

    def __len__(self) -> int:
        """How many entries wait for a commit."""
        return len(self._pending)

    def add(self, entry: Entry) -> None:
        """Take an entry in; it is on disk after the next commit that succeeds."""
        if len(self._pending) >= ROOM:
            self.lost += 1
            return
        self._pending.append(entry)
        if entry.kind == "verdict":
            content = json.loads(entry.content)
            self._verdicts[content["run"], content["seq"]] = entry.content

    def verdict(self, run: str, seq: int) -> str | None:
        """The verdict of a part that the log has, waiting ones included; None where it has none."""
        if (run, seq) in self._verdicts:
            return self._verdicts[run, seq]
        query = "SELECT content FROM log WHERE kind = 'verdict' AND run = ? AND seq = ?"
        row = self._database.execute(query, (run, seq)).fetchone()
        return row and str(row[0])

    def seqs(self, run: str, first: int, last: int) -> list[int]:
        """Which parts of a range have their verdict in the log, waiting ones included."""
        query = "SELECT seq FROM log WHERE kind = 'verdict' AND run = ? AND seq BETWEEN ? AND ?"
        found = {seq for (seq,) in self._database.execute(query, (run, first, last))}
        return sorted(found | {seq for name, seq in self._verdicts if name == run and first <= seq <= last})

    def has(self, head: Head) -> bool:
        """Whether an entry on disk is the one that a head tells of; also true of one that is too old to know."""
        row = self._database.execute("SELECT hash FROM log WHERE id = ?", (head.id,)).fetchone()
        if row is None:
            (first,) = self._database.execute("SELECT min(id) FROM log").fetchone()
            return first is not None and head.id < first
        return bool(row[0] == head.hash)

    def newest(self, *kinds: str) -> tuple[str, str] | None:
        """Kind and content of the newest entry on disk, of some kinds or of any; None where there is none."""
        among = f"WHERE kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
        query = f"SELECT kind, content FROM log {among} ORDER BY id DESC LIMIT 1"
        row = self._database.execute(query, kinds).fetchone()
        return (str(row[0]), str(row[1])) if row else None

    def newest_ns(self) -> int:
        """When the newest entry on disk was logged, Unix time; 0 where there is none."""
        (at_ns,) = self._database.execute("SELECT max(at_ns) FROM log WHERE id = (SELECT max(id) FROM log)").fetchone()
        return int(at_ns or 0)

    def has_evidence(self, run: str, seq: int) -> bool:
        """Whether an entry on disk tells of a part's pictures."""
        query = "SELECT 1 FROM log WHERE kind IN ('evidence', 'evidence_found') AND run = ? AND seq = ?"
        return self._database.execute(query, (run, seq)).fetchone() is not None

    def commit(self, now_ns: int) -> bool:
        """Write what waits, all of it or nothing; false, with `trouble`, when the disk did not take it."""
        lost = [Entry(at_ns=now_ns, kind="lost", content=json.dumps({"entries": self.lost}))] if self.lost else []
        if not (self._pending or lost):
            return True
        try:
            self._database.execute("BEGIN IMMEDIATE")
            head = self._write(self.head, self._pending + lost)
            self._database.execute("COMMIT")
        except sqlite3.Error as error:
            self._give_up(error)
            return False
        self.head, self.trouble, self.lost = head, "", 0
        self._pending.clear()
        self._verdicts.clear()
        return True

    def prune(self, before_ns: int, most_bytes: float, now_ns: int) -> int:
        """Remove the oldest entries: those older than `before_ns`, and those beyond `most_bytes`; how many.

        The checkpoint in their place is an entry, too, and holds the hash from which the chain goes on. Whatever waits
        is committed first. At most PRUNED_AT_ONCE; call it again while it removes so many.
        """
        if not self.commit(now_ns):
            return 0
        try:
            first, last = self._database.execute("SELECT min(id), max(id) FROM log").fetchone()
            if first is None:
                return 0
            old = "SELECT max(id) FROM log WHERE id < ? AND at_ns < ?"
            (aged,) = self._database.execute(old, (first + PRUNED_AT_ONCE, before_ns)).fetchone()
            much = 1 - most_bytes / max(1, self._bytes())
            beyond = first + int((last - first) * much) if much > 0 else 0
            cut = min(max(aged or 0, beyond), first + PRUNED_AT_ONCE - 1, last - 1)
            return self._remove(first, cut, now_ns, "age" if cut == aged else "size") if cut >= first else 0
        except sqlite3.Error as error:
            self._give_up(error)
            return 0

    def close(self) -> None:
        """Close the file; what was not committed is lost. May be called twice."""
        with suppress(sqlite3.Error):
            self._database.close()
        self._lock.close()

    def _write(self, head: Head, entries: list[Entry]) -> Head:
        rows = []
        for entry in entries:
            head = after(head, entry)
            rows.append((head.id, entry.at_ns, entry.kind, entry.content, head.hash))
        self._database.executemany("INSERT INTO log (id, at_ns, kind, content, hash) VALUES (?, ?, ?, ?, ?)", rows)
        return head

    def _remove(self, first: int, last: int, now_ns: int, why: str) -> int:
        (digest,) = self._database.execute("SELECT hash FROM log WHERE id = ?", (last,)).fetchone()
        content = json.dumps({"first": first, "last": last, "hash": digest, "why": why})
        self._database.execute("BEGIN IMMEDIATE")
        self._database.execute("DELETE FROM log WHERE id <= ?", (last,))
        head = self._write(self.head, [Entry(at_ns=now_ns, kind="checkpoint", content=content)])
        self._database.execute("COMMIT")
        self.head = head
        self._database.execute("PRAGMA incremental_vacuum").fetchall()
        return last - first + 1

    def _bytes(self) -> int:
        """What the entries take; pages that are free already do not count."""
        pages, free, size = (
            self._database.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        return int((pages - free) * size)

    def _give_up(self, error: sqlite3.Error) -> None:
        self.trouble = str(error)
        with suppress(sqlite3.Error):  # it may have been rolled back already
            self._database.execute("ROLLBACK")
