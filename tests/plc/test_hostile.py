"""What a broken or hostile station, or PLC, does to the bridge: counted, visible, safe, and over when it is over."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

import pytest

from inspector.messages.terms import MOST_PARTS
from inspector.plc.faults import Fault
from inspector.plc.handshake import result
from inspector.plc.registers import FIELDS, words
from inspector.wire.codec import CodecError, decode_health, decode_verdict, encode
from tests.plc.plcs import HOST, modbus, scanned_plc
from tests.plc.stations import LiveStation, live_station
from tests.plc.test_drive_plc import bridge, feed
from tests.plc.test_ledger import came, started
from tests.wire.samples import health, local_wire, verdict

FAR_NS = 10**18
"""Thirty years."""
SILENT, GARBAGE, REFUSING = b"", b"\xff" * 40, b"HTTP/1.1 400 Bad Request\r\n\r\n"


@contextmanager
def no_plc(answer: bytes) -> Iterator[int]:
    """A server that takes connections, reads, and answers each request so; empty: not at all."""
    with socket.create_server((HOST, 0)) as server:
        held: list[socket.socket] = []

        def serve() -> None:
            with suppress(OSError):
                while True:
                    held.append(server.accept()[0])
                    threading.Thread(target=talk, args=(held[-1],), daemon=True).start()

        def talk(peer: socket.socket) -> None:
            with suppress(OSError):
                while peer.recv(1000):
                    peer.sendall(answer)

        threading.Thread(target=serve, daemon=True).start()
        try:
            yield server.getsockname()[1]
        finally:
            server.shutdown(socket.SHUT_RDWR)
            for peer in held:
                peer.close()


@pytest.mark.parametrize("answer", [SILENT, GARBAGE, REFUSING], ids=["silent", "garbage", "http"])
def test_a_peer_that_is_no_plc_is_a_fault_and_holds_up_no_decision(answer: bytes) -> None:
    wire = local_wire()
    with (
        no_plc(answer) as port,
        bridge(wire, modbus(port, write_ms=100)) as made,
        live_station(wire) as station,
    ):
        for _ in range(3):
            station.expose("fail")
        station.until(lambda: len(made.lamp.causes()) == 3)
        assert not any(readiness.on for readiness in made.lamp.readiness)
        assert made.lamp.readiness[-1].fault is Fault.PLC_DOWN


def beat(station: LiveStation, **odd: object) -> None:
    station.publisher.health(replace(station.health(), **odd))  # type: ignore[arg-type]


def odd_times(station: LiveStation) -> None:
    for now_ns in (0, -FAR_NS, time.time_ns() + FAR_NS, time.time_ns() - FAR_NS):
        beat(station, now_ns=now_ns)
    for exposed_ns in (-FAR_NS, 0, time.time_ns() + FAR_NS, time.time_ns() + 400_000_000):
        station.seq += 1
        station.publisher.verdict(replace(verdict(station.seq), exposed_ns=exposed_ns, latency_ms=20.0))


def old_run(station: LiveStation) -> None:
    """Another station of that name, and not the newest: a run that ended, sent again."""
    for n in range(1, 4):
        station.publisher.health(replace(health(n, "of-yesterday"), now_ns=time.time_ns() - 86_400 * 10**9))
        station.publisher.verdict(replace(verdict(n, run="of-yesterday"), exposed_ns=time.time_ns() - 86_400 * 10**9))


@pytest.mark.parametrize("attack", [odd_times, old_run])
def test_what_a_station_says_that_cannot_be_opens_no_gate_and_the_line_goes_on_by_itself(
    attack: Callable[[LiveStation], None],
) -> None:
    wire = local_wire()
    with scanned_plc() as (plc, port), bridge(wire, modbus(port)) as made, live_station(wire) as station:
        station.until(lambda: made.ready and plc.program.ready)
        attack(station)
        station.wait(1.5)
        assert not any(is_open for _, is_open in plc.gates), "no part that was said to be good was there"
        station.until(lambda: made.ready)
        station.wait(0.3)

        def passes() -> bool:
            feed(station, ["pass"])
            return any(is_open for _, is_open in plc.gates)

        station.until(passes)


@pytest.mark.parametrize("name", ["taken", "published"])
def test_numbers_that_no_line_counts_to_are_malformed(name: str) -> None:
    for decode, message in ((decode_health, health(1)), (decode_verdict, verdict(1))):
        held = json.loads(encode(message))
        held |= {name if name in held else "seq": MOST_PARTS + 1}
        with pytest.raises(CodecError, match=str(MOST_PARTS)):
            decode(json.dumps(held).encode())


def test_a_score_that_no_float32_holds_is_the_largest_that_one_does() -> None:
    said = replace(verdict(1, "fail"), score=1e300)
    (decision,) = started().take([came(said)], 0.1)
    words(FIELDS["SCORE"], result(decision).score, "high_first")
