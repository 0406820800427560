import errno
import os
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from inspector.errors import ConfigError
from inspector.plc import ledger_file
from inspector.plc.decisions import Decision, Left, Restored
from inspector.plc.ledger import Ledger
from inspector.plc.ledger_file import LedgerFile, recall
from inspector.wire.received import Gap, NewRun, Received
from tests.plc.test_ledger import beat, came
from tests.wire.samples import BOUND_S, verdict

ONE = Decision(result_id=1, run="r1", seq=1, parts=1, accept=True, cause="pass", verdict=None)


def written(path: Path, *decisions: Decision) -> Restored | None:
    file = LedgerFile(path)
    file.write(decisions)
    file.close()
    after = LedgerFile(path)
    after.close()
    return after.restored


def test_a_successor_knows_where_to_count_on_and_which_parts_are_open(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger.jsonl"
    gap = replace(ONE, result_id=2, seq=4, parts=3, accept=False, cause="gap")
    assert written(path, ONE, gap) == Restored(results=4, runs={"r1": Left(known=6, open=((2, 3),))})
    other = replace(ONE, result_id=5, run="r2", seq=1)
    assert written(path, other) == Restored(
        results=5, runs={"r1": Left(known=6, open=((2, 3),)), "r2": Left(known=1, open=())}
    )


def test_a_run_that_is_heard_again_after_a_newer_one_is_still_known(tmp_path: Path) -> None:
    late = replace(ONE, result_id=3, seq=2)
    restored = written(tmp_path / "ledger.jsonl", ONE, replace(ONE, result_id=2, run="r2"), late)
    assert restored is not None
    assert list(restored.runs) == ["r2", "r1"]
    assert restored.runs["r1"].known == 2


def test_after_an_end_that_was_none_ids_go_on_where_none_can_have_been_used(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    written(path, ONE)
    with path.open("a") as file:
        file.write('{"id":2,"run":"r1","se')
    restored = recall(path)
    assert restored is not None
    assert restored.results == 1 + ledger_file.JUMP


def put_aside(path: Path) -> bool:
    aside = path.with_name(path.name + ".1")
    return path.exists() and aside.exists() and aside.stat().st_size >= LONG > path.stat().st_size


def until(done: Callable[[], bool]) -> None:
    limit = time.monotonic() + BOUND_S
    while not done():
        assert time.monotonic() < limit
        time.sleep(0.005)


DECIDED = [
    *(replace(ONE, result_id=n, seq=n) for n in range(1, 30) if n not in (3, 4, 7, 8)),
    replace(ONE, result_id=30, run="r2", seq=1),
]
LONG = 1200


def test_a_long_file_is_put_aside_and_its_successor_knows_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.jsonl"
    before = written(path, *DECIDED)
    monkeypatch.setattr(ledger_file, "KEEP_BYTES", LONG)
    file = LedgerFile(path)
    until(lambda: put_aside(path))
    file.close()
    assert recall(path) == before
    assert before is not None
    assert before.runs["r1"].open == ((3, 4), (7, 8))


def test_a_file_that_grows_long_while_the_bridge_runs_is_put_aside_and_no_line_is_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, ready, go_on, sync = tmp_path / "ledger.jsonl", threading.Event(), threading.Event(), os.fdatasync
    monkeypatch.setattr(ledger_file, "KEEP_BYTES", LONG)

    def slow(file: int) -> None:
        if path.with_name(path.name + ".new").exists():
            ready.set()
            go_on.wait(BOUND_S)
        sync(file)

    monkeypatch.setattr(os, "fdatasync", slow)
    file = LedgerFile(path)
    for decision in DECIDED:
        file.write([decision])
    assert ready.wait(BOUND_S)
    file.write([replace(ONE, result_id=31, run="r2", seq=2)])
    file.note("actuated", [31])
    go_on.set()
    until(lambda: put_aside(path))
    file.write([replace(ONE, result_id=32, run="r2", seq=3)])
    file.close()
    restored = recall(path)
    assert restored is not None
    assert (restored.results, restored.runs["r2"]) == (32, Left(known=3, open=()))
    assert restored.runs["r1"].open == ((3, 4), (7, 8))
    assert file.fault is None


def test_a_kill_between_the_two_files_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    before = written(path, *DECIDED)
    path.replace(path.with_name(path.name + ".1"))
    assert recall(path) == before


def test_a_long_file_that_cannot_be_put_aside_goes_on_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.jsonl"
    path.with_name(path.name + ".new").mkdir()
    monkeypatch.setattr(ledger_file, "KEEP_BYTES", LONG)
    file = LedgerFile(path)
    file.write(DECIDED)
    until(lambda: file.fault is not None)
    said = file.fault
    assert said is not None
    assert "is long, and cannot be put aside" in said
    file.close()
    restored = recall(path)
    assert restored is not None
    assert restored.results == 30


def test_a_full_disk_is_a_fault_and_no_exception(tmp_path: Path) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    file = LedgerFile(tmp_path / "full")
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, file._file)  # noqa: SLF001
    os.close(full)
    file.write([ONE])
    assert file.fault is not None
    assert file.fault.startswith(str(tmp_path / "full"))
    file.close()


def test_a_disk_that_takes_half_a_line_and_then_has_room_again_loses_that_line_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, write, room = tmp_path / "ledger.jsonl", os.write, [30]

    def fills_up(descriptor: int, data: bytes) -> int:
        if not room[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        room[0] -= (taken := write(descriptor, data[: room[0]]))
        return taken

    file = LedgerFile(path)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fills_up)
        file.write([ONE])
        assert "No space left" in str(file.fault)
        assert path.stat().st_size == 30
    file.write([replace(ONE, result_id=2, seq=2)])
    assert file.fault is None
    file.close()
    restored = recall(path)
    assert restored is not None
    assert (restored.results, restored.runs["r1"].known, restored.runs["r1"].open) == (2, 2, ((1, 1),))


def test_every_line_is_brought_to_the_disk_by_a_thread_that_holds_up_no_decision(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, disk_answers = threading.Event(), threading.Event()

    def slow(file: int) -> None:
        begun.set()
        disk_answers.wait(30)
        os.fsync(file)

    monkeypatch.setattr(os, "fdatasync", slow)
    file = LedgerFile(tmp_path / "ledger.jsonl")
    file.write([ONE])
    assert begun.wait(30)
    file.write([replace(ONE, result_id=2, seq=2)])
    assert len((tmp_path / "ledger.jsonl").read_text().splitlines()) == 2, "though the disk has not answered"
    disk_answers.set()
    file.close()


def killed(path: Path, length: int) -> Path:
    """The file as a power cut may leave it: its last bytes are gone."""
    left = path.with_name("left.jsonl")
    left.write_bytes(path.read_bytes()[:length])
    return left


def test_wherever_a_power_cut_ends_the_file_what_is_lost_of_it_is_rejected_and_no_id_comes_twice(
    tmp_path: Path,
) -> None:
    path, bridge, out = tmp_path / "ledger.jsonl", Ledger(False, 1.0), list[Decision]()
    out += bridge.take([NewRun(run="r1", previous=None), beat(0), *(came(verdict(n)) for n in (1, 2, 4))], 0.0)
    out += bridge.take([NewRun(run="r2", previous="r1"), beat(0, run="r2")], 0.1)
    out += bridge.take([came(verdict(n, run="r2")) for n in (1, 2, 5)], 0.2)
    out += bridge.take([Gap(run="r2", first=3, last=3), came(verdict(6, "fail", run="r2"))], 0.3)
    file = LedgerFile(path)
    for decision in out:
        file.write([decision])
        file.note("actuated", [decision.result_id])
    size = path.stat().st_size
    for length in range(size + 1):
        before = recall(killed(path, length))
        successor = Ledger(False, 1.0, restored=before)
        told: list[Received] = [NewRun(run="r2", previous=None), beat(6, run="r2")]
        told += [came(verdict(n, run="r2"), recovered=True) for n in range(1, 7)] + [came(verdict(7, run="r2"))]
        decided = [*successor.take(told, 9.0), *successor.close()]
        assert [d.seq for d in decided if d.accept] == [7], "all that it had seen before is past or rejected"
        parts = [d.seq + n for d in decided for n in range(d.parts)]
        assert len(parts) == len(set(parts))
        assert before is None or min(d.result_id for d in decided) > out[-1].result_id
    file.close()


@pytest.mark.parametrize("length", [-1, -20, -45])
def test_a_torn_line_takes_no_other_with_it(tmp_path: Path, length: int) -> None:
    path = tmp_path / "ledger.jsonl"
    written(path, ONE, replace(ONE, result_id=2, seq=2))
    left = killed(path, path.stat().st_size + length)
    restored = written(left, replace(ONE, result_id=9, seq=3))
    assert restored is not None
    assert (restored.results, restored.runs["r1"].known) == (9, 3)


def test_a_folder_that_cannot_be_used_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"plc\.ledger is .*cannot be used"):
        LedgerFile(tmp_path / "file" / "ledger.jsonl")
