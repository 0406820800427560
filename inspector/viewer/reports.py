"""Acknowledgements on their way into the log, which is the store's: told to the station, until it has taken them."""

import queue
import threading
from contextlib import closing
from typing import Final

from loguru import logger

from inspector.config import WireConfig
from inspector.errors import ConfigError
from inspector.messages import Acknowledge
from inspector.wire.command import CommandClient, NoAnswer

ROOM: Final = 200
POLL_S: Final = 0.2
PATIENCE_S: Final = 1.0
AGAIN_S: Final = 2.0


class Reports:
    """A thread that tells the station what was acknowledged here.

    An alarm is often that the station is silent: what cannot be told now is told when it is back. What never could be
    is in this program's own log file alone, which says so.
    """

    def __init__(self, wire: WireConfig, station: str) -> None:
        self._wire = wire
        self._station = station
        self._waiting: queue.Queue[Acknowledge] = queue.Queue(ROOM)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="viewer-reports")

    def put(self, seen: Acknowledge) -> None:
        """Tell this, in time; waits for nothing."""
        try:
            self._waiting.put_nowait(seen)
        except queue.Full:
            _untold(seen, f"{ROOM} others wait for the station already")

    def start(self) -> None:
        """Begin to tell."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; what has not been told by now is said in the log file."""
        self._stop.set()
        self._thread.join()
        while not self._waiting.empty():
            _untold(self._waiting.get_nowait(), "this viewer ends")

    def _run(self) -> None:
        try:
            client = CommandClient(self._wire, self._station)
        except ConfigError as error:  # a viewer elsewhere may have a key for looking and none for commands
            logger.warning("acknowledged alarms will not reach the station's log: {}", error)
            return
        with closing(client):
            while not self._stop.is_set():
                try:
                    seen = self._waiting.get(timeout=POLL_S)
                except queue.Empty:
                    continue
                self._tell(client, seen)

    def _tell(self, client: CommandClient, seen: Acknowledge) -> None:
        while True:
            try:
                reply = client.ask(seen, PATIENCE_S)
            except NoAnswer as error:
                if self._stop.wait(AGAIN_S):
                    return _untold(seen, str(error))
                continue
            return None if reply.done else _untold(seen, reply.detail)


def _untold(seen: Acknowledge, why: str) -> None:
    logger.warning("not in the station's log: {} {}, seen by {}: {}", seen.source, seen.level, seen.by, why)
