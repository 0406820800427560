"""What every socket of the wire has in common: binding with a clear error, calling, reading what has come."""

from collections.abc import Iterator
from typing import Final

import zmq

from inspector.errors import ConfigError

BATCH: Final = 1000
"""Messages that are read at a time, at most, so that reading ends however fast they come."""


def bind(sock: "zmq.Socket[bytes]", key: str, endpoint: str) -> None:
    """Bind a socket; raises ConfigError, naming the key and the endpoint, where it cannot be."""
    try:
        sock.bind(endpoint)
    except zmq.ZMQError as error:
        why = (
            "already in use: is another station running?"
            if error.errno == zmq.EADDRINUSE
            else f"not possible: {zmq.strerror(error.errno or 0)}"
        )
        raise ConfigError(f"wire.{key} is {endpoint!r}, which is {why}") from None


def connect(sock: "zmq.Socket[bytes]", endpoint: str) -> None:
    """Call a station, now or whenever it is there; a call that was cut is made again."""
    # A station that loses power sends no farewell, and a listener sends nothing that could fail:
    # without these it would wait on the dead connection for ever.
    sock.setsockopt(zmq.HEARTBEAT_IVL, 1000)
    sock.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3000)
    # What a station binds to, «every address», is no address to call; it is meant for listeners on its own machine.
    sock.connect(endpoint.replace("//*:", "//127.0.0.1:").replace("//0.0.0.0:", "//127.0.0.1:"))


def waiting(sock: "zmq.Socket[bytes]") -> Iterator[list[bytes]]:
    """Messages that can be received without waiting, at most BATCH."""
    for _ in range(BATCH):
        try:
            yield sock.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return
