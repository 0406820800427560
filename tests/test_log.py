"""The programs' log file: a disk that takes nothing is said once and in the heartbeat, and ends nothing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from loguru import logger

from inspector.config import StationConfig
from inspector.log import LogFile, logged


@pytest.fixture(autouse=True)
def _ended() -> Iterator[None]:
    """A program's log is written as long as the program lives."""
    yield
    logger.remove()


def full(folder: Path, program: str) -> Path:
    """A log file whose writes all fail for want of room."""
    folder.mkdir()
    path = folder / f"line1-{program}.log"
    path.symlink_to("/dev/full")
    return path


def test_a_log_file_that_cannot_be_written_is_said_once_and_is_written_again_later(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = full(tmp_path / "logs", "bridge")
    with logged(StationConfig(name="line1", log_folder=str(path.parent)), "bridge") as file:
        assert isinstance(file, LogFile)
        for number in range(3):
            logger.debug("line {}", number)
        logger.complete()
        assert file.trouble == "No space left on device"
        path.unlink()
        logger.debug("room again")
        logger.complete()
        assert file.trouble == ""
    assert path.read_text().endswith("room again\n")
    assert capfd.readouterr().err.splitlines() == [f"the log file {path} is not written: No space left on device"]


def test_a_file_that_is_large_gives_way_to_a_new_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("inspector.log.LARGEST", 300)
    with logged(StationConfig(name="line1", log_folder=str(tmp_path / "logs")), "bridge"):
        for number in range(40):
            logger.debug("line {}", number)
    names = sorted(path.name for path in (tmp_path / "logs").iterdir())
    assert names == ["line1-bridge.log", *(f"line1-bridge.log.{number}" for number in range(1, 6))]
    assert "line 39" in (tmp_path / "logs" / names[0]).read_text()
