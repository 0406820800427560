"""Telling the station how far the log goes, so that its heartbeat carries the head and a tail that is cut off shows.
And what cannot be kept, so that people see it: a disk that is full takes no log of that.

A thread of its own, since a station that does not answer must not hold up the log.
"""

import threading
from contextlib import closing
from typing import Final, TypeAlias

from inspector.config import WireConfig
from inspector.messages import ReportLogHead
from inspector.store.chain import Head
from inspector.wire.command import CommandClient, NoAnswer

ANSWER_S: Final = 1.0
"""How long an answer is waited for."""
EVERY_S: Final = 0.5
"""Heads that follow each other faster are told together, as the newest."""


_News: TypeAlias = tuple[Head, str]


class HeadTeller:
    """Tells the newest; what was not heard is told again, until there is something newer."""

    def __init__(self, wire: WireConfig, station: str) -> None:
        self._wire = wire
        self._station = station
        self._newest: _News | None = None
        self._told: _News | None = None
        self._changed = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="store-head", daemon=True)
        self._thread.start()

    def tell(self, head: Head, trouble: str) -> None:
        """From the log's thread, after a commit; returns at once."""
        if (head, trouble) != self._newest:
            self._newest = head, trouble
            self._changed.set()

    def close(self) -> None:
        """Stop telling; waits for an answer that is under way."""
        self._over.set()
        self._changed.set()
        self._thread.join()

    def _run(self) -> None:
        with closing(CommandClient(self._wire, self._station)) as client:
            while not self._over.is_set():
                self._changed.wait()
                self._changed.clear()
                while self._told != self._newest and not self._over.wait(EVERY_S):
                    self._tell(client, self._newest)

    def _tell(self, client: CommandClient, news: "_News | None") -> None:
        head, trouble = news or (Head(), "")
        command = ReportLogHead(station=self._station, by="store", head=str(head), trouble=trouble)
        try:
            client.ask(command, ANSWER_S)
        except NoAnswer:
            return  # no station runs, or it is busy: told again in a moment
        self._told = news
