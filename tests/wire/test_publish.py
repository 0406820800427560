import threading
import time
from contextlib import closing

import msgspec
import pytest
import zmq

from inspector.config import WireConfig
from inspector.errors import ConfigError
from inspector.wire.codec import RecoveryRequest, decode_recovery_answer, decode_verdict, encode
from inspector.wire.publish import OverlayPublisher, Publisher
from inspector.wire.recovery import ANSWER_LIMIT
from inspector.wire.subscribe import Subscriber, VerdictReceived
from tests.wire.samples import BOUND_S, free_port, local_wire, receive, station, verdict, wait_for


@pytest.mark.parametrize("key", ["verdicts", "recovery"])
def test_a_port_in_use_is_named(key: str) -> None:
    wire = local_wire()
    other = msgspec.structs.replace(local_wire(), **{key: getattr(wire, key)})
    with station(wire), pytest.raises(ConfigError, match=rf"wire\.{key} is '{getattr(wire, key)}'.* in use"):
        Publisher(other, "line1", "r2")
    with station(other):
        pass  # what had been bound before the error was freed


def test_an_overlay_port_in_use_is_named() -> None:
    wire = local_wire()
    with closing(OverlayPublisher(wire)), pytest.raises(ConfigError, match=r"wire\.overlays .* in use"):
        OverlayPublisher(wire)


def test_an_address_that_is_not_this_machines_is_named() -> None:
    endpoint = f"tcp://203.0.113.7:{free_port()}"
    with pytest.raises(ConfigError, match=rf"wire\.verdicts is '{endpoint}'"):
        Publisher(msgspec.structs.replace(local_wire(), verdicts=endpoint), "line1", "r1")


def test_a_wire_may_be_a_file(tmp_path: object) -> None:
    verdicts, recovery, overlays = (f"ipc://{tmp_path}/{name}" for name in ("v", "r", "o"))
    wire = WireConfig(verdicts=verdicts, recovery=recovery, overlays=overlays)
    with closing(Subscriber(wire, "line1", "bridge")) as subscriber, station(wire, listener=subscriber) as publisher:
        publisher.verdict(verdict(1))
        assert VerdictReceived(verdict=verdict(1), recovered=False) in receive(subscriber, publisher, 2)


def test_serve_waits_for_wake_from_any_thread() -> None:
    with station(local_wire()) as publisher:
        waker = threading.Thread(target=publisher.wake)
        began = time.monotonic()
        waker.start()
        publisher.serve(BOUND_S)
        waker.join()
        assert time.monotonic() - began < BOUND_S / 2


def test_a_wake_before_serve_is_not_lost_and_many_are_one() -> None:
    with station(local_wire()) as publisher:
        began = time.monotonic()
        for _ in range(100_000):
            publisher.wake()  # never blocks, though nobody takes them
        publisher.serve(BOUND_S)
        assert time.monotonic() - began < BOUND_S / 2
        began = time.monotonic()
        publisher.serve(0.05)
        assert time.monotonic() - began >= 0.045, "all wakes were taken at once"


def test_a_wake_after_close_harms_nobody() -> None:
    with station(local_wire()) as publisher:
        pass
    publisher.wake()
    publisher.close()


def test_it_knows_who_listens_and_who_left() -> None:
    wire = local_wire()
    with station(wire) as publisher:
        assert publisher.greeted == frozenset()
        with closing(Subscriber(wire, "line1", "bridge")), closing(Subscriber(wire, "line1", "viewer")):
            wait_for(lambda: publisher.serve(0.05), lambda _: publisher.greeted == {"bridge", "viewer"})
        wait_for(lambda: publisher.serve(0.05), lambda _: publisher.greeted == frozenset())


def test_the_last_verdicts_get_out_when_it_closes_at_once() -> None:
    wire = local_wire()
    with closing(Subscriber(wire, "line1", "store")) as subscriber:
        with station(wire, listener=subscriber) as publisher:
            for seq in range(1, 501):
                publisher.verdict(verdict(seq))
        out = []
        wait_for(lambda: out.extend(subscriber.receive(0.05)), lambda _: len(out) == 501)
        assert out[-1] == VerdictReceived(verdict=verdict(500), recovered=False)


