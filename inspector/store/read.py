"""The read side: what the viewer asks of the log and the evidence. Any thread may ask; nothing here holds up the store.

Each question opens the log anew, in a fraction of a millisecond, so that a log which begins later, or was moved away,
is no state to keep. All of them raise ConfigError where there is no log.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from inspector.messages import Defect, Evidence, Outcome, Reason, Verdict
from inspector.store.database import open_for_reading
from inspector.store.pictures import PICTURES, folder_of, read
from inspector.wire.codec import CodecError, decode_verdict

HOUR_NS: Final = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedPart:
    """A verdict as the log has it, and what is known of its part besides."""

    run: str
    mode: str
    seq: int
    part: str
    outcome: Outcome
    reason: Reason | None
    score: float | None
    threshold: float
    recipe: str
    exposed_ns: int
    latency_ms: float
    defects: tuple[Defect, ...]
    mark: str | None
    """What a person said of it: confirmed, false_reject; None when nobody did."""
    has_evidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rejects are asked for; what is None does not matter. Times are those of the exposure, Unix, in ns."""

    run: str | None = None
    outcome: Outcome | None = None
    reason: str | None = None
    part: str | None = None
    """Part ids that contain this, whatever their case."""
    since_ns: int | None = None
    until_ns: int | None = None
    least_score: float | None = None
    mark: str | None = None
    """confirmed or false_reject; `none`: those that nobody marked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """A part's place in the course of the scores."""

    run: str
    seq: int
    exposed_ns: int
    outcome: Outcome
    score: float | None
    threshold: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """What became of the parts exposed within an hour."""

    start_ns: int
    passed: int
    failed: int
    not_inspected: int


