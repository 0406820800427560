"""`inspector store` beside a station: what is heard is kept, and an end out of order is noted."""

import csv
import hashlib
import json
import os
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from inspector.config import Config, FolderSource, ScoringConfig, StoreConfig
from inspector.errors import VerificationError
from inspector.messages import Evidence, Reply, ReportLogHead, Verdict
from inspector.store.album import Album
from inspector.store.chain import Entry, Head
from inspector.store.database import FILE, open_for_reading
from inspector.store.inspect_log import verify_log
from inspector.store.keep import run_store
from inspector.store.log import Log
from inspector.store.read import Reader
from inspector.store.verify import verify
from inspector.wire.command import CommandServer
from inspector.wire.evidence import EvidencePublisher
from inspector.wire.publish import Publisher
from tests.programs import call, eventually, running, write_config
from tests.wire.samples import evidence, health, local_wire, verdict
from tools.benchmarks.small_disk import fill


@pytest.fixture
def config(tmp_path: Path) -> Config:
    return Config(
        source=FolderSource(path="not used"),
        scoring=ScoringConfig(recipe="not used"),
        wire=local_wire(),
        store=StoreConfig(folder=str(tmp_path / "store"), free_mb=0),
    )


class Station:
    """A publisher whose thread answers those who ask, and whose heart beats."""

    def __init__(self, config: Config, run: str = "r1", log_head: str = "") -> None:
        self._publisher = Publisher(config.wire, "line1", run)
        self._evidence = EvidencePublisher(config.wire, "line1")
        self._orders = CommandServer(config.wire, "line1")
        self._run = run
        self.log_head = log_head
        self.trouble = ""
        self._count = 0
        self._over = threading.Event()
        self._to_send: list[Verdict] = []
        self._to_show: list[Evidence] = []
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        eventually(lambda: "store" in self._publisher.greeted, "the store listens")

    def judge(self, *verdicts: Verdict) -> None:
        with self._lock:
            self._to_send += verdicts

    def show(self, *pieces: Evidence) -> None:
        with self._lock:
            self._to_show += pieces

    def close(self) -> None:
        self._over.set()
        self._thread.join()

    def _serve(self) -> None:
        beat_at = 0.0
        with (
            closing(self._publisher) as publisher,
            closing(self._evidence) as evidence,
            closing(self._orders) as orders,
        ):
            while not self._over.is_set():
                with self._lock:
                    verdicts, self._to_send = self._to_send, []
                    pieces = self._to_show if evidence.readers else []
                    self._to_show = self._to_show[len(pieces) :]
                for piece in pieces:
                    evidence.send(piece)
                for asked in orders.receive(0):
                    assert isinstance(asked.command, ReportLogHead)
                    self.log_head, self.trouble = asked.command.head, asked.command.trouble
                    orders.reply(asked, Reply(done=True, detail=""))
                for each in verdicts:
                    publisher.verdict(each)
                    self._count += 1
                if time.monotonic() > beat_at:
                    beat_at = time.monotonic() + 0.1
                    publisher.health(replace(health(self._count, run=self._run), log_head=self.log_head))
                publisher.serve(0.01)


