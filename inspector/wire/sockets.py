"""What every socket of the wire has in common: binding and calling, with keys where there are some, and reading."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import zmq

from inspector.config import WireConfig
from inspector.errors import ConfigError
from inspector.wire.keys import Role, Server, allowed_keys, public_key, secret_key

BATCH: Final = 1000
"""Messages that are read at a time, at most, so that reading ends however fast they come."""


class Door:
    """A context of its own for sockets that a program binds; where keys are configured only those on the list come in.

    Belongs to the thread that made it. Its close() is what waits for the linger, so that a process may end right after.
    Raises ConfigError for keys that cannot be used.
    """

    def __init__(self, wire: WireConfig, server: Server, role: Role) -> None:
        self._wire = wire
        self._secret: bytes | None = None
        self._guard: Any = None
        self._context = zmq.Context()
        if wire.keys is None:
            return
        try:
            folder = Path(wire.keys)
            self._secret = secret_key(folder, server)
            allowed = allowed_keys(folder, role)
        except ConfigError:
            self.close(0)
            raise
        from zmq.auth.thread import ThreadAuthenticator  # asyncio and all: only where there are keys

        self._guard = ThreadAuthenticator(self._context)
        self._guard.configure_curve_callback(domain="*", credentials_provider=_Listed(allowed))
        self._guard.start()

    def socket(self, kind: int) -> "zmq.Socket[bytes]":
        """A socket yet to be bound."""
        sock: zmq.Socket[bytes] = self._context.socket(kind)
        if self._secret is not None:
            sock.setsockopt(zmq.CURVE_SERVER, 1)
            sock.setsockopt(zmq.CURVE_SECRETKEY, self._secret)
            sock.setsockopt(zmq.ZAP_DOMAIN, b"*")
            sock.setsockopt(zmq.ZAP_ENFORCE_DOMAIN, 1)  # nobody comes in while nobody looks at the list
        return sock

    def bind(self, sock: "zmq.Socket[bytes]", key: str) -> None:
        """Bind to the endpoint of that name. Raises ConfigError, naming both, where that cannot be, and closes."""
        endpoint: str = getattr(self._wire, key)
        try:
            sock.bind(endpoint)
        except zmq.ZMQError as error:
            self.close(0)
            why = (
                "already in use: is another station running?"
                if error.errno == zmq.EADDRINUSE
                else f"not possible: {zmq.strerror(error.errno or 0)}"
            )
            raise ConfigError(f"wire.{key} is {endpoint!r}, which is {why}") from None

    def close(self, linger_ms: int) -> None:
        """Close all its sockets; what is under way has so long to leave. May be called twice."""
        if self._guard is not None:
            self._guard.stop()
            self._guard = None
        self._context.destroy(linger=linger_ms)


class _Listed:
    """Says who comes in, as zmq's authenticator asks."""

    def __init__(self, allowed: frozenset[bytes]) -> None:
        self._allowed = allowed

    def callback(self, domain: str, key: bytes) -> bool:  # noqa: ARG002  its interface
        return key in self._allowed


class Caller:
    """A context of its own for sockets that call a server; with the caller's key where keys are configured.

    Raises ConfigError for keys that cannot be used.
    """

    def __init__(self, wire: WireConfig, server: Server = "station", role: Role = "viewing") -> None:
        self._wire = wire
        self._keys: dict[int, bytes] = {}
        if wire.keys is not None:
            folder = Path(wire.keys)
            secret = secret_key(folder, role)
            self._keys = {
                zmq.CURVE_SERVERKEY: public_key(folder, server),
                zmq.CURVE_SECRETKEY: secret,
                zmq.CURVE_PUBLICKEY: zmq.curve_public(secret),
            }
        self._context = zmq.Context()

    def socket(self, kind: int) -> "zmq.Socket[bytes]":
        """A socket yet to be connected."""
        sock: zmq.Socket[bytes] = self._context.socket(kind)
        for option, key in self._keys.items():
            sock.setsockopt(option, key)
        # A station that loses power sends no farewell, and a listener sends nothing that could fail:
        # without these it would wait on the dead connection for ever.
        sock.setsockopt(zmq.HEARTBEAT_IVL, 1000)
        sock.setsockopt(zmq.HEARTBEAT_TIMEOUT, 3000)
        return sock

    def connect(self, sock: "zmq.Socket[bytes]", key: str) -> None:
        """Call the endpoint of that name, now or whenever somebody is there; a call that was cut is made again."""
        endpoint: str = getattr(self._wire, key)
        # What a station binds to, «every address», is no address to call; it is meant for listeners on its own machine.
        sock.connect(endpoint.replace("//*:", "//127.0.0.1:").replace("//0.0.0.0:", "//127.0.0.1:"))

    def close(self) -> None:
        """Hang up. May be called twice."""
        self._context.destroy(linger=0)


def waiting(sock: "zmq.Socket[bytes]") -> Iterator[list[bytes]]:
    """Messages that can be received without waiting, at most BATCH."""
    for _ in range(BATCH):
        try:
            yield sock.recv_multipart(zmq.NOBLOCK)
        except zmq.Again:
            return


def subscriptions(sock: "zmq.Socket[bytes]") -> Iterator[tuple[bool, bytes]]:
    """What came to an XPUB, without waiting: whether somebody joined or left, and the subject."""
    for message, *more in waiting(sock):
        if not more and message[:1] in (b"\0", b"\1"):  # a subscriber may send anything else as well
            yield message[:1] == b"\1", message[1:]
