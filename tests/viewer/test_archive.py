"""The store's folder, read by a viewer that started later."""

import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from inspector.config import StoreConfig
from inspector.messages import Event, Verdict
from inspector.store.album import Album
from inspector.store.chain import Entry
from inspector.store.log import Log
from inspector.viewer.archive import Archive
from inspector.viewer.gallery import Filter
from inspector.viewer.live import About, Live
from inspector.viewer.marks import Marks
from inspector.viewer.past import Past
from inspector.viewer.records import Records
from inspector.wire.codec import encode, encode_overlay
from tests.viewer.stations import verdict
from tests.wire.samples import evidence

NOW_NS = time.time_ns()
ABOUT = About(version="1", station="line1", endpoint="tcp://127.0.0.1:5550", deadline_ms=None)


def logged(seq: int) -> Verdict:
    """Every third a reject."""
    return replace(verdict(seq, "pass" if seq % 3 else "fail"), exposed_ns=NOW_NS - (100 - seq) * 1_000_000)


def said(kind: str, seq: int | None = None, **facts: str) -> Entry:
    told = Event(station="line1", run="r1", mode="live", now_ns=1, kind=kind, seq=seq, facts=facts)
    return Entry(at_ns=1, kind="event", content=encode(told).decode())


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    with closing(Log(tmp_path)) as log:
        for seq in range(1, 31):
            log.add(Entry(at_ns=seq, kind="verdict", content=encode(logged(seq)).decode()))
        log.add(said("mark", 3, run="r1", mark="false_reject", by="Ada"))
        log.add(said("threshold", recipe_before="abc", recipe="def"))
        log.commit(0)
    Album(StoreConfig(folder=str(tmp_path))).keep(replace(evidence(3), verdict=logged(3)), 0)
    return Archive(tmp_path)


def test_a_viewer_that_starts_later_remembers_what_was_logged(archive: Archive) -> None:
    records, marks = Records(()), Marks()
    archive.remember(records, marks)
    assert [row[1] for row in records.rows("", 0)["rows"]] == list(range(1, 31))
    hour = records.figures()["hours"][-1]
    assert sum(each["pass"] + each["fail"] for each in records.figures()["hours"]) == 30
    assert hour["last_ms"] <= time.time() * 1000
    marked = marks.of("r1", 3)
    assert marked is not None
    assert (marked.mark, marked.by) == ("false_reject", "Ada")
    records.add(replace(verdict(31), recipe="def"))
    assert records.rows("", 0)["comparable"] == ["abc", "def"]


def test_rejects_older_than_the_memory_come_from_the_log_each_once(archive: Archive) -> None:
    marks = Marks()
    past = Past(Live(ABOUT), marks, archive)
    recent = [logged(30), logged(29)]
    told = past.rejects(recent, Filter())
    assert [each["seq"] for each in told["rejects"]] == list(range(30, 0, -3))
    assert [each["seq"] for each in past.rejects(recent, Filter(kind="late"))["rejects"]] == []
    marks.add("r1", 3, "confirmed", "Ada")
    assert [each["seq"] for each in past.rejects([], Filter(mark="confirmed"))["rejects"]] == [3]
    assert past.marks([]).splitlines()[1].startswith("r1,3,")


def test_the_evidence_of_an_old_reject_has_its_nearest_good_patch(archive: Archive) -> None:
    past = Past(Live(ABOUT), Marks(), archive)
    piece = past.piece("r1", 3)
    assert piece is not None
    assert piece.packet == encode_overlay(evidence(3).overlay)
    assert piece.nearest is not None
    assert piece.nearest.jpeg == evidence(3).nearest
    assert past.part("r1", 3)["nearest"]["picture"] == evidence(3).nearest_picture
    assert past.piece("r1", 6) is None


def test_a_store_that_is_not_there_yet_is_empty(tmp_path: Path) -> None:
    archive, records, marks = Archive(tmp_path / "store"), Records(()), Marks()
    archive.remember(records, marks)
    past = Past(Live(ABOUT), marks, archive)
    assert records.rows("", 0)["rows"] == []
    assert past.rejects([], Filter()) == {"rejects": [], "more": False}
    assert past.piece("r1", 1) is None
    assert archive.verdict("r1", 1) is None
