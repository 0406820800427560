"""Evidence: plain files, never more than the limits allow, rejects longest."""

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from inspector.config import StoreConfig
from inspector.messages import Evidence, Outcome
from inspector.store.album import Album
from inspector.store.pictures import PICTURES, read
from tests.wire.samples import evidence, overlay, verdict

DAY_NS = 86_400_000_000_000
SIZE = 20_480
"""What one piece of evidence takes: four files and a folder of a block each."""


def piece(seq: int, outcome: Outcome = "fail", run: str = "r1", jpeg: bytes = b"\xff\xd8picture") -> Evidence:
    shown = replace(overlay(seq), outcome=outcome, run=run, jpeg=jpeg)
    return replace(evidence(seq), verdict=verdict(seq, outcome, run=run), overlay=shown)


def album(folder: Path, free_bytes: float = 1e12, **limits: float) -> Album:
    return Album(StoreConfig(folder=str(folder), **{"free_mb": 0, **limits}), lambda _: int(free_bytes))  # type: ignore[arg-type]


def kept(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / PICTURES).glob("*/*"))


def test_what_is_kept_is_read_again_as_it_was(tmp_path: Path) -> None:
    shelf = album(tmp_path)
    for given in (piece(1), piece(2, "pass"), replace(piece(3), nearest=b"", nearest_box=None)):
        assert shelf.keep(given, 0) is not None
        assert read(tmp_path / PICTURES, "r1", given.verdict.seq) == given
    assert read(tmp_path / PICTURES, "r1", 4) is None
    assert len(shelf) == 3


def test_the_files_are_plain(tmp_path: Path) -> None:
    album(tmp_path).keep(piece(7), 0)
    folder = tmp_path / PICTURES / "r1" / "000007-fail"
    assert sorted(file.name for file in folder.iterdir()) == ["evidence.json", "frame.jpg", "map.pgm", "nearest.jpg"]
    assert (folder / "frame.jpg").read_bytes() == b"\xff\xd8picture"
    assert (folder / "map.pgm").read_bytes() == b"P5 3 2 255\n" + bytes(range(6))


