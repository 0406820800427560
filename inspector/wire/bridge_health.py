"""The bridge's own heartbeat: conflated, one part, on an endpoint that the bridge binds.

The bridge is a program beside the station, and may be in order while the station is silent: so it speaks for itself.
Who listens late, or slowly, gets the newest and never the ones between.
"""

import math

import zmq

from inspector.config import WireConfig
from inspector.messages import BridgeHealth
from inspector.wire.codec import CodecError, decode_bridge_health, encode
from inspector.wire.sockets import Caller, Door


class BridgeHealthPublisher:
    """Belongs to the thread that made it. Raises ConfigError where it cannot bind."""

    def __init__(self, wire: WireConfig) -> None:
        self._door = Door(wire, "bridge", "viewing")
        self._socket = self._door.socket(zmq.PUB)
        self._socket.setsockopt(zmq.CONFLATE, 1)
        self._door.bind(self._socket, "bridge")

    def send(self, health: BridgeHealth) -> None:
        """Send a heartbeat; never blocks."""
        self._socket.send(encode(health), zmq.NOBLOCK)

    def close(self) -> None:
        """Free the port at once. May be called twice."""
        self._door.close(0)


class BridgeHealthSubscriber:
    """Hears the bridge of one station. Belongs to the thread that made it."""

    def __init__(self, wire: WireConfig, station: str) -> None:
        self.malformed = 0
        """Messages that were no heartbeat of this station's bridge."""
        self._station = station
        self._caller = Caller(wire, server="bridge")
        self._socket = self._caller.socket(zmq.SUB)
        self._socket.setsockopt(zmq.CONFLATE, 1)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._caller.connect(self._socket, "bridge")

    def receive(self, timeout_s: float) -> BridgeHealth | None:
        """The newest heartbeat not yet received, waiting for one at most so long; None without one."""
        if not self._socket.poll(math.ceil(timeout_s * 1000)):
            return None
        try:
            health = decode_bridge_health(self._socket.recv())
        except CodecError:
            self.malformed += 1
            return None
        if health.station == self._station:
            return health
        self.malformed += 1
        return None

    def close(self) -> None:
        """Stop listening. May be called twice."""
        self._caller.close()
