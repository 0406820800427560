"""The bridge's heartbeat: the newest, of this station, and nothing that is none."""

from contextlib import closing

import pytest
import zmq

from inspector.config import WireConfig
from inspector.errors import ConfigError
from inspector.messages import BridgeHealth
from inspector.wire.bridge_health import BridgeHealthPublisher, BridgeHealthSubscriber
from tests.wire.samples import local_wire, wait_for


def beat(number: int, station: str = "line1") -> BridgeHealth:
    return BridgeHealth(station=station, now_ns=number, level="ok", reading="READY", counts={"accepted": number})


@pytest.fixture
def wire() -> WireConfig:
    return local_wire()


def test_who_joins_late_hears_the_newest(wire: WireConfig) -> None:
    with closing(BridgeHealthPublisher(wire)) as bridge, closing(BridgeHealthSubscriber(wire, "line1")) as viewer:
        heard: list[BridgeHealth] = []

        def step() -> None:
            bridge.send(beat(7))
            heard.extend(filter(None, [viewer.receive(0.02)]))

        wait_for(step, lambda _: bool(heard))
    assert heard[0] == beat(7)


def test_another_stations_bridge_and_noise_are_counted_and_ignored(wire: WireConfig) -> None:
    with closing(BridgeHealthSubscriber(wire, "line1")) as viewer:
        context = zmq.Context()
        noise = context.socket(zmq.PUB)
        noise.bind(wire.bridge)
        wait_for(lambda: (noise.send(b"{}"), viewer.receive(0.02)), lambda _: viewer.malformed > 0)
        context.destroy(linger=0)
        before = viewer.malformed
        with closing(BridgeHealthPublisher(wire)) as bridge:
            wait_for(lambda: (bridge.send(beat(1, "line2")), viewer.receive(0.02)), lambda _: viewer.malformed > before)


def test_two_bridges_on_one_machine_are_told_apart_at_once(wire: WireConfig) -> None:
    with closing(BridgeHealthPublisher(wire)), pytest.raises(ConfigError, match=r"^wire\.bridge is 'tcp://"):
        BridgeHealthPublisher(wire)
