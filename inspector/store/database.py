"""The log's file: its table, and how writers and readers open it.

What the queries ask for is computed by SQLite from an entry's content, so that it cannot differ from what the chain
covers. In WAL mode readers never hold up the writer.
"""

import sqlite3
from pathlib import Path

from inspector.errors import ConfigError

FILE = "log.sqlite"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS log (
    id INTEGER PRIMARY KEY,
    at_ns INTEGER NOT NULL,
    kind TEXT NOT NULL,
    content TEXT NOT NULL,
    hash TEXT NOT NULL,
    run TEXT AS (json_extract(content, '$.run')) VIRTUAL,
    seq INTEGER AS (json_extract(content, '$.seq')) VIRTUAL,
    outcome TEXT AS (json_extract(content, '$.outcome')) VIRTUAL,
    exposed_ns INTEGER AS (json_extract(content, '$.exposed_ns')) VIRTUAL,
    word TEXT AS (json_extract(content, '$.kind')) VIRTUAL
);
CREATE UNIQUE INDEX IF NOT EXISTS verdicts ON log (run, seq) WHERE kind = 'verdict';
CREATE INDEX IF NOT EXISTS rejects ON log (id) WHERE kind = 'verdict' AND outcome <> 'pass';
CREATE INDEX IF NOT EXISTS hours ON log (exposed_ns, outcome) WHERE kind = 'verdict';
CREATE INDEX IF NOT EXISTS events ON log (word, id) WHERE kind = 'event';
CREATE INDEX IF NOT EXISTS others ON log (kind, id) WHERE kind <> 'verdict';
"""


def open_for_writing(folder: Path) -> sqlite3.Connection:
    """The log of a folder, made where there is none. Raises ConfigError where it cannot be written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(folder / FILE, isolation_level=None, timeout=1.0)
        database.execute("PRAGMA auto_vacuum = INCREMENTAL")  # first: a file that has a table keeps what it has
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")  # what is committed survives the power, too
        database.execute("PRAGMA journal_size_limit = 16000000")  # else the WAL keeps the size it once had
        database.executescript(_SCHEMA)
    except (OSError, sqlite3.Error) as error:
        raise ConfigError(f"store.folder is {str(folder)!r}, where {FILE} cannot be written: {error}") from error
    return database


def open_for_reading(folder: Path) -> sqlite3.Connection:
    """The log of a folder. Raises ConfigError where there is none, or it is no log."""
    try:
        database = sqlite3.connect(f"{(folder / FILE).absolute().as_uri()}?mode=rw", uri=True, timeout=5.0)
        database.execute("PRAGMA query_only = ON")  # not mode=ro, which cannot read a WAL that nobody has open
        database.execute("SELECT id FROM log LIMIT 1")
    except sqlite3.Error as error:
        raise ConfigError(f"there is no log in {folder} ({FILE}: {error})") from error
    return database
