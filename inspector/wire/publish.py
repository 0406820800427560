"""The station's side of the wire: verdicts, heartbeats and events to whoever listens, and what they missed."""

import math
import socket
from contextlib import suppress

import zmq

from inspector.config import WireConfig
from inspector.errors import ConfigError
from inspector.messages import Event, Health, Overlay, Verdict
from inspector.wire.codec import CodecError, decode_recovery_request, encode, encode_overlay, topic
from inspector.wire.recovery import History
from inspector.wire.sockets import Door, subscriptions

LINGER_MS = 1000
"""How long closing waits for the last verdicts to leave."""
QUEUE = 1000
"""Messages kept for a subscriber that does not read; then it loses the newer ones, and recovers them later."""
ANSWERS = 20
"""Recovery answers kept for an asker that does not read; then it gets none, and asks again."""
REQUEST_BYTES = 4096
"""Longest message that anyone may send to a station."""
HELLO = b"hello."


class Publisher:
    """Belongs to the one thread that made it, except wake(). Nothing in it ever blocks but serve() and close().

    Raises ConfigError, naming the key and the endpoint, where it cannot bind.
    """

    def __init__(self, wire: WireConfig, station: str, run: str) -> None:
        self._verdicts, self._healths, self._events = (topic(kind, station) for kind in ("verdict", "health", "event"))
        self._history = History(run)
        self._greeted: set[str] = set()
        self._door = Door(wire, "station", "viewing")
        self._stream = self._door.socket(zmq.XPUB)
        self._router = self._door.socket(zmq.ROUTER)
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._wake_out.setblocking(False)
        self._stream.setsockopt(zmq.SNDHWM, QUEUE)
        self._router.setsockopt(zmq.SNDHWM, ANSWERS)
        try:
            for sock, key in ((self._stream, "verdicts"), (self._router, "recovery")):
                sock.setsockopt(zmq.MAXMSGSIZE, REQUEST_BYTES)
                self._door.bind(sock, key)
        except ConfigError:
            self.close()
            raise
        self._poller = zmq.Poller()
        for readable in (self._stream, self._router, self._wake_out):
            self._poller.register(readable, zmq.POLLIN)

    @property
    def greeted(self) -> frozenset[str]:
        """Roles now listening, as far as serve() has seen: each has subscribed to `hello.<role>`."""
        return frozenset(self._greeted)

    def verdict(self, verdict: Verdict) -> None:
        """Send a verdict, and hold it for those who miss it."""
        payload = encode(verdict)
        self._history.keep(verdict.seq, payload)
        self._send(self._verdicts, payload)

    def health(self, health: Health) -> None:
        """Send a heartbeat."""
        self._send(self._healths, encode(health))

    def event(self, event: Event) -> None:
        """Send an event."""
        self._send(self._events, encode(event))

    def serve(self, timeout_s: float) -> None:
        """Wait, at most so long, for wake(), a subscription or a recovery request; answer it and return.

        One recovery request a call, so that verdicts waiting behind it wait for one answer at most.
        """
        ready = dict(self._poller.poll(math.ceil(max(0.0, timeout_s) * 1000)))
        if self._wake_out.fileno() in ready:
            self._drain_wakes()
        if self._stream in ready:
            self._drain_subscriptions()
        if self._router in ready:
            self._answer()

    def wake(self) -> None:
        """Make serve() return at once; from any thread, in microseconds, also after close()."""
        with suppress(OSError):  # full: it is awake already; closed: nobody is left to wake
            self._wake_in.send(b"\0")

    def close(self) -> None:
        """Let the last verdicts leave, at most LINGER_MS, and free the ports. May be called twice."""
        self._door.close(LINGER_MS)
        self._wake_in.close()
        self._wake_out.close()

    def _send(self, subject: bytes, payload: bytes) -> None:
        # XPUB drops for a subscriber whose queue is full; it never waits for one.
        self._stream.send_multipart((subject, payload), zmq.NOBLOCK)

    def _drain_wakes(self) -> None:
        with suppress(BlockingIOError):
            while self._wake_out.recv(4096):
                pass

    def _drain_subscriptions(self) -> None:
        for joined, subject in subscriptions(self._stream):
            if subject.startswith(HELLO):
                role = subject.removeprefix(HELLO).decode(errors="replace")
                (self._greeted.add if joined else self._greeted.discard)(role)

    def _answer(self) -> None:
        with suppress(zmq.Again, CodecError):  # not a request: no answer, as docs/wire.md says
            # The envelope is one part from a DEALER and two from a REQ; both get it back.
            *envelope, payload = self._router.recv_multipart(zmq.NOBLOCK)
            self._router.send_multipart(
                [*envelope, *self._history.answer(decode_recovery_request(payload))], zmq.NOBLOCK
            )


class OverlayPublisher:
    """Pictures for people: each viewer gets the newest one. Belongs to the thread that made it.

    Raises ConfigError where it cannot bind.
    """

    def __init__(self, wire: WireConfig) -> None:
        self._door = Door(wire, "station", "viewing")
        self._socket = self._door.socket(zmq.PUB)
        # Must be set before binding. A high-water mark instead would keep the oldest picture, not the newest.
        self._socket.setsockopt(zmq.CONFLATE, 1)
        self._door.bind(self._socket, "overlays")

    def send(self, overlay: Overlay) -> None:
        """Send a picture; never blocks."""
        self._socket.send(encode_overlay(overlay), zmq.NOBLOCK)

    def close(self) -> None:
        """Free the port at once. May be called twice."""
        self._door.close(0)
