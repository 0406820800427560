"""The station's life sign to whoever supervises it, by systemd's own protocol: sd_notify(3).

`inspector run` listens for it as systemd does (`WatchdogSec=`), so there is one life sign for both.
"""

import contextlib
import os
import socket
import time
from typing import Final

GRACE_S: Final = 1.0
"""A listener that was itself not running for so long begins to count anew: the machine was suspended, say."""


class Notifier:
    """Says it; does nothing where nobody supervises. Never waits, never raises."""

    def __init__(self) -> None:
        address = os.environ.get("NOTIFY_SOCKET", "")
        self._address = "\0" + address[1:] if address.startswith("@") else address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) if address else None
        if self._socket is not None:
            self._socket.setblocking(False)

    def say(self, text: str) -> None:
        """Such as `READY=1`, `WATCHDOG=1`, `STOPPING=1`."""
        if self._socket is not None:
            with contextlib.suppress(OSError):  # it is not read, or nobody is there any more
                self._socket.sendto(text.encode(), self._address)

    def close(self) -> None:
        """Say no more."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class Listener:
    """Hears a program's life sign. Belongs to one thread."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.bind(f"\0inspector-{os.getpid()}-{id(self)}")  # abstract: leaves no file behind
        self._heard_s: float | None = None
        self._looked_s = time.monotonic()

    @property
    def environment(self) -> dict[str, str]:
        """What the program has to be started with."""
        return {"NOTIFY_SOCKET": "@" + self._socket.getsockname()[1:].decode()}

    def silent_s(self) -> float:
        """For how long nothing was heard; 0 before the first word, since a start takes as long as it takes.

        To be called more often than every GRACE_S.
        """
        now_s = time.monotonic()
        was_away, self._looked_s = now_s - self._looked_s > GRACE_S, now_s
        with contextlib.suppress(BlockingIOError):
            while self._socket.recv(4096):
                self._heard_s = now_s
        if was_away and self._heard_s is not None:
            self._heard_s = now_s
        return 0.0 if self._heard_s is None else now_s - self._heard_s

    def restart(self) -> None:
        """The program starts anew: nothing heard yet."""
        self.silent_s()
        self._heard_s = None

    def close(self) -> None:
        """Hear no more."""
        self._socket.close()