class Reader:
    """Asks the log and the pictures in a store's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pictures = folder / PICTURES

    def rejects(self, limit: int, wanted: Wanted | None = None) -> list[LoggedPart]:
        """The newest parts that are not a pass, newest first."""
        return list(islice(self._rejects(wanted or Wanted()), limit))

    def part(self, run: str, seq: int) -> LoggedPart | None:
        """One part, whatever its outcome; None where the log does not have it."""
        with closing(open_for_reading(self._folder)) as database:
            query = "SELECT content FROM log WHERE kind = 'verdict' AND run = ? AND seq = ?"
            row = database.execute(query, (run, seq)).fetchone()
            return self._part(json.loads(row[0]), _marks(database)) if row else None

    def evidence(self, run: str, seq: int) -> Evidence | None:
        """The pictures of a part; None where none were kept, or they have been removed."""
        return read(self._pictures, run, seq)

    def scores(self, limit: int) -> list[Scored]:
        """The newest parts, oldest first."""
        query = "SELECT content FROM log WHERE kind = 'verdict' ORDER BY id DESC LIMIT ?"
        with closing(open_for_reading(self._folder)) as database:
            found = [json.loads(text) for (text,) in database.execute(query, (limit,))]
        names = Scored.__dataclass_fields__
        return [Scored(**{name: each[name] for name in names}) for each in reversed(found)]

    def verdicts(self, limit: int) -> list[Verdict]:
        """The newest verdicts as they were published, oldest first; one of a newer wire is left out."""
        query = "SELECT content FROM log WHERE kind = 'verdict' ORDER BY id DESC LIMIT ?"
        with closing(open_for_reading(self._folder)) as database:
            found = [text for (text,) in database.execute(query, (limit,))]
        verdicts = []
        for text in reversed(found):
            with suppress(CodecError):
                verdicts.append(decode_verdict(text.encode()))
        return verdicts

    def marked_by(self) -> dict[tuple[str, int], tuple[str, str]]:
        """Run and seq of each part that a person marked -> the last mark and who made it, the newest mark last."""
        query = (
            "SELECT json_extract(content, '$.facts.run'), seq, json_extract(content, '$.facts.mark'), "
            "json_extract(content, '$.facts.by') FROM log WHERE kind = 'event' AND word = 'mark' ORDER BY id"
        )
        with closing(open_for_reading(self._folder)) as database:
            return {(run, seq): (mark, by) for run, seq, mark, by in database.execute(query)}

    def retuned(self) -> list[tuple[str, str]]:
        """Recipe versions, before and after, of each change of a threshold: their scores can be compared."""
        query = (
            "SELECT json_extract(content, '$.facts.recipe_before'), json_extract(content, '$.facts.recipe') "
            "FROM log WHERE kind = 'event' AND word = 'threshold' ORDER BY id"
        )
        with closing(open_for_reading(self._folder)) as database:
            return [(before, after) for before, after in database.execute(query) if before and after]

    def marks(self) -> dict[tuple[str, int], str]:
        """Run and seq of each part that a person marked -> confirmed or false_reject; the last mark counts."""
        with closing(open_for_reading(self._folder)) as database:
            return _marks(database)

    def hours(self, since_ns: int) -> list[Hour]:
        """The parts exposed since then, by the hour (of UTC), oldest first; hours without a part are left out."""
        query = (
            "SELECT exposed_ns / ?, sum(outcome = 'pass'), sum(outcome = 'fail'), sum(outcome = 'not_inspected') "
            "FROM log WHERE kind = 'verdict' AND exposed_ns >= ? GROUP BY 1 ORDER BY 1"
        )
        with closing(open_for_reading(self._folder)) as database:
            rows = database.execute(query, (HOUR_NS, since_ns)).fetchall()
        return [
            Hour(start_ns=hour * HOUR_NS, passed=passed, failed=failed, not_inspected=rest)
            for hour, passed, failed, rest in rows
        ]

    def _rejects(self, wanted: Wanted) -> Iterator[LoggedPart]:
        conditions, values = _conditions(wanted)
        query = f"SELECT content FROM log WHERE {' AND '.join(conditions)} ORDER BY id DESC"
        with closing(open_for_reading(self._folder)) as database:
            marks = _marks(database)
            for (text,) in database.execute(query, values):
                found = self._part(json.loads(text), marks)
                if wanted.mark is None or wanted.mark == (found.mark or "none"):
                    yield found

    def _part(self, content: dict[str, Any], marks: dict[tuple[str, int], str]) -> LoggedPart:
        run, seq, outcome = content["run"], content["seq"], content["outcome"]
        return LoggedPart(
            run=run,
            mode=content["mode"],
            seq=seq,
            part=content["part"],
            outcome=outcome,
            reason=content["reason"],
            score=content["score"],
            threshold=content["threshold"],
            recipe=content["recipe"],
            exposed_ns=content["exposed_ns"],
            latency_ms=content["latency_ms"],
            defects=tuple(Defect(**defect) for defect in content["defects"]),
            mark=marks.get((run, seq)),
            has_evidence=folder_of(self._pictures, run, seq, outcome).is_dir(),
        )


def _conditions(wanted: Wanted) -> tuple[list[str], list[object]]:
    """SQL for what is wanted, its values apart."""
    asked: dict[str, object] = {
        "run = ?": wanted.run,
        "outcome = ?": wanted.outcome,
        "json_extract(content, '$.reason') = ?": wanted.reason,
        "instr(lower(json_extract(content, '$.part')), lower(?)) > 0": wanted.part,
        "exposed_ns >= ?": wanted.since_ns,
        "exposed_ns <= ?": wanted.until_ns,
        "json_extract(content, '$.score') >= ?": wanted.least_score,
    }
    given = {condition: value for condition, value in asked.items() if value is not None}
    return ["kind = 'verdict'", "outcome <> 'pass'", *given], list(given.values())


def _marks(database: sqlite3.Connection) -> dict[tuple[str, int], str]:
    query = (
        "SELECT json_extract(content, '$.facts.run'), seq, json_extract(content, '$.facts.mark') "
        "FROM log WHERE kind = 'event' AND word = 'mark' ORDER BY id"
    )
    return {(run, seq): mark for run, seq, mark in database.execute(query)}