def test_closing_is_bounded_though_a_listener_does_not_read() -> None:
    wire = local_wire()
    with closing(Subscriber(wire, "line1", "store")):
        with closing(Publisher(wire, "line1", "r1")) as publisher:
            wait_for(lambda: publisher.serve(0.05), lambda _: "store" in publisher.greeted)
            for seq in range(1, 30_001):
                publisher.verdict(verdict(seq))
            began = time.monotonic()
        assert time.monotonic() - began < 5


@pytest.mark.parametrize("kind", [zmq.DEALER, zmq.REQ], ids=["DEALER", "REQ"])
def test_any_client_gets_its_answer(kind: int) -> None:
    wire = local_wire()
    context = zmq.Context()
    client = context.socket(kind)
    client.connect(wire.recovery)
    try:
        with station(wire) as publisher:
            for seq in (1, 2, 3):
                publisher.verdict(verdict(seq))
            client.send(encode(RecoveryRequest(run="r1", first=2, last=9)))
            wait_for(lambda: publisher.serve(0.05), lambda _: client.poll(0))
            header, *payloads = client.recv_multipart()
            assert decode_recovery_answer(header).last == 3
            assert [decode_verdict(payload).seq for payload in payloads] == [2, 3]
    finally:
        context.destroy(linger=0)


def test_answers_for_an_asker_that_does_not_read_are_not_piled_up() -> None:
    wire, asked = local_wire(), 150
    context = zmq.Context()
    client = context.socket(zmq.DEALER)
    client.setsockopt(zmq.RCVHWM, 1)
    client.connect(wire.recovery)
    try:
        with station(wire) as publisher:
            for seq in range(1, ANSWER_LIMIT + 1):
                publisher.verdict(verdict(seq))
            for _ in range(asked):
                client.send(encode(RecoveryRequest(run="r1", first=1, last=ANSWER_LIMIT)))
                publisher.serve(0.01)
            for _ in range(asked):
                publisher.serve(0.01)
            answers = 0
            while client.poll(300):
                client.recv_multipart()
                answers += 1
            assert 0 < answers < asked
    finally:
        context.destroy(linger=0)


@pytest.mark.parametrize(
    "junk",
    [
        b"",
        b"{}",
        b"\xff\x00",
        b'{"v":1,"run":"r1","first":3,"last":1}',
        b'{"v":1,"run":' + b"[" * 4000,
        b'{"v":1,"run":"r0","first":1,"last":1' + b"0" * 20 + b"}",
    ],
    ids=["nothing", "empty", "bytes", "backwards", "nested", "huge"],
)
def test_what_is_no_request_gets_no_answer_and_harms_nobody(junk: bytes) -> None:
    wire = local_wire()
    context = zmq.Context()
    client = context.socket(zmq.DEALER)
    client.connect(wire.recovery)
    try:
        with station(wire) as publisher:
            publisher.verdict(verdict(1))
            client.send(junk)
            client.send(encode(RecoveryRequest(run="r1", first=1, last=1)))
            wait_for(lambda: publisher.serve(0.05), lambda _: client.poll(0))
            assert decode_verdict(client.recv_multipart()[1]) == verdict(1), "the junk had no answer of its own"
    finally:
        context.destroy(linger=0)


@pytest.mark.parametrize("junk", [[b"\1hello.store", b"more"], [b"hello.store"], [b""], [b"\5", b"", b""]])
def test_what_is_no_subscription_harms_nobody(junk: list[bytes]) -> None:
    wire = local_wire()
    context = zmq.Context()
    client = context.socket(zmq.XSUB)
    client.connect(wire.verdicts)
    try:
        with station(wire) as publisher:
            client.send_multipart(junk)
            client.send(b"\1hello.bridge")
            wait_for(lambda: publisher.serve(0.05), lambda _: "bridge" in publisher.greeted)
            client.send_multipart([b"\5hello.bridge", b"more"])
            client.send(b"\1hello.viewer")
            wait_for(lambda: publisher.serve(0.05), lambda _: "viewer" in publisher.greeted)
            assert "bridge" in publisher.greeted, "it did not leave"
    finally:
        context.destroy(linger=0)
