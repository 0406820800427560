"""Evidence: pictures of what was judged, to be kept. Bounded; what a reader has no room for is dropped and counted."""

import math
from collections import Counter
from typing import Final

import zmq

from inspector.config import WireConfig
from inspector.messages import Evidence
from inspector.wire.codec import CodecError, decode_evidence, encode_evidence, topic
from inspector.wire.sockets import Caller, Door, subscriptions, waiting

QUEUE: Final = 20
"""Pieces of evidence kept on each side for a reader that is slow: a few megabytes."""


class EvidencePublisher:
    """Belongs to the thread that made it. For one reader, the store: where there are two, what the slower has no
    room for is lost to both.

    Raises ConfigError where it cannot bind.
    """

    def __init__(self, wire: WireConfig, station: str) -> None:
        self.dropped = 0
        """Pieces that a reader had no room for."""
        self._topic = topic("evidence", station)
        self._subscribed: Counter[bytes] = Counter()
        self._door = Door(wire, "station", "viewing")
        self._socket = self._door.socket(zmq.XPUB)
        self._socket.setsockopt(zmq.SNDHWM, QUEUE)
        self._socket.setsockopt(zmq.XPUB_NODROP, 1)  # says when it would drop, so that it can be counted
        self._socket.setsockopt(zmq.XPUB_VERBOSER, 1)  # tells of each reader, not of the first and the last only
        self._door.bind(self._socket, "evidence")

    @property
    def readers(self) -> int:
        """How many listen. While nobody does, drawing evidence is work for nothing."""
        for joined, subject in subscriptions(self._socket):
            self._subscribed[subject] += 1 if joined else -1
        return sum(count for subject, count in self._subscribed.items() if self._topic.startswith(subject))

    def send(self, evidence: Evidence) -> bool:
        """Send one piece; never blocks. False when it was dropped, which is counted."""
        try:
            self._socket.send_multipart((self._topic, *encode_evidence(evidence)), zmq.NOBLOCK)
        except zmq.Again:
            self.dropped += 1
            return False
        return True

    def close(self) -> None:
        """Free the port. What is under way has half a second to leave. May be called twice."""
        self._door.close(500)


class EvidenceSubscriber:
    """Hears the evidence of one station. Belongs to the thread that made it."""

    def __init__(self, wire: WireConfig, station: str) -> None:
        self.malformed = 0
        """Messages that were no evidence."""
        self._topic = topic("evidence", station)
        self._caller = Caller(wire)
        self._socket = self._caller.socket(zmq.SUB)
        self._socket.setsockopt(zmq.RCVHWM, QUEUE)
        self._socket.setsockopt(zmq.SUBSCRIBE, self._topic)
        self._caller.connect(self._socket, "evidence")

    def receive(self, timeout_s: float) -> list[Evidence]:
        """What came, waiting for it at most so long; at most QUEUE pieces, since each holds a picture."""
        self._socket.poll(math.ceil(timeout_s * 1000))
        out: list[Evidence] = []
        for subject, *parts in waiting(self._socket):
            if subject != self._topic:
                continue  # subscriptions are prefixes: this is line10's, and we listen to line1
            try:
                out.append(decode_evidence(parts))
            except CodecError:
                self.malformed += 1
            if len(out) == QUEUE:
                break
        return out

    def close(self) -> None:
        """Stop listening. May be called twice."""
        self._caller.close()
