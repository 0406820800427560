from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest
import zmq

from inspector.config import WireConfig
from inspector.wire.codec import (
    RecoveryAnswer,
    RecoveryRequest,
    decode_overlay,
    decode_recovery_request,
    encode,
    encode_overlay,
)
from inspector.wire.publish import OverlayPublisher, Publisher
from inspector.wire.recovery import AGAIN_S, ATTEMPTS, HISTORY
from inspector.wire.subscribe import (
    Contradiction,
    EventReceived,
    Gap,
    HealthReceived,
    Ignored,
    Malformed,
    NewRun,
    OverlaySubscriber,
    Received,
    Repeated,
    Subscriber,
    VerdictReceived,
)
from tests.wire.relay import relay
from tests.wire.samples import event, health, local_wire, overlay, preview, receive, station, verdict, wait_for


class Clock:
    """Moves when told."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def wire() -> WireConfig:
    return local_wire()


@pytest.fixture
def subscriber(wire: WireConfig) -> Iterator[Subscriber]:
    with closing(Subscriber(wire, "line1", "bridge")) as made:
        yield made


def seqs(out: list[Received], recovered: bool) -> list[int]:
    return [item.verdict.seq for item in out if isinstance(item, VerdictReceived) and item.recovered == recovered]


def test_what_is_published_is_received_unchanged_and_in_order(wire: WireConfig, subscriber: Subscriber) -> None:
    with station(wire, listener=subscriber) as publisher:
        publisher.event(event())
        publisher.verdict(verdict(1, "fail", part="B-17 é"))
        publisher.health(health(1))
        publisher.verdict(verdict(2, "not_inspected"))
        assert receive(subscriber, publisher, 5) == [
            NewRun(run="r1", previous=None),
            EventReceived(event=event()),
            VerdictReceived(verdict=verdict(1, "fail", part="B-17 é"), recovered=False),
            HealthReceived(health=health(1)),
            VerdictReceived(verdict=verdict(2, "not_inspected"), recovered=False),
        ]


def test_a_lost_verdict_is_recovered_and_holds_nothing_back(wire: WireConfig) -> None:
    with (
        station(wire) as publisher,
        relay(wire, drop=lambda message: message.get("seq") in (2, 3)) as lossy,
        closing(Subscriber(lossy.wire, "line1", "bridge")) as subscriber,
    ):
        wait_for(lambda: (lossy.pump(), publisher.serve(0.01)), lambda _: "bridge" in publisher.greeted)
        for seq in (1, 2, 3, 4):
            publisher.verdict(verdict(seq))
        out: list[Received] = []
        wait_for(lambda: (lossy.pump(), out.extend(subscriber.receive(0.01))), lambda _: len(out) == 3)
        assert seqs(out, recovered=False) == [1, 4], "before the station has answered"
        assert seqs(receive(subscriber, publisher, 2), recovered=True) == [2, 3]


def test_a_lost_last_verdict_shows_in_the_heartbeat(wire: WireConfig) -> None:
    with (
        station(wire) as publisher,
        relay(wire, drop=lambda message: message.get("seq") == 1) as lossy,
        closing(Subscriber(lossy.wire, "line1", "bridge")) as subscriber,
    ):
        wait_for(lambda: (lossy.pump(), publisher.serve(0.01)), lambda _: "bridge" in publisher.greeted)
        publisher.verdict(verdict(1))
        publisher.health(health(1))
        out: list[Received] = []
        wait_for(
            lambda: (lossy.pump(), publisher.serve(0), out.extend(subscriber.receive(0.01))), lambda _: len(out) == 3
        )
        assert seqs(out, recovered=True) == [1]


@pytest.mark.parametrize("first_heard", ["heartbeat", "verdict"])
def test_who_joins_late_gets_what_the_station_still_holds(wire: WireConfig, first_heard: str) -> None:
    total = HISTORY + 700
    with station(wire) as publisher:
        for seq in range(1, total):
            publisher.verdict(verdict(seq))
        with closing(Subscriber(wire, "line1", "store")) as subscriber:
            wait_for(lambda: publisher.serve(0.05), lambda _: "store" in publisher.greeted)
            if first_heard == "heartbeat":
                publisher.health(health(total - 1))
            else:
                publisher.verdict(verdict(total))
            gone = 699 if first_heard == "heartbeat" else 700
            out = receive(subscriber, publisher, 3 + total - 1 - gone)
        assert out[0] == NewRun(run="r1", previous=None)
        assert Gap(run="r1", first=1, last=gone) in out
        assert seqs(out, recovered=True) == list(range(gone + 1, total))


def test_a_listener_that_does_not_read_stops_nobody_and_catches_up(wire: WireConfig, subscriber: Subscriber) -> None:
    total = 30_000
    with station(wire, listener=subscriber) as publisher:
        for seq in range(1, total + 1):
            publisher.verdict(verdict(seq))
        publisher.health(health(total))
        out: list[Received] = []

        def accounted() -> int:
            lost = sum(item.last - item.first + 1 for item in out if isinstance(item, Gap))
            return lost + len(seqs(out, recovered=False)) + len(seqs(out, recovered=True))

        def step() -> None:
            publisher.health(health(total))
            publisher.serve(0)
            out.extend(subscriber.receive(0.01))

        wait_for(step, lambda _: accounted() >= total)
        delivered = seqs(out, recovered=False) + seqs(out, recovered=True)
        assert accounted() == total
        assert len(set(delivered)) == len(delivered)
        assert max(delivered) == total
        assert len(seqs(out, recovered=False)) < total, "so much was not kept for it"


def test_a_station_that_does_not_answer_is_asked_again_and_then_the_gap_is_final(wire: WireConfig) -> None:
    clock = Clock()
    with (
        closing(Subscriber(wire, "line1", "bridge", clock)) as subscriber,
        station(wire, listener=subscriber) as publisher,
    ):
        publisher.verdict(verdict(3))
        out: list[Received] = []
        wait_for(lambda: out.extend(subscriber.receive(0.01)), lambda _: len(out) == 2)  # and nobody serves
        for _ in range(ATTEMPTS - 1):
            clock.now += AGAIN_S
            assert subscriber.receive(0) == []
        out = []
        while not out:  # once more for each request that could not be sent, since this connection came later
            clock.now += AGAIN_S
            out = subscriber.receive(0)
            assert clock.now < 1000 + 10 * ATTEMPTS * AGAIN_S
        assert out == [Gap(run="r1", first=1, last=2)]


def test_a_question_does_not_lie_in_wait_for_a_station_that_is_not_there(wire: WireConfig) -> None:
    clock, context = Clock(), zmq.Context()
    stream, router = context.socket(zmq.XPUB), context.socket(zmq.ROUTER)
    stream.bind(wire.verdicts)
    try:
        with closing(Subscriber(wire, "line1", "bridge", clock)) as subscriber:
            wait_for(stream.recv, lambda message: message == b"\1hello.bridge")
            stream.send_multipart((b"verdict.line1", encode(verdict(2))))
            wait_for(lambda: subscriber.receive(0.05), bool)  # and asks, of nobody
            for _ in range(ATTEMPTS - 3):
                clock.now += AGAIN_S
                assert subscriber.receive(0) == []
            router.bind(wire.recovery)
            assert not router.poll(500), "connected by now, nothing comes"
            clock.now += AGAIN_S
            subscriber.receive(0)
            assert router.poll(5000)
            assert decode_recovery_request(router.recv_multipart()[1]) == RecoveryRequest(run="r1", first=1, last=1)
            assert not router.poll(100)
    finally:
        context.destroy(linger=0)


def test_an_answer_about_another_run_opens_none(wire: WireConfig, subscriber: Subscriber) -> None:
    context = zmq.Context()
    stream, router = context.socket(zmq.XPUB), context.socket(zmq.ROUTER)
    stream.bind(wire.verdicts)
    router.bind(wire.recovery)
    try:
        wait_for(stream.recv, lambda message: message == b"\1hello.bridge")
        stream.send_multipart((b"verdict.line1", encode(verdict(2))))
        out: list[Received] = []
        wait_for(lambda: out.extend(subscriber.receive(0.05)), lambda _: router.poll(0))
        asker, _ = router.recv_multipart()
        foreign = RecoveryAnswer(run="r9", first=1, last=1, lost=())
        router.send_multipart([asker, encode(foreign), encode(verdict(1, run="r9"))])
        mixed = RecoveryAnswer(run="r1", first=1, last=1, lost=())
        router.send_multipart([asker, encode(mixed), encode(verdict(1, run="r9"))])
        wait_for(lambda: out.extend(subscriber.receive(0.05)), lambda _: len(out) == 4)
        assert out[2] == Ignored(run="r9", seq=None, why="superseded")
        assert isinstance(out[3], Malformed)
        assert "'r9'" in out[3].error
    finally:
        context.destroy(linger=0)


def test_a_restarted_station_is_a_new_run_and_closes_the_old_one(wire: WireConfig, subscriber: Subscriber) -> None:
    with station(wire, listener=subscriber) as publisher:
        publisher.verdict(verdict(1))
        receive(subscriber, publisher, 2)
        publisher.health(health(1, taken=2))
        receive(subscriber, publisher, 1)
    with station(wire, run="r2", listener=subscriber) as publisher:
        publisher.verdict(verdict(1, run="r2"))
        publisher.verdict(verdict(2))  # a straggler of the old run
        assert receive(subscriber, publisher, 4) == [
            Gap(run="r1", first=2, last=2),  # taken and never published
            NewRun(run="r2", previous="r1"),
            VerdictReceived(verdict=verdict(1, run="r2"), recovered=False),
            Ignored(run="r1", seq=2, why="superseded"),
        ]


def test_repeats_and_contradictions_are_told_apart(wire: WireConfig, subscriber: Subscriber) -> None:
    with station(wire, listener=subscriber) as publisher:
        for message in (verdict(1), verdict(1), verdict(1, "fail")):
            publisher.verdict(message)
        assert receive(subscriber, publisher, 4)[2:] == [
            Repeated(run="r1", seq=1),
            Contradiction(stands=verdict(1, "fail"), refused=verdict(1)),
        ]


def test_a_station_whose_name_begins_alike_is_another_one(wire: WireConfig, subscriber: Subscriber) -> None:
    with station(wire, run="r9", listener=subscriber, name="line10") as other:
        other.health(health(7))
    with station(wire, listener=subscriber) as publisher:
        publisher.health(health(0))
        assert receive(subscriber, publisher, 2)[0] == NewRun(run="r1", previous=None)


@pytest.mark.parametrize(
    ("frames", "complaint"),
    [
        ((b"verdict.line1", b"not json"), "Verdict"),
        ((b"verdict.line1", encode(verdict(1)).replace(b'"v":1', b'"v":2')), "version 2"),
        ((b"verdict.line1", encode(verdict(1)).replace(b"12.5", b"NaN")), "Verdict"),
        ((b"verdict.line1", encode(verdict(1)).replace(b"12.5", b"99.5")), "contradicts"),
        ((b"verdict.line1", encode(verdict(1)).replace(b'"pass"', b'"fine"')), "outcome"),
        ((b"verdict.line1", encode(verdict(1)).replace(b'"line1"', b'"line2"')), "line2"),
        ((b"verdict.line1", encode(verdict(1)), b"more"), "3 parts"),
        ((b"health.line1", b"{}"), "Health"),
        ((b"event.line1",), "1 parts"),
    ],
)
def test_what_is_no_message_is_malformed_and_the_next_one_counts(
    wire: WireConfig, subscriber: Subscriber, frames: tuple[bytes, ...], complaint: str
) -> None:
    context = zmq.Context()
    foreign = context.socket(zmq.XPUB)
    foreign.bind(wire.verdicts)
    try:
        wait_for(foreign.recv, lambda message: message == b"\1hello.bridge")
        foreign.send_multipart(frames)
        foreign.send_multipart((b"verdict.line1", encode(verdict(1))))
        out: list[Received] = []
        wait_for(lambda: out.extend(subscriber.receive(0.05)), lambda _: len(out) == 3)
        assert isinstance(out[0], Malformed)
        assert complaint in out[0].error
        assert out[0].what == frames[0].decode()
        assert out[2] == VerdictReceived(verdict=verdict(1), recovered=False)
    finally:
        context.destroy(linger=0)


def test_hello_comes_after_the_real_subscriptions(wire: WireConfig) -> None:
    context = zmq.Context()
    listener = context.socket(zmq.XPUB)
    listener.bind(wire.verdicts)
    try:
        with closing(Subscriber(wire, "line1", "viewer")):
            subscriptions: list[bytes] = []
            wait_for(lambda: subscriptions.append(listener.recv()), lambda _: b"\1hello.viewer" in subscriptions)
        assert set(subscriptions) == {b"\1verdict.line1", b"\1health.line1", b"\1event.line1", b"\1hello.viewer"}
        assert subscriptions[-1] == b"\1hello.viewer"
    finally:
        context.destroy(linger=0)


def test_of_pictures_a_slow_viewer_gets_the_newest(wire: WireConfig) -> None:
    with closing(OverlayPublisher(wire)) as publisher, closing(OverlaySubscriber(wire)) as viewer:
        seen: list[int | None] = []

        def send_one() -> None:
            publisher.send(overlay(1))
            picture = viewer.receive(0.02)
            seen.extend([picture.seq] if picture else [])

        wait_for(send_one, lambda _: bool(seen))  # the viewer has joined
        for seq in range(2, 200):
            publisher.send(overlay(seq))
        wait_for(lambda: seen.append(getattr(viewer.receive(1.0), "seq", None)), lambda _: seen[-1] == 199)
        assert len(seen) < 100, "most were skipped"
        assert viewer.receive(0) is None
        assert viewer.malformed == 0


def test_of_a_part_and_the_preview_behind_it_a_viewer_that_was_busy_gets_both(wire: WireConfig) -> None:
    context = zmq.Context()
    publisher = context.socket(zmq.PUB)  # as a station's, but that what it sends one upon the other is sent for sure
    publisher.bind(wire.overlays)
    try:
        with closing(OverlaySubscriber(wire)) as viewer:

            def joined() -> bool:
                publisher.send(encode_overlay(overlay(1)))
                return viewer.receive(0.02) is not None

            wait_for(joined, bool)
            wait_for(lambda: viewer.receive(0.02), lambda picture: picture is None)
            for picture in (preview(), overlay(2), overlay(3), preview(), preview()):
                publisher.send(encode_overlay(picture))
            got: list[tuple[str, int | None]] = []

            def receive_one() -> None:
                if picture := viewer.receive(0.1):
                    got.append((picture.kind, picture.seq))

            wait_for(receive_one, lambda _: got[-2:] == [("part", 3), ("preview", None)])
    finally:
        context.destroy(linger=0)


def test_pictures_are_not_piled_up_for_a_viewer_that_does_not_read(wire: WireConfig) -> None:
    context, total = zmq.Context(), 300
    reader = context.socket(zmq.SUB)
    reader.setsockopt(zmq.RCVHWM, 1)
    reader.setsockopt(zmq.SUBSCRIBE, b"")
    reader.connect(wire.overlays)
    picture = replace(overlay(1), jpeg=bytes(200_000))
    try:
        with closing(OverlayPublisher(wire)) as publisher:
            wait_for(lambda: publisher.send(overlay(1)), lambda _: reader.poll(20))
            for seq in range(2, total + 1):
                publisher.send(replace(picture, seq=seq))
            seen: list[int | None] = []
            wait_for(lambda: seen.append(decode_overlay(reader.recv()).seq), lambda _: seen[-1] == total)
            assert len(seen) < total
    finally:
        context.destroy(linger=0)


def test_a_listener_may_let_the_station_wait_for_it(wire: WireConfig) -> None:
    with (
        closing(Publisher(wire, "line1", "r1")) as publisher,
        closing(Subscriber(wire, "line1", "bridge", greet=False)) as subscriber,
        closing(Subscriber(wire, "line1", "viewer")),
    ):
        wait_for(lambda: publisher.serve(0.05), lambda _: "viewer" in publisher.greeted)
        assert "bridge" not in publisher.greeted
        subscriber.greet(True)
        wait_for(lambda: publisher.serve(0.05), lambda _: "bridge" in publisher.greeted)
        subscriber.greet(False)
        wait_for(lambda: publisher.serve(0.05), lambda _: "bridge" not in publisher.greeted)
