"""The log: what is committed stays, what was changed is found, what leaves is told."""

import json
import os
import resource
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from inspector.errors import ConfigError
from inspector.store.chain import Entry, Head
from inspector.store.database import FILE, open_for_reading
from inspector.store.log import ROOM, Log
from inspector.store.verify import Verified, verify
from inspector.wire.codec import encode
from tests.wire.samples import verdict

DAY_NS = 86_400_000_000_000


def note(text: str, at_ns: int = 0) -> Entry:
    return Entry(at_ns=at_ns, kind="event", content=json.dumps({"run": "r1", "detail": text}))


def judged(seq: int, run: str = "r1") -> Entry:
    return Entry(at_ns=seq, kind="verdict", content=encode(verdict(seq, run=run)).decode())


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with closing(Log(tmp_path)) as log:
        yield log


def fill(log: Log, count: int) -> None:
    for number in range(count):
        log.add(note(f"entry {number + 1}", at_ns=number * DAY_NS))
    assert log.commit(0)


def verified(folder: Path, told: Head | None = None) -> Verified:
    with closing(open_for_reading(folder)) as database:
        return verify(database, told)


def change(folder: Path, statement: str) -> None:
    """What somebody with a database tool could do."""
    with closing(sqlite3.connect(folder / FILE)) as database, database:
        database.execute(statement)


