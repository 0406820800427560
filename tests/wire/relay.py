"""A lossy line between a station and its listeners: what TCP and full queues do now and then, on command."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import msgspec
import zmq

from inspector.config import WireConfig
from tests.wire.samples import free_port


@dataclass(frozen=True)
class Relay:
    """`wire` is what listeners use; pump() carries what waits, in both directions."""

    wire: WireConfig
    pump: Callable[[], None]


@contextmanager
def relay(station: WireConfig, drop: Callable[[dict[str, object]], bool]) -> Iterator[Relay]:
    """Stand between a station and its listeners, dropping each message whose JSON `drop` picks."""
    endpoint = f"tcp://127.0.0.1:{free_port()}"
    context = zmq.Context()
    upstream, downstream = context.socket(zmq.XSUB), context.socket(zmq.XPUB)
    upstream.connect(station.verdicts)
    downstream.bind(endpoint)

    def pump() -> None:
        while downstream.poll(0):
            upstream.send(downstream.recv())
        while upstream.poll(0):
            subject, payload = upstream.recv_multipart()
            if not drop(msgspec.json.decode(payload)):
                downstream.send_multipart((subject, payload))

    try:
        yield Relay(wire=msgspec.structs.replace(station, verdicts=endpoint), pump=pump)
    finally:
        context.destroy(linger=0)
