"""The programs' log: console and rotating file, one line per event, never per frame."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from loguru import logger

from inspector.config import StationConfig
from inspector.errors import ConfigError, InspectorError

_CONSOLE = "<dim>{time:HH:mm:ss}</dim> <level>{level: <7}</level> {message}"
_FILE = "{time:YYYY-MM-DDTHH:mm:ss.SSSZZ} {level: <7} {process}/{thread.name} {message}"


def begin() -> None:
    """Log to the console until `logged` says where: as it does, without the values of variables in a traceback.

    loguru's own default shows them, and so reads a driver's picture whose memory has gone back to the driver.
    """
    with suppress(ValueError):  # that default was removed before
        logger.remove(0)
        logger.add(sys.stderr, format=_CONSOLE, backtrace=False, diagnose=False)


@contextmanager
def logged(station: StationConfig, program: str) -> Iterator[None]:
    """Log to the console and, unless the folder is null, to `<station>-<program>.log` in it.

    The file is written by a thread of its own, so that a slow or full disk holds up no verdict. An InspectorError that
    ends the program is in the file too, an internal fault with its traceback. Raises ConfigError where the file cannot
    be written.
    """
    logger.remove()
    logger.add(sys.stderr, format=_CONSOLE, level=station.log_level, filter=_untold, backtrace=False, diagnose=False)
    if station.log_folder is not None:
        _log_to(Path(station.log_folder, f"{station.name}-{program}.log"))
    try:
        yield
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


def _log_to(path: Path) -> None:
    try:
        logger.add(
            path,
            format=_FILE,
            level="DEBUG",
            rotation="10 MB",
            retention=5,
            enqueue=True,
            catch=True,
            diagnose=False,
        )
    except OSError as error:
        raise ConfigError(
            f"station.log_folder is {str(path.parent)!r}, where {path.name} cannot be written: {error.strerror}; "
            "null logs to the console only"
        ) from None