@contextmanager
def files_of_at_most(size: int) -> Iterator[None]:
    """No file may grow beyond that: the system's own quota."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_log_as_it_was_written_verifies(log: Log, tmp_path: Path) -> None:
    assert verified(tmp_path) == Verified(entries=0, first=0, head=Head(), faults=())
    fill(log, 5)
    found = verified(tmp_path, told=log.head)
    assert (found.entries, found.first, found.head, found.faults) == (5, 1, log.head, ())


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("UPDATE log SET content = '{}' WHERE id = 3", "entry 3 (event) is not what was written"),
        ("UPDATE log SET at_ns = at_ns + 1 WHERE id = 3", "entry 3 (event) is not what was written"),
        ("UPDATE log SET kind = 'verdict' WHERE id = 3", "entry 3 (verdict) is not what was written"),
        ("UPDATE log SET hash = 'x' WHERE id = 3", "entry 3 (event) is not what was written"),
        ("DELETE FROM log WHERE id = 3", "entry 3 is gone"),
        ("DELETE FROM log WHERE id IN (2, 3, 4)", "entries 2 to 4 are gone"),
        ("DELETE FROM log WHERE id < 3", "entries 1 to 2 are gone, and no checkpoint says so"),
        ("UPDATE log SET id = 99 WHERE id = 3", "entry 3 is gone"),
        ("DELETE FROM log WHERE id > 3", "the log ends with entry 3, but once had entry 5: entries 4 to 5 are cut off"),
        ("DELETE FROM log", "the log ends with entry 0, but once had entry 5: entries 1 to 5 are cut off"),
    ],
)
def test_what_was_changed_is_found(log: Log, tmp_path: Path, statement: str, fault: str) -> None:
    fill(log, 5)
    change(tmp_path, statement)
    assert any(line.startswith(fault) for line in verified(tmp_path, told=log.head).faults)


def test_a_cut_tail_alone_shows_against_the_head_only(log: Log, tmp_path: Path) -> None:
    fill(log, 5)
    change(tmp_path, "DELETE FROM log WHERE id > 3")
    assert verified(tmp_path).faults == ()
    assert verified(tmp_path, told=log.head).faults != ()


def test_a_tail_that_was_cut_and_written_anew_shows_against_the_head(tmp_path: Path) -> None:
    with closing(Log(tmp_path)) as log:
        fill(log, 5)
        told = log.head
    change(tmp_path, "DELETE FROM log WHERE id > 3")
    with closing(Log(tmp_path)) as log:
        fill(log, 9)
    assert verified(tmp_path).faults == ()
    assert verified(tmp_path, told).faults == ("entry 5 is another one than was told: the log was rewritten",)


def test_a_log_goes_on_where_it_ended(tmp_path: Path) -> None:
    for _ in range(3):
        with closing(Log(tmp_path)) as log:
            fill(log, 4)
    found = verified(tmp_path)
    assert (found.entries, found.faults) == (12, ())


def test_old_entries_leave_a_checkpoint_and_the_chain_still_verifies(log: Log, tmp_path: Path) -> None:
    fill(log, 10)
    told = log.head
    assert log.prune(before_ns=4 * DAY_NS, most_bytes=1e9, now_ns=20 * DAY_NS) == 4
    found = verified(tmp_path, told)
    assert (found.first, found.entries, found.faults) == (5, 7, ())
    kind, content = log.newest() or ("", "{}")
    assert (kind, json.loads(content)["first"], json.loads(content)["last"]) == ("checkpoint", 1, 4)
    assert log.prune(before_ns=6 * DAY_NS, most_bytes=1e9, now_ns=20 * DAY_NS) == 2
    assert verified(tmp_path, told).faults == ()
    change(tmp_path, "DELETE FROM log WHERE id = 7")
    assert verified(tmp_path).faults == ("entry 7 is gone, and no checkpoint says so",)


def test_a_log_that_is_too_large_loses_its_oldest_entries(log: Log, tmp_path: Path) -> None:
    for seq in range(1, 3001):
        log.add(judged(seq))
    log.commit(0)
    while log.prune(before_ns=0, most_bytes=500_000, now_ns=1):
        pass
    found = verified(tmp_path)
    assert found.faults == ()
    assert 200 < found.entries < 2000
    assert (tmp_path / FILE).stat().st_size < 600_000


def test_the_newest_entry_never_leaves(log: Log, tmp_path: Path) -> None:
    fill(log, 3)
    assert log.prune(before_ns=99 * DAY_NS, most_bytes=1, now_ns=99 * DAY_NS) == 2
    assert verified(tmp_path).faults == ()


def test_only_one_store_writes_to_a_folder(log: Log, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="where another inspector store writes"):
        Log(tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigError, match=r"store\.folder is '.*file/store', where log\.sqlite cannot be written"):
        Log(tmp_path / "file" / "store")
    (tmp_path / FILE).write_bytes(b"no database" * 100)
    with pytest.raises(ConfigError, match="not a database"):
        Log(tmp_path)


def test_verdicts_are_known_before_and_after_their_commit(log: Log) -> None:
    for seq in (1, 2, 5):
        log.add(judged(seq))
    for _ in range(2):
        assert log.verdict("r1", 2) == judged(2).content
        assert log.verdict("r1", 3) is None
        assert log.verdict("r2", 2) is None
        assert log.seqs("r1", 2, 9) == [2, 5]
        log.commit(0)


def test_on_a_full_disk_entries_wait_and_those_without_room_are_counted(
    log: Log, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(log, 3)
    monkeypatch.setattr("inspector.store.log.ROOM", 200)
    for number in range(300):
        log.add(note("x" * 1000, at_ns=number))
    with files_of_at_most(200_000):
        assert not log.commit(7)
    assert log.trouble
    assert (len(log), log.lost) == (200, 100)
    assert verified(tmp_path).entries == 3
    assert log.commit(8)
    assert (len(log), log.lost, log.trouble) == (0, 0, "")
    assert log.newest() == ("lost", '{"entries": 100}')
    found = verified(tmp_path, log.head)
    assert (found.entries, found.faults) == (204, ())
    assert ROOM > 200


KILLED = """
import sys, time
from pathlib import Path
from inspector.store.chain import Entry
from inspector.store.log import Log
log = Log(Path(sys.argv[1]))
for number in range(10**9):
    log.add(Entry(at_ns=number, kind="event", content='{"n": %d}' % number))
    if number % 100 == 99:
        log.commit(number)
        print(number + 1, log.head, flush=True)
"""


def test_a_killed_writer_leaves_all_it_committed(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        lines = [writer.stdout.readline() for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
        lines += writer.stdout.readlines()
    count, head = lines[-1].split()
    found = verified(tmp_path, Head.parse(head))
    assert found.faults == ()
    assert found.entries >= int(count)
    with closing(Log(tmp_path)) as log:
        fill(log, 1)
    assert verified(tmp_path).faults == ()


def test_a_reader_does_not_hold_up_the_writer(log: Log, tmp_path: Path) -> None:
    fill(log, 2)
    with closing(open_for_reading(tmp_path)) as reader:
        rows = reader.execute("SELECT id FROM log")
        assert rows.fetchone() == (1,)
        fill(log, 2)
        assert [row[0] for row in rows] == [2]
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            reader.execute("DELETE FROM log")


def test_where_there_is_no_log_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no log in"):
        open_for_reading(tmp_path)
    assert not (tmp_path / FILE).exists()
