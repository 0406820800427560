"""Evidence on real sockets: it arrives whole, or its loss is counted; nobody waits for who keeps it."""

import time
from contextlib import closing

import pytest
import zmq

from inspector.errors import ConfigError
from inspector.wire.codec import CodecError, decode_evidence, encode_evidence
from inspector.wire.evidence import QUEUE, EvidencePublisher, EvidenceSubscriber
from tests.wire.samples import BOUND_S, evidence, local_wire, wait_for


def test_evidence_arrives_as_it_was_sent() -> None:
    wire = local_wire()
    with (
        closing(EvidencePublisher(wire, "line1")) as publisher,
        closing(EvidenceSubscriber(wire, "line1")) as subscriber,
    ):
        wait_for(lambda: publisher.readers, bool)
        assert publisher.send(evidence(7))
        assert subscriber.receive(BOUND_S) == [evidence(7)]


def test_each_of_its_readers_is_counted_while_it_listens_and_no_other_station_s() -> None:
    wire = local_wire()
    with closing(EvidencePublisher(wire, "line1")) as publisher:
        assert publisher.readers == 0
        with closing(EvidenceSubscriber(wire, "line10")), closing(EvidenceSubscriber(wire, "line1")):
            wait_for(lambda: publisher.readers, lambda readers: readers == 1)
            with closing(EvidenceSubscriber(wire, "line1")):
                wait_for(lambda: publisher.readers, lambda readers: readers == 2)
            wait_for(lambda: publisher.readers, lambda readers: readers == 1)
        wait_for(lambda: publisher.readers, lambda readers: readers == 0)


def test_what_a_reader_has_no_room_for_is_counted_and_sending_never_waits() -> None:
    wire, count = local_wire(), 40 * QUEUE
    large = evidence(1)
    large = type(large)(verdict=large.verdict, overlay=large.overlay, nearest=b"\0" * 200_000)
    with (
        closing(EvidencePublisher(wire, "line1")) as publisher,
        closing(EvidenceSubscriber(wire, "line1")) as subscriber,
    ):
        wait_for(lambda: publisher.readers, bool)
        longest, sent = 0.0, 0
        for _ in range(count):
            began = time.monotonic()
            sent += publisher.send(large)
            longest = max(longest, time.monotonic() - began)
        assert longest < 0.5
        assert publisher.dropped == count - sent > 0
        came = 0
        while came < sent:
            batch = subscriber.receive(BOUND_S)
            assert batch, f"{came} of {sent} came"
            came += len(batch)
        assert came == sent


@pytest.mark.parametrize("parts", [[], [b"{}"] * 4, encode_evidence(evidence(1))[:3], [b"", b"", b"", b""]])
def test_what_is_no_evidence_is_none(parts: list[bytes]) -> None:
    with pytest.raises(CodecError):
        decode_evidence(parts)


def test_what_is_no_evidence_is_counted() -> None:
    wire = local_wire()
    context = zmq.Context()
    other = context.socket(zmq.XPUB)
    other.bind(wire.evidence)
    try:
        with closing(EvidenceSubscriber(wire, "line1")) as subscriber:
            other.recv()
            other.send_multipart([b"evidence.line1", b"junk"])
            other.send_multipart([b"evidence.line10", b"another station's"])
            wait_for(lambda: subscriber.receive(0.02), lambda _: subscriber.malformed == 1)
    finally:
        context.destroy(linger=0)


def test_a_port_in_use_is_named() -> None:
    wire = local_wire()
    with (
        closing(EvidencePublisher(wire, "line1")),
        pytest.raises(ConfigError, match=r"wire\.evidence is .* in use"),
    ):
        EvidencePublisher(wire, "line1")
