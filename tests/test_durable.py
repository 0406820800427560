"""What must outlive a power cut is on the disk before its name says so, and the name before the call returns."""

import errno
import os
from pathlib import Path

import pytest

from inspector.durable import rename_folder, replace_file


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was brought to the disk, and renamed, in its order."""
    steps, fsync, replace, rename = list[str](), os.fsync, os.replace, os.rename

    def name(path: Path) -> str:
        return path.relative_to(tmp_path).as_posix()

    def note_fsync(descriptor: int) -> None:
        steps.append(f"sync {name(Path(f'/proc/self/fd/{descriptor}').readlink())}")
        fsync(descriptor)

    def note_replace(source: Path, target: Path) -> None:
        steps.append(f"rename {name(source)} {name(target)}")
        replace(source, target)

    def note_rename(source: Path, target: Path) -> None:
        steps.append(f"rename {name(source)} {name(target)}")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "replace", note_replace)
    monkeypatch.setattr(os, "rename", note_rename)
    return steps


def test_a_file_is_replaced_in_one_step_once_the_new_one_is_on_the_disk(tmp_path: Path, done: list[str]) -> None:
    (tmp_path / "words").write_text("before")
    replace_file(tmp_path / "words", b"after")
    assert (tmp_path / "words").read_text() == "after"
    assert done == ["sync words.new", "rename words.new words", "sync ."]
    assert [path.name for path in tmp_path.iterdir()] == ["words"]


def test_a_folder_gets_its_name_once_all_that_is_in_it_is_on_the_disk(tmp_path: Path, done: list[str]) -> None:
    (tmp_path / "new" / "good").mkdir(parents=True)
    for file in ("bank", "good/1"):
        (tmp_path / "new" / file).write_text(file)
    rename_folder(tmp_path / "new", tmp_path / "recipe")
    assert (tmp_path / "recipe" / "good" / "1").read_text() == "good/1"
    assert done == ["sync new/bank", "sync new/good", "sync new/good/1", "sync new", "rename new recipe", "sync ."]


def test_a_folder_is_replaced_only_once_the_new_one_is_on_the_disk(tmp_path: Path, done: list[str]) -> None:
    for name in ("new", "recipe"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bank").write_text(name)
    rename_folder(tmp_path / "new", tmp_path / "recipe", aside=tmp_path / "old")
    assert (tmp_path / "recipe" / "bank").read_text() == "new"
    assert (tmp_path / "old" / "bank").read_text() == "recipe"
    assert done == ["sync new/bank", "sync new", "rename recipe old", "rename new recipe", "sync ."]


@pytest.mark.parametrize("fails", ["fsync", "rename"])
def test_a_disk_that_fails_meanwhile_leaves_the_folder_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    for name in ("new", "recipe"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "bank").write_text(name)
    real = os.rename

    def failing(source: Path | int, target: Path | None = None) -> None:
        if target is None or source == tmp_path / "new":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(source, target)

    monkeypatch.setattr(os, fails, failing)
    with pytest.raises(OSError, match="No space left"):
        rename_folder(tmp_path / "new", tmp_path / "recipe", aside=tmp_path / "old")
    assert (tmp_path / "recipe" / "bank").read_text() == "recipe"


def test_where_it_cannot_be_written_what_was_there_stays(tmp_path: Path) -> None:
    (tmp_path / "words").write_text("before")
    (tmp_path / "words.new").mkdir()
    with pytest.raises(IsADirectoryError):
        replace_file(tmp_path / "words", b"after")
    assert (tmp_path / "words").read_text() == "before"
