"""The store's folder, where it is on this machine: older parts, their pictures, and what was before we started."""

import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import Final

from loguru import logger

from inspector.errors import InspectorError
from inspector.messages import Verdict
from inspector.store.read import Reader, Wanted
from inspector.viewer.gallery import Filter
from inspector.viewer.history import ROOM
from inspector.viewer.hours import ROOM as HOURS
from inspector.viewer.hours import Hour
from inspector.viewer.marks import Marks
from inspector.viewer.records import Records
from inspector.viewer.shelf import Piece, piece_of

LOOKED_AT: Final = 2000
"""Rejects of the log that one look at the gallery goes through."""
UNREADABLE: Final = (InspectorError, OSError, ValueError, sqlite3.Error)


class Archive:
    """Reads only. A log that is not there yet, or cannot be read, is an empty one: the store is told of elsewhere."""

    def __init__(self, folder: Path) -> None:
        self._reader = Reader(folder)

    def remember(self, records: Records, marks: Marks) -> None:
        """Fill the memory with what was logged before this viewer started."""
        now_ns = time.time_ns()
        since_ns = now_ns - HOURS * 3_600_000_000_000
        try:
            hours = [
                Hour(
                    start_s=hour.start_ns // 1_000_000_000,
                    first_ns=hour.start_ns,
                    last_ns=min(now_ns, hour.start_ns + 3_600_000_000_000 - 1),
                    outcomes=Counter({"pass": hour.passed, "fail": hour.failed, "not_inspected": hour.not_inspected}),
                )
                for hour in self._reader.hours(since_ns)
            ]
            records.remember(self._reader.verdicts(ROOM), hours, self._reader.retuned())
            for (run, seq), (mark, by) in self._reader.marked_by().items():
                marks.add(run, seq, mark, by)
        except UNREADABLE as error:
            logger.info("nothing is remembered from the store: {}", error)

    def rejects(self, wanted: Filter) -> list[Verdict]:
        """The newest rejects that might be wanted, newest first; what the log cannot ask for is left to the filter."""
        asked = Wanted(
            outcome="fail" if wanted.kind == "fail" else None,
            reason=wanted.kind if wanted.kind not in (None, "fail") else None,
            since_ns=wanted.since_ns or None,
        )
        try:
            return self._reader.rejects(LOOKED_AT, asked)
        except UNREADABLE:
            return []

    def verdict(self, run: str, seq: int) -> Verdict | None:
        """One part; None where the log does not have it."""
        try:
            return self._reader.part(run, seq)
        except UNREADABLE:
            return None

    def piece(self, run: str, seq: int) -> Piece | None:
        """The pictures of a part; None where none were kept."""
        try:
            evidence = self._reader.evidence(run, seq)
        except UNREADABLE:
            return None
        return None if evidence is None else piece_of(evidence)
