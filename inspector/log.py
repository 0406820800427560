"""The programs' log: console and rotating file, one line per event, never per frame."""

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Final

from loguru import logger

from inspector.config import StationConfig
from inspector.errors import ConfigError, InspectorError

_CONSOLE = "<dim>{time:HH:mm:ss}</dim> <level>{level: <7}</level> {message}"
_FILE = "{time:YYYY-MM-DDTHH:mm:ss.SSSZZ} {level: <7} {process}/{thread.name} {message}"

LARGEST: Final = 10_000_000
"""Bytes of one file, about; the five before it are kept."""


class LogFile(RotatingFileHandler):
    """Rolls over by size; a disk that is full costs lines, which is said once, and never the program.

    Raises OSError where it cannot be opened. Written by one thread, read by any.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        super().__init__(path, maxBytes=LARGEST, backupCount=5, encoding="utf-8")
        self.trouble = ""
        """Why the last line could not be written; empty when it could."""
        self._failed = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line, if the disk takes it."""
        self._failed = False
        super().emit(record)
        if not self._failed:
            self.trouble = ""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802, ARG002 (logging's name)
        """Say why a line was not written, unless it was said of the one before."""
        error = sys.exc_info()[1]
        why = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        if why != self.trouble:
            print(f"the log file {self.baseFilename} is not written: {why}", file=sys.stderr)
        self._failed, self.trouble = True, why
        self._let_go()  # the next line opens it anew: it may be closed, half rolled over, or have gone

    def close(self) -> None:
        """Close it; what the disk did not take is lost."""
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        stream, self.stream = self.stream, None
        if stream is not None:
            with suppress(OSError, ValueError):
                stream.close()


def begin() -> None:
    """Log to the console until `logged` says where: as it does, without the values of variables in a traceback.

    loguru's own default shows them, and so reads a driver's picture whose memory has gone back to the driver.
    """
    with suppress(ValueError):  # that default was removed before
        logger.remove(0)
        logger.add(sys.stderr, format=_CONSOLE, backtrace=False, diagnose=False)


@contextmanager
def logged(station: StationConfig, program: str) -> Iterator[LogFile | None]:
    """Log to the console and, unless the folder is null, to `<station>-<program>.log` in it.

    The file is written by a thread of its own, so that a slow or full disk holds up no verdict. An InspectorError that
    ends the program is in the file too, an internal fault with its traceback. Gives the file. Raises ConfigError where
    it cannot be opened.
    """
    logger.remove()
    logger.add(sys.stderr, format=_CONSOLE, level=station.log_level, filter=_untold, backtrace=False, diagnose=False)
    file = None
    if station.log_folder is not None:
        file = _log_to(Path(station.log_folder, f"{station.name}-{program}.log"))
    try:
        yield file
    except InspectorError as error:
        to_file(str(error), error if error.exit_code == InspectorError.exit_code else None)
        raise
    finally:
        logger.complete()


def to_file(message: str, error: BaseException | None = None) -> None:
    """An error for the log file alone, since stderr has it already."""
    logger.bind(told=True).opt(exception=error).error("{}", message)


def _untold(record: object) -> bool:
    return not record["extra"].get("told")  # type: ignore[index]


def _log_to(path: Path) -> LogFile:
    try:
        file = LogFile(path)
    except OSError as error:
        raise ConfigError(
            f"station.log_folder is {str(path.parent)!r}, where {path.name} cannot be written: {error.strerror}; "
            "null logs to the console only"
        ) from None
    logger.add(file, format=_FILE, level="DEBUG", enqueue=True, diagnose=False)
    return file
