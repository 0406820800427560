"""The programs' log: console and rotating file, one line per event, never per frame."""

import sys
from pathlib import Path

from loguru import logger

from inspector.config import StationConfig

_CONSOLE = "<dim>{time:HH:mm:ss}</dim> <level>{level: <7}</level> {message}"
_FILE = "{time:YYYY-MM-DDTHH:mm:ss.SSSZZ} {level: <7} {process}/{thread.name} {message}"


def start_log(station: StationConfig, program: str) -> None:
    """Send the log to the console and, unless the folder is null, to `<station>-<program>.log` in it.

    The file is written by a thread of its own, so that a slow or full disk holds up no verdict.
    """
    logger.remove()
    logger.add(sys.stderr, format=_CONSOLE, level=station.log_level, backtrace=False, diagnose=False)
    if station.log_folder is not None:
        logger.add(
            Path(station.log_folder, f"{station.name}-{program}.log"),
            format=_FILE,
            level="DEBUG",
            rotation="10 MB",
            retention=5,
            enqueue=True,
            catch=True,
            diagnose=False,
        )
