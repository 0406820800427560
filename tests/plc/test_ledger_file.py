from dataclasses import replace
from pathlib import Path

import pytest

from inspector.errors import ConfigError
from inspector.plc import ledger_file
from inspector.plc.decisions import Decision, Left, Restored
from inspector.plc.ledger_file import LedgerFile

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


def test_a_line_torn_by_a_power_cut_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "ledger.jsonl"
    written(path, ONE)
    with path.open("a") as file:
        file.write('{"id":2,"run":"r1","se')
    restored = written(path)
    assert restored is not None
    assert restored.results == 1


def test_a_long_file_is_put_aside_and_its_successor_knows_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.jsonl"
    decided = [replace(ONE, result_id=n, seq=n) for n in (1, 2, 5, 6, 9)]
    decided.append(replace(ONE, result_id=10, run="r2", seq=1))
    before = written(path, *decided)
    monkeypatch.setattr(ledger_file, "KEEP_BYTES", 100)
    assert written(path) == before
    assert (tmp_path / "ledger.jsonl.1").stat().st_size > 300
    assert before is not None
    assert before.runs["r1"].open == ((3, 4), (7, 8))


def test_a_full_disk_is_a_fault_and_no_exception() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("needs /dev/full")
    file = LedgerFile.__new__(LedgerFile)
    import os

    file._path, file.fault, file._file = full, None, os.open(full, os.O_WRONLY)  # noqa: SLF001
    file.write([ONE])
    assert file.fault == "/dev/full cannot be written: No space left on device"
    file.close()


def test_a_folder_that_cannot_be_used_is_a_config_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=r"plc\.ledger is .*cannot be used"):
        LedgerFile(tmp_path / "file" / "ledger.jsonl")