def test_what_is_kept_is_on_the_disk_before_the_log_is_told_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced, real = list[str](), os.fsync

    def note(descriptor: int) -> None:
        synced.append(Path(f"/proc/self/fd/{descriptor}").readlink().relative_to(tmp_path / PICTURES).as_posix())
        real(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    files = album(tmp_path).keep(piece(7), 0)
    assert files is not None
    unfinished = "r1/.000007-fail"
    assert synced == [*(f"{unfinished}/{name}" for name in files), unfinished, "r1"]


@pytest.mark.parametrize("run", ["../../up", "a/b", "..", ".", "ü" * 300, "\0"])
def test_a_run_may_be_called_anything_and_stays_in_the_folder(tmp_path: Path, run: str) -> None:
    store = tmp_path / "store"
    album(store).keep(piece(1, run=run), 0)
    found = read(store / PICTURES, run, 1)
    assert found is not None
    assert found.verdict.run == run
    assert len(kept(store)) == 1
    assert list(tmp_path.iterdir()) == [store]


def test_beyond_the_limit_the_oldest_passes_go_first_and_rejects_last(tmp_path: Path) -> None:
    shelf = album(tmp_path, evidence_mb=4 * SIZE / 1e6)
    for seq, outcome in enumerate(("fail", "pass", "fail", "pass"), 1):
        shelf.keep(piece(seq, outcome), seq)
    assert shelf.keep(piece(5), 5) is not None
    assert kept(tmp_path) == ["000001-fail", "000003-fail", "000004-pass", "000005-fail"]
    shelf.keep(piece(6), 6)
    shelf.keep(piece(7), 7)
    assert kept(tmp_path) == ["000003-fail", "000005-fail", "000006-fail", "000007-fail"]
    assert shelf.keep(piece(8, "pass"), 8) is None  # a pass takes no reject's place
    assert shelf.refused == 1
    assert shelf.size == 4 * SIZE


def test_a_part_not_inspected_is_a_reject(tmp_path: Path) -> None:
    shelf = album(tmp_path, evidence_mb=2 * SIZE / 1e6)
    shelf.keep(piece(1, "not_inspected"), 1)
    shelf.keep(piece(2, "pass"), 2)
    shelf.keep(piece(3), 3)
    assert kept(tmp_path) == ["000001-not_inspected", "000003-fail"]


def test_what_is_too_old_goes_whatever_it_is(tmp_path: Path) -> None:
    shelf = album(tmp_path, evidence_days=2)
    for day, outcome in enumerate(("fail", "pass", "fail", "pass")):
        shelf.keep(piece(day + 1, outcome, run=f"r{day}"), day * DAY_NS)
    assert shelf.retain(4 * DAY_NS - 1) == 2
    assert kept(tmp_path) == ["000003-fail", "000004-pass"]
    assert sorted(path.name for path in (tmp_path / PICTURES).iterdir()) == ["r2", "r3"]


def test_what_was_kept_before_counts_after_a_start_and_what_was_half_written_goes(tmp_path: Path) -> None:
    before = album(tmp_path)
    for seq in (1, 2, 3):
        before.keep(piece(seq, "pass"), seq)
    shutil.copytree(tmp_path / PICTURES / "r1" / "000001-pass", tmp_path / PICTURES / "r1" / ".000004-fail")
    after = album(tmp_path, evidence_mb=3 * SIZE / 1e6)
    assert (len(after), after.size) == (3, before.size)
    after.keep(piece(5), 5)
    assert kept(tmp_path) == ["000002-pass", "000003-pass", "000005-fail"]


def test_a_limit_that_was_lowered_holds(tmp_path: Path) -> None:
    before = album(tmp_path)
    for seq in (1, 2, 3):
        before.keep(piece(seq), seq)
    lowered = album(tmp_path, evidence_mb=SIZE / 1e6)
    assert lowered.retain(0) == 2
    assert kept(tmp_path) == ["000003-fail"]


def test_a_disk_that_others_fill_costs_passes_and_no_more_rejects_than_new_ones_need(tmp_path: Path) -> None:
    before = album(tmp_path)
    for seq, outcome in enumerate(("fail", "fail", "fail", "pass", "pass"), 1):
        before.keep(piece(seq, outcome), seq)
    shelf = album(tmp_path, free_bytes=1000, free_mb=1)
    assert shelf.retain(0) == 2
    assert kept(tmp_path) == ["000001-fail", "000002-fail", "000003-fail"]
    assert shelf.keep(piece(6), 6) is not None
    assert kept(tmp_path) == ["000002-fail", "000003-fail", "000006-fail"]
    assert shelf.keep(piece(7, "pass"), 7) is None


def test_a_full_disk_is_never_filled_past_its_limit(small_disk: Path) -> None:
    shelf = Album(StoreConfig(folder=str(small_disk), free_mb=0.5))
    for seq in range(1, 101):
        shelf.keep(piece(seq, "fail" if seq % 2 else "pass", jpeg=bytes(40_000)), seq)
        assert shutil.disk_usage(small_disk).free >= 0.5e6
    names = kept(small_disk)
    assert len(names) > 10
    assert all(name.endswith("-fail") for name in names)
    assert names[-1] == "000099-fail"


def test_a_disk_that_is_full_all_the_same_refuses_a_picture_and_leaves_nothing_half_written(small_disk: Path) -> None:
    shelf = Album(StoreConfig(folder=str(small_disk), free_mb=0), lambda _: 10**9)  # as if it had room
    for seq in range(1, 101):
        shelf.keep(piece(seq, jpeg=bytes(40_000)), seq)
    assert shelf.trouble == "No space left on device"
    assert shelf.refused > 30
    assert len(shelf) + shelf.refused == 100
    for name in kept(small_disk):
        assert read(small_disk / PICTURES, "r1", int(name[:6])) is not None
