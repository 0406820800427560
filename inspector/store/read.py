"""The read side: what the viewer asks of the log and the evidence. Any thread may ask; nothing here holds up the store.

Each question opens the log anew, in a fraction of a millisecond, so that a log which begins later, or was moved away,
is no state to keep. All of them raise ConfigError where there is no log.
"""

from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inspector.messages import Evidence, Outcome, Verdict
from inspector.store.database import open_for_reading
from inspector.store.pictures import PICTURES, read
from inspector.wire.codec import CodecError, decode_verdict

HOUR_NS: Final = 3_600_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which rejects are asked for; what is None does not matter."""

    outcome: Outcome | None = None
    reason: str | None = None
    since_ns: int | None = None
    """Exposed from then on: Unix, in ns."""


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

    def rejects(self, limit: int, wanted: Wanted | None = None) -> list[Verdict]:
        """The newest parts that are not a pass, newest first."""
        conditions, values = _conditions(wanted or Wanted())
        return self._verdicts(f"WHERE {' AND '.join(conditions)} ORDER BY id DESC LIMIT ?", *values, limit)

    def part(self, run: str, seq: int) -> Verdict | None:
        """One part, whatever its outcome; None where the log does not have it."""
        return next(iter(self._verdicts("WHERE kind = 'verdict' AND run = ? AND seq = ?", run, seq)), None)

    def evidence(self, run: str, seq: int) -> Evidence | None:
        """The pictures of a part; None where none were kept, or they have been removed."""
        return read(self._pictures, run, seq)

    def verdicts(self, limit: int) -> list[Verdict]:
        """The newest verdicts as they were published, oldest first."""
        return self._verdicts("WHERE kind = 'verdict' ORDER BY id DESC LIMIT ?", limit)[::-1]

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

    def _verdicts(self, which: str, *values: object) -> list[Verdict]:
        """Those that a clause of SQL asks for; one of a newer wire is left out."""
        with closing(open_for_reading(self._folder)) as database:
            found = [text for (text,) in database.execute(f"SELECT content FROM log {which}", values)]
        verdicts = []
        for text in found:
            with suppress(CodecError):
                verdicts.append(decode_verdict(text.encode()))
        return verdicts


def _conditions(wanted: Wanted) -> tuple[list[str], list[object]]:
    """SQL for what is wanted, its values apart."""
    asked: dict[str, object] = {
        "outcome = ?": wanted.outcome,
        "json_extract(content, '$.reason') = ?": wanted.reason,
        "exposed_ns >= ?": wanted.since_ns,
    }
    given = {condition: value for condition, value in asked.items() if value is not None}
    return ["kind = 'verdict'", "outcome <> 'pass'", *given], list(given.values())