@contextmanager
def storing(config: Config) -> Iterator[None]:
    """The store in a thread of this process."""
    stop = threading.Event()
    thread = threading.Thread(target=run_store, args=(config, stop), daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def logged(config: Config) -> list[tuple[str, dict[str, object]]]:
    assert config.store is not None
    with closing(open_for_reading(Path(config.store.folder))) as database:
        assert verify(database).faults == ()
        rows = database.execute("SELECT kind, content FROM log ORDER BY id").fetchall()
    return [(kind, json.loads(content)) for kind, content in rows]


def kinds(config: Config) -> list[str]:
    return [kind for kind, _ in logged(config)]


def has(config: Config, kind: str, count: int) -> Callable[[], bool]:
    return lambda: kinds(config).count(kind) == count


def judged(config: Config) -> list[object]:
    return [content["seq"] for kind, content in logged(config) if kind == "verdict"]


def test_what_a_station_says_is_in_the_log_within_a_second(config: Config) -> None:
    with storing(config), closing(Station(config, "r1")) as station:
        begun = time.monotonic()
        station.judge(*(verdict(seq) for seq in range(1, 51)))
        eventually(has(config, "verdict", 50), "50 verdicts are logged")
        assert time.monotonic() - begun < 10  # a second, and what a busy machine adds
    assert judged(config) == list(range(1, 51))
    assert kinds(config)[:3] == ["store_started", "config", "run_started"]
    assert kinds(config)[-1] == "store_stopped"


def test_verdicts_published_while_the_store_was_away_are_logged_once_it_is_back(config: Config) -> None:
    with storing(config):
        station = Station(config, "r1")
        station.judge(verdict(1), verdict(2))
        eventually(has(config, "verdict", 2), "2 verdicts are logged")
    with closing(station):
        station.judge(*(verdict(seq) for seq in range(3, 8)))
        with storing(config):
            eventually(has(config, "verdict", 7), "7 verdicts are logged")
    assert judged(config) == list(range(1, 8))
    assert kinds(config).count("run_started") == 1
    assert "gap" not in kinds(config)


def test_a_configuration_is_logged_when_it_changed(config: Config) -> None:
    for passes in (0.02, 0.02, 0.5):
        assert config.store is not None
        changed = Config(source=config.source, scoring=config.scoring, wire=config.wire,
                         store=StoreConfig(folder=config.store.folder, passes=passes))  # fmt: skip
        with storing(changed):
            pass
    configs = [content for kind, content in logged(config) if kind == "config"]
    assert [each["config"]["store"]["passes"] for each in configs] == [0.02, 0.5]  # type: ignore[index]


def test_a_killed_store_loses_nothing_that_the_station_still_has_and_says_that_it_was_killed(tmp_path: Path) -> None:
    config = write_config(tmp_path, tmp_path, station={"name": "line1"}, store={"folder": "store"})
    with running("store", folder=tmp_path) as program, closing(Station(config, "r1")) as station:
        station.judge(*(verdict(seq) for seq in range(1, 101)))
        eventually(lambda: (tmp_path / "store" / "log.sqlite").exists() and has(config, "verdict", 100)(), "logged")
        station.judge(*(verdict(seq) for seq in range(101, 201)))
        os.kill(program.pid, signal.SIGKILL)
        assert program.finish() == -signal.SIGKILL
        with running("store", folder=tmp_path) as again:
            eventually(has(config, "verdict", 200), "200 verdicts are logged")
            again.send(signal.SIGTERM)
            assert again.finish() == 0
    assert judged(config) == list(range(1, 201))
    ends = [content for kind, content in logged(config) if kind == "unclean_end"]
    assert len(ends) == 1
    assert kinds(config)[-1] == "store_stopped"


def test_a_contradicting_verdict_is_kept_too(config: Config) -> None:
    with storing(config), closing(Station(config, "r1")) as station:
        station.judge(verdict(1), replace(verdict(1, "fail")))
        eventually(has(config, "contradiction", 1), "the contradiction is logged")


def test_pictures_are_kept_and_the_log_says_which(config: Config) -> None:
    assert config.store is not None
    with storing(config), closing(Station(config)) as station:
        station.show(evidence(1), evidence(2))
        eventually(has(config, "evidence", 2), "the evidence is logged")
    found = Reader(Path(config.store.folder)).evidence("r1", 2)
    assert found == evidence(2)
    told = next(content for kind, content in logged(config) if kind == "evidence")
    assert told["files"]["frame.jpg"] == hashlib.sha256(evidence(1).overlay.jpeg).hexdigest()  # type: ignore[index]


def test_a_picture_that_was_changed_or_slipped_in_is_found(config: Config) -> None:
    assert config.store is not None
    with storing(config), closing(Station(config)) as station:
        station.show(evidence(1), evidence(2), evidence(3))
        eventually(has(config, "evidence", 3), "the evidence is logged")
    assert "the pictures of 3 parts are as they were kept" in verify_log(config, None, pictures=True)
    run = Path(config.store.folder) / "pictures" / "r1"
    shutil.rmtree(run / "000001-fail")  # as if to make room
    assert "the pictures of 2 parts are as they were kept" in verify_log(config, None, pictures=True)
    (run / "000002-fail" / "frame.jpg").write_bytes(b"another picture")
    (run / "000003-fail" / "nearest.jpg").unlink()
    shutil.copytree(run / "000003-fail", run / "000009-fail")
    with pytest.raises(VerificationError) as caught:
        verify_log(config, None, pictures=True)
    for fault in ("2-fail/frame.jpg is not as it was kept", "3-fail/nearest.jpg is gone", "9-fail is not in the log"):
        assert fault in str(caught.value)
    assert "the chain holds" in verify_log(config, None)


def test_pictures_that_a_killed_store_had_not_logged_are_told_of_and_no_others(config: Config) -> None:
    assert config.store is not None
    folder = Path(config.store.folder)
    with closing(Log(folder)) as log:  # one that ends without a word, between a picture's rename and the commit
        log.add(Entry(at_ns=time.time_ns(), kind="store_started", content="{}"))
        log.commit(0)
        album = Album(config.store)
        for seq in (1, 2):
            assert album.keep(evidence(seq), time.time_ns()) is not None
    hour_ago = time.time() - 3600
    os.utime(folder / "pictures" / "r1" / "000002-fail", (hour_ago, hour_ago))
    with storing(config):
        pass
    with pytest.raises(VerificationError, match=r"^[^;]*2-fail is not in the log$"):
        verify_log(config, None, pictures=True)
    shutil.rmtree(folder / "pictures" / "r1" / "000002-fail")
    with storing(config):
        pass
    told = verify_log(config, None, pictures=True)
    assert "the pictures of 1 parts are as they were kept, 1 of them found after the store had been killed" in told
    assert kinds(config).count("evidence_found") == 1
    (folder / "pictures" / "r1" / "000001-fail" / "frame.jpg").write_bytes(b"another picture")
    with pytest.raises(VerificationError, match="frame.jpg is not as it was kept"):
        verify_log(config, None, pictures=True)


def test_the_station_is_told_how_far_the_log_goes(config: Config) -> None:
    with storing(config), closing(Station(config)) as station:
        for seq in (1, 2):
            station.judge(verdict(seq))
            eventually(has(config, "verdict", seq), "the verdict is logged")
            newest = len(logged(config))
            # or a newer one: where the machine is busy the heart may miss a beat, which is an entry, too
            eventually(lambda newest=newest: _id(station.log_head) >= newest, "the head is told")


def _id(head: str) -> int:
    return int(head.partition(":")[0] or 0)


def test_the_station_is_told_what_cannot_be_kept_and_when_it_can_be_again(config: Config) -> None:
    assert config.store is not None
    database = Path(config.store.folder) / "log.sqlite"
    with storing(config), closing(Station(config)) as station:
        eventually(lambda: station.log_head, "the head is told")
        with closing(sqlite3.connect(database, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")  # nobody else can write meanwhile
            station.judge(verdict(1))
            eventually(lambda: station.trouble, "the trouble is told")
            assert station.trouble == "the log is not written: database is locked"
            other.execute("ROLLBACK")
        eventually(lambda: not station.trouble, "that it is over is told")
        eventually(has(config, "verdict", 1), "the verdict is logged")


def test_on_a_full_disk_what_cannot_be_kept_is_told_and_what_waited_is_logged_once_there_is_room(
    config: Config, small_disk: Path
) -> None:
    config = msgspec.structs.replace(config, store=StoreConfig(folder=str(small_disk / "store"), free_mb=0))
    with storing(config), closing(Station(config)) as station:
        eventually(lambda: station.log_head, "the head is told")
        filler = fill(small_disk)
        station.judge(*(verdict(seq, part="x" * 64) for seq in range(1, 501)))  # more than the log's file has room for
        station.show(evidence(1))
        eventually(lambda: "pictures are refused" in station.trouble, "that pictures are refused is told")
        eventually(lambda: "database or disk is full" in station.trouble, "that the log is not written is told")
        filler.unlink()
        eventually(lambda: station.log_head and not station.trouble.startswith("the log"), "that it is over is told")
        eventually(has(config, "verdict", 500), "the verdicts are logged")
        station.show(evidence(2))
        eventually(lambda: not station.trouble, "that pictures are kept again is told")
    assert judged(config) == list(range(1, 501))
    assert kinds(config).count("lost") == 0


def test_a_log_that_lacks_what_the_station_was_told_says_so(config: Config) -> None:
    with storing(config):
        pass
    for told, cut in ((head_of(config), 0), (Head(999, "0" * 64), 1)):
        with storing(config), closing(Station(config, log_head=str(told))):
            eventually(has(config, "health", cut + 1), "a heartbeat is logged")
        assert kinds(config).count("tail_cut") == cut


def head_of(config: Config) -> Head:
    assert config.store is not None
    with closing(open_for_reading(Path(config.store.folder))) as database:
        return verify(database).head


def test_a_person_verifies_and_exports_the_log(tmp_path: Path) -> None:
    config = write_config(tmp_path, tmp_path, station={"name": "line1"}, store={"folder": "store"})
    with storing(config), closing(Station(config)) as station:
        station.judge(verdict(1, part="=B-17"), verdict(2, "fail"), verdict(3, "not_inspected"))
        eventually(has(config, "verdict", 3), "the verdicts are logged")
        eventually(lambda: station.log_head, "the head is told")
        verified = call("log", "verify", folder=tmp_path)
        assert verified.returncode == 0, verified.stderr
        assert "the chain holds; entry" in verified.stdout
        assert "the head that the station tells, is in it" in verified.stdout
    head = head_of(config)
    assert call("log", "export", "--csv", "log.csv", "--kind", "verdict", folder=tmp_path).returncode == 0
    with (tmp_path / "log.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    told = [(row["seq"], row["part"], row["outcome"], row["reason"], row["score"]) for row in rows]
    assert told == [
        ("1", "'=B-17", "pass", "", "12.5"),
        ("2", "", "fail", "", "31.0"),
        ("3", "", "not_inspected", "late", ""),
    ]
    assert rows[0]["exposed"] == "2023-11-14T22:13:20.000000+00:00"
    with closing(sqlite3.connect(tmp_path / "store" / FILE)) as database, database:
        database.execute("DELETE FROM log WHERE id >= ?", (head.id - 1,))
    alone = call("log", "verify", folder=tmp_path)
    assert alone.returncode == 0
    assert "no station runs that told its head" in alone.stdout
    cut = call("log", "verify", "--head", str(head), folder=tmp_path)
    assert cut.returncode == 5
    assert f"entries {head.id - 1} to {head.id} are cut off" in cut.stderr
    assert len(cut.stderr.splitlines()) == 1


def test_without_a_section_there_is_nothing_to_keep(config: Config, capsys: pytest.CaptureFixture[str]) -> None:
    nothing = Config(source=config.source, scoring=config.scoring)
    assert run_store(nothing, threading.Event()) == 0
    assert "nothing to keep" in capsys.readouterr().out
