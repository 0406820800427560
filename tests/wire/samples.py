"""Messages and addresses for tests of what travels on the wire."""

import random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace

from inspector.config import WireConfig
from inspector.messages import Event, Evidence, Followed, Health, Mode, Outcome, Overlay, Scene, State, Verdict
from inspector.wire.publish import Publisher
from inspector.wire.subscribe import Received, Subscriber

BOUND_S = 10.0
"""How long a test waits for what must happen."""

PASS = Verdict(
    station="line1",
    run="r1",
    mode="live",
    seq=1,
    part="",
    outcome="pass",
    reason=None,
    score=12.5,
    threshold=20.0,
    recipe="abc",
    exposed_ns=1_700_000_000_000_000_000,
    latency_ms=9.5,
    stages_ms={"score": 7.25},
)


def verdict(seq: int, outcome: Outcome = "pass", run: str = "r1", mode: Mode = "live", part: str = "") -> Verdict:
    """A verdict of that outcome."""
    score = {"pass": 12.5, "fail": 31.0, "not_inspected": None}[outcome]
    reason = "late" if outcome == "not_inspected" else None
    return replace(PASS, seq=seq, outcome=outcome, score=score, reason=reason, run=run, mode=mode, part=part)


def health(published: int, run: str = "r1", state: State = "ready", taken: int | None = None) -> Health:
    """A heartbeat."""
    return Health(
        station="line1",
        run=run,
        mode="live",
        now_ns=1_700_000_000_000_000_000,
        taken=published if taken is None else taken,
        published=published,
        state=state,
        reasons=("camera unplugged",) if state == "not_ready" else (),
        counts={"pass": published},
        queues={"ring": 0},
    )


def event(run: str = "r1") -> Event:
    """An event."""
    return Event(station="line1", run=run, mode="live", now_ns=1, kind="state", detail="ready")


def overlay(seq: int) -> Overlay:
    """A picture; its JPEG is not one, which the wire does not look at."""
    return Overlay(
        kind="part",
        station="line1",
        run="r1",
        seq=seq,
        part="",
        outcome="fail",
        score=31.0,
        threshold=20.0,
        outlines=(((1.0, 2.0), (3.0, 2.0), (3.0, 4.0)),),
        picture_size=(640, 512),
        picture_to_source=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0),
        map_size=(3, 2),
        map_to_source=(8.0, 0.0, 0.0, 0.0, 8.0, 0.0),
        jpeg=b"\xff\xd8picture",
        score_map=bytes(range(6)),
    )


def preview(*parts: Followed) -> Overlay:
    """A picture of the belt and the parts on it."""
    scene = Scene(line=320.0, travel="horizontal", parts=parts)
    return replace(overlay(1), kind="preview", seq=None, outcome=None, score=None, outlines=(), map_size=(0, 0),
                   score_map=b"", scene=scene)  # fmt: skip


def free_port() -> int:
    """A TCP port that nobody listens on now, and that no outgoing connection is given (Linux: from 32768 on)."""
    while True:
        port = random.SystemRandom().randrange(15_000, 32_000)
        with socket.socket() as sock, suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


def local_wire() -> WireConfig:
    """A wire on free ports of this machine."""
    keys = ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge")
    return WireConfig(**{key: f"tcp://127.0.0.1:{free_port()}" for key in keys})


def evidence(seq: int) -> Evidence:
    """Evidence of a reject, with a nearest good patch."""
    return Evidence(
        verdict=verdict(seq, "fail"),
        overlay=overlay(seq),
        nearest=b"\xff\xd8nearest",
        nearest_picture="good/000001.png",
        nearest_box=(8.0, 16.0, 72.0, 72.0),
        suspect_box=(10.0, 20.0, 90.0, 90.0),
    )


@contextmanager
def station(
    wire: WireConfig, run: str = "r1", listener: Subscriber | None = None, name: str = "line1"
) -> Iterator[Publisher]:
    """A publisher, once its listener has greeted; a listener joins again only while it receives."""
    with closing(Publisher(wire, name, run)) as publisher:
        if listener is not None:
            wait_for(lambda: (publisher.serve(0.02), listener.receive(0)), lambda _: bool(publisher.greeted))
        yield publisher


def wait_for(step: Callable[[], object], done: Callable[[object], bool]) -> None:
    """Take steps until one has done it; fails after BOUND_S."""
    deadline = time.monotonic() + BOUND_S
    while not done(step()):
        assert time.monotonic() < deadline, "it did not happen"


def receive(subscriber: Subscriber, publisher: Publisher, count: int) -> list[Received]:
    """The next `count` things received but heartbeats, while the station answers."""
    out: list[Received] = []

    def step() -> None:
        publisher.serve(0)
        out.extend(subscriber.receive(0.01))

    wait_for(step, lambda _: len(out) >= count)
    assert len(out) == count, out
    return out
