"""What the viewer asks of the log."""

import json
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from inspector.config import StoreConfig
from inspector.errors import ConfigError
from inspector.messages import Event, Verdict
from inspector.store.album import Album
from inspector.store.chain import Entry
from inspector.store.log import Log
from inspector.store.read import HOUR_NS, Hour, Reader, Wanted
from inspector.wire.codec import encode
from tests.wire.samples import evidence, verdict

START_NS = 470_000 * HOUR_NS


def of_part(seq: int) -> Verdict:
    """Every third a reject, every sixth not inspected; one a minute."""
    outcome = "not_inspected" if seq % 6 == 0 else "fail" if seq % 3 == 0 else "pass"
    judged = verdict(seq, outcome, part=f"Bolt-{seq}")
    score = None if outcome == "not_inspected" else 20.0 + seq if outcome == "fail" else 10.0
    return replace(judged, exposed_ns=START_NS + seq * 60_000_000_000, score=score)


def marked(seq: int, mark: str) -> Event:
    return Event(station="line1", run="r2", mode="live", now_ns=1, kind="mark", seq=seq,
                 facts={"by": "Ada", "why": "", "run": "r1", "mark": mark})  # fmt: skip


@pytest.fixture
def reader(tmp_path: Path) -> Reader:
    with closing(Log(tmp_path)) as log:
        for seq in range(1, 91):
            log.add(Entry(at_ns=seq, kind="verdict", content=encode(of_part(seq)).decode()))
        for seq, mark in ((3, "confirmed"), (9, "false_reject"), (3, "false_reject")):
            log.add(Entry(at_ns=99, kind="event", content=encode(marked(seq, mark)).decode()))
        log.add(Entry(at_ns=99, kind="config", content=json.dumps({"config": {}})))
        log.commit(0)
    Album(StoreConfig(folder=str(tmp_path))).keep(replace(evidence(3), verdict=of_part(3)), 0)
    return Reader(tmp_path)


def seqs(reader: Reader, limit: int = 100, **wanted: object) -> list[int]:
    return [part.seq for part in reader.rejects(limit, Wanted(**wanted))]  # type: ignore[arg-type]


def test_the_newest_rejects_come_first(reader: Reader) -> None:
    assert seqs(reader, 4) == [90, 87, 84, 81]
    assert seqs(reader) == list(range(90, 0, -3))
    assert reader.rejects(0) == []


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"outcome": "fail"}, lambda seq: seq % 6),
        ({"outcome": "not_inspected"}, lambda seq: seq % 6 == 0),
        ({"reason": "late"}, lambda seq: seq % 6 == 0),
        ({"since_ns": START_NS + HOUR_NS}, lambda seq: seq >= 60),
        ({"outcome": "fail", "since_ns": START_NS + HOUR_NS}, lambda seq: seq >= 60 and seq % 6),
    ],
)
def test_rejects_can_be_filtered(reader: Reader, wanted: dict[str, object], fits: Callable[[int], object]) -> None:
    assert seqs(reader, **wanted) == [seq for seq in range(90, 0, -3) if fits(seq)]


def test_a_part_is_told_as_it_was_published(reader: Reader) -> None:
    assert reader.part("r1", 3) == of_part(3)
    assert reader.part("r1", 4) == of_part(4)
    assert reader.part("r2", 3) is None


def test_the_pictures_of_a_part(reader: Reader) -> None:
    found = reader.evidence("r1", 3)
    assert found is not None
    assert found.verdict == of_part(3)
    assert found.nearest == evidence(3).nearest
    assert reader.evidence("r1", 4) is None


def test_the_last_verdicts_oldest_first(reader: Reader) -> None:
    assert reader.verdicts(3) == [of_part(88), of_part(89), of_part(90)]
    assert len(reader.verdicts(1000)) == 90


def test_the_last_mark_of_a_part_counts(reader: Reader) -> None:
    assert reader.marked_by() == {("r1", 3): ("false_reject", "Ada"), ("r1", 9): ("false_reject", "Ada")}


def test_the_yield_of_each_hour(reader: Reader) -> None:
    first = Hour(start_ns=START_NS, passed=40, failed=10, not_inspected=9)
    second = Hour(start_ns=START_NS + HOUR_NS, passed=20, failed=5, not_inspected=6)
    assert reader.hours(0) == [first, second]
    assert reader.hours(START_NS + HOUR_NS) == [second]


def test_without_a_log_it_is_said(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no log in"):
        Reader(tmp_path / "none").verdicts(1)
