"""The log as a table for a spreadsheet: one line an entry, the columns of all kinds beside each other."""

import csv
import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, Final, TextIO

COLUMNS: Final = (
    "id", "at", "kind", "station", "run", "seq", "part", "outcome", "reason", "score", "threshold", "recipe", "exposed",
    "latency_ms", "state", "detail", "hash",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for a formula when text begins with it; part ids and details come from outside."""


def export(database: sqlite3.Connection, out: TextIO, kinds: tuple[str, ...] = ()) -> int:
    """Write the entries, of some kinds or of all, oldest first; how many."""
    table = csv.writer(out)
    table.writerow(COLUMNS)
    count = 0
    for row in _entries(database, kinds):
        table.writerow([_cell(row.get(column)) for column in COLUMNS])
        count += 1
    return count


def _entries(database: sqlite3.Connection, kinds: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    among = f"WHERE kind IN ({', '.join('?' * len(kinds))})" if kinds else ""
    query = f"SELECT id, at_ns, kind, content, hash FROM log {among} ORDER BY id"
    for number, at_ns, kind, text, digest in database.execute(query, kinds):
        content: dict[str, Any] = json.loads(text)
        own = {"id": number, "at": _time(at_ns), "kind": kind, "hash": digest}
        if kind == "event":
            content["detail"] = f"{content.get('kind')}: {content.get('detail')}"
        elif kind == "health":
            content["detail"] = "; ".join(content.get("reasons", []))
        elif kind != "verdict":  # what the store says itself has no columns of its own
            content = {"run": content.pop("run", None), "detail": json.dumps(content, ensure_ascii=False)}
        exposed_ns = content.get("exposed_ns")
        yield {**content, **own, "exposed": None if exposed_ns is None else _time(exposed_ns)}


def _time(unix_ns: int) -> str:
    """ISO 8601 in UTC, to the microsecond."""
    return datetime.fromtimestamp(unix_ns / 1e9, UTC).isoformat(timespec="microseconds")


def _cell(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
