import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from inspector.config import Config, ConsolePlc, NoPlc, RecordingSource, ScoringConfig, WireConfig
from inspector.plc.bridge import drive, run_bridge
from inspector.plc.decisions import Decision, Readiness, Totals
from inspector.wire import sockets
from inspector.wire.publish import Publisher
from tests.wire.relay import relay
from tests.wire.samples import BOUND_S, health, local_wire, verdict, wait_for

PLC = ConsolePlc(timeout_ms=10_000)


class Lamp:
    """An output that remembers what it was told."""

    def __init__(self) -> None:
        self.readiness: list[Readiness] = []
        self.decisions: list[Decision] = []
        self.decided = threading.Event()
        self.go_on = threading.Event()
        self.go_on.set()

    def ready(self, readiness: Readiness) -> None:
        self.readiness.append(readiness)

    def decide(self, decision: Decision) -> None:
        self.decisions.append(decision)
        self.decided.set()
        self.go_on.wait(BOUND_S)

    def close(self) -> None:
        pass

    def causes(self) -> list[tuple[str, int, str]]:
        return [(d.run, n, d.cause) for d in self.decisions for n in range(d.seq, d.seq + d.parts)]


class Bridge:
    """A bridge in a thread of its own, and what it did."""

    def __init__(self, wire: WireConfig, plc: ConsolePlc) -> None:
        self.lamp = Lamp()
        self.totals: Totals | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._drive, args=(wire, plc))
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def close(self) -> None:
        self.stop()
        self._thread.join(BOUND_S)
        assert not self._thread.is_alive()

    def _drive(self, wire: WireConfig, plc: ConsolePlc) -> None:
        self.totals = drive(wire, "line1", plc, self.lamp, self._stop)


@contextmanager
def bridge(wire: WireConfig, plc: ConsolePlc = PLC) -> Iterator[Bridge]:
    with closing(Bridge(wire, plc)) as made:
        yield made


@contextmanager
def greeted(wire: WireConfig, run: str = "r1") -> Iterator[Publisher]:
    """A station that waited for its bridge."""
    with closing(Publisher(wire, "line1", run)) as publisher:
        wait_for(lambda: publisher.serve(0.05), lambda _: "bridge" in publisher.greeted)
        yield publisher


def until(publisher: Publisher, done: Callable[[], bool]) -> None:
    wait_for(lambda: publisher.serve(0.01), lambda _: done())


@pytest.fixture
def wire() -> WireConfig:
    return local_wire()


def test_each_verdict_is_one_decision_and_ready_follows_the_station(wire: WireConfig) -> None:
    with bridge(wire) as made, greeted(wire) as publisher:
        publisher.health(health(0))
        until(publisher, lambda: made.lamp.readiness[-1].on)
        for message in (verdict(1), verdict(2, "fail"), verdict(3, "not_inspected"), verdict(1)):
            publisher.verdict(message)
        publisher.health(health(3, state="not_ready"))
        until(publisher, lambda: not made.lamp.readiness[-1].on)
    assert made.lamp.causes() == [("r1", 1, "pass"), ("r1", 2, "fail"), ("r1", 3, "not_inspected.late")]
    assert str(made.totals) == "3 parts, 1 accepted, 2 rejected (fail 1, not_inspected.late 1); 1 repeats"
    assert "camera unplugged" in made.lamp.readiness[-1].why


def test_a_lost_verdict_is_recovered_and_decided(wire: WireConfig) -> None:
    with (
        closing(Publisher(wire, "line1", "r1")) as publisher,
        relay(wire, drop=lambda message: message.get("seq") == 2) as lossy,
        bridge(lossy.wire) as made,
    ):
        step = lambda: (lossy.pump(), publisher.serve(0.01))  # noqa: E731
        wait_for(step, lambda _: "bridge" in publisher.greeted)
        for seq in (1, 2, 3):
            publisher.verdict(verdict(seq))
        wait_for(step, lambda _: len(made.lamp.decisions) == 3)
    assert sorted(made.lamp.causes()) == [("r1", 1, "pass"), ("r1", 2, "pass"), ("r1", 3, "pass")]


def test_a_verdict_that_cannot_be_recovered_in_time_is_rejected(wire: WireConfig) -> None:
    with bridge(wire, ConsolePlc(timeout_ms=300)) as made, greeted(wire) as publisher:
        publisher.health(health(0))
        publisher.verdict(verdict(2))
        beat = lambda: (publisher.health(health(2)), time.sleep(0.02))  # noqa: E731
        wait_for(beat, lambda _: len(made.lamp.decisions) == 2)  # and nobody serves
    assert made.lamp.causes() == [("r1", 2, "pass"), ("r1", 1, "gap")]


def test_a_bridge_told_to_stop_decides_what_has_come_and_rejects_what_is_open(wire: WireConfig) -> None:
    with bridge(wire) as made, greeted(wire) as publisher:
        publisher.health(health(0))
        until(publisher, lambda: made.lamp.readiness[-1].on)
        publisher.verdict(verdict(2))  # and nobody serves
        assert made.lamp.decided.wait(BOUND_S)
        made.close()
    assert made.lamp.causes() == [("r1", 2, "pass"), ("r1", 1, "stopped")]


def test_the_last_verdicts_of_a_station_that_ended_are_decided_though_the_bridge_is_told_to_stop(
    wire: WireConfig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "BATCH", 100)
    total = 320  # more than it reads at once, and less than a station that is denied the processor has room for
    with bridge(wire) as made:
        made.lamp.go_on.clear()
        with greeted(wire) as publisher:
            publisher.verdict(verdict(1))
            assert made.lamp.decided.wait(BOUND_S)
            for seq in range(2, total + 1):
                publisher.verdict(verdict(seq))
            publisher.health(health(total, state="ended"))
        made.stop()
        made.lamp.go_on.set()
    assert len(made.lamp.decisions) == total


def test_a_contradiction_never_makes_a_second_decision(wire: WireConfig) -> None:
    with bridge(wire) as made, greeted(wire) as publisher:
        publisher.health(health(0))
        for message in (verdict(1, "fail"), verdict(1), verdict(2)):
            publisher.verdict(message)
        until(publisher, lambda: len(made.lamp.decisions) == 2)
    assert [d.accept for d in made.lamp.decisions] == [False, True]
    assert made.totals is not None
    assert made.totals.counted == {"contradictions": 1}


def test_a_bridge_that_starts_late_rejects_what_it_did_not_see(wire: WireConfig) -> None:
    with closing(Publisher(wire, "line1", "r1")) as publisher:
        for seq in (1, 2, 3):
            publisher.verdict(verdict(seq))
        with bridge(wire) as made:
            until(publisher, lambda: "bridge" in publisher.greeted)
            publisher.verdict(verdict(4))
            publisher.health(health(4))
            until(publisher, lambda: made.lamp.readiness[-1].on)
            publisher.verdict(verdict(5))
            until(publisher, lambda: len(made.lamp.causes()) == 5)
    unseen = [("r1", n, "unseen") for n in (1, 2, 3)]
    assert made.lamp.causes() == [*unseen, ("r1", 4, "pass"), ("r1", 5, "pass")]


def test_a_station_that_dies_and_starts_again_is_followed(wire: WireConfig) -> None:
    with bridge(wire) as made:
        with greeted(wire) as publisher:
            publisher.verdict(verdict(1))
            publisher.health(health(1, taken=3))
            until(publisher, lambda: made.lamp.readiness[-1].on)
        with greeted(wire, "r2") as publisher:
            publisher.verdict(verdict(1, run="r2"))
            publisher.verdict(verdict(2))
            until(publisher, lambda: len(made.lamp.causes()) == 4)
    assert made.lamp.causes() == [("r1", 1, "pass"), ("r1", 2, "gap"), ("r1", 3, "gap"), ("r2", 1, "pass")]
    assert [d.result_id for d in made.lamp.decisions] == [1, 2, 4]


def test_it_stays_after_a_run_ended_and_waits_for_the_next(wire: WireConfig) -> None:
    with bridge(wire) as made:
        with greeted(wire) as publisher:
            publisher.verdict(verdict(1))
            publisher.health(health(1, state="ended"))
            until(publisher, lambda: "ended" in made.lamp.readiness[-1].why)
        with greeted(wire, "r2") as publisher:
            publisher.health(health(0, run="r2"))
            until(publisher, lambda: made.lamp.readiness[-1].on)


def test_silence_turns_ready_off_and_rejects(wire: WireConfig) -> None:
    with bridge(wire, ConsolePlc(timeout_ms=200)) as made, greeted(wire) as publisher:
        publisher.health(health(0, taken=1))
        until(publisher, lambda: made.lamp.readiness[-1].on)
        until(publisher, lambda: bool(made.lamp.decisions) and not made.lamp.readiness[-1].on)
        publisher.verdict(verdict(1))
        publisher.verdict(verdict(2))
        until(publisher, lambda: len(made.lamp.decisions) == 2)
        assert made.lamp.causes() == [("r1", 1, "silence"), ("r1", 2, "silence")]
        publisher.health(health(2))
        until(publisher, lambda: made.lamp.readiness[-1].on)
    assert made.totals is not None
    assert made.totals.accepted == 0


@pytest.mark.parametrize(("accept", "cause"), [(False, "replay"), (True, "pass")])
def test_recorded_footage_moves_the_ejector_only_where_allowed(wire: WireConfig, accept: bool, cause: str) -> None:
    with bridge(wire, ConsolePlc(accept_replay=accept)) as made, greeted(wire) as publisher:
        publisher.verdict(verdict(1, mode="replay"))
        until(publisher, lambda: len(made.lamp.decisions) == 1)
    assert made.lamp.causes() == [("r1", 1, cause)]


def config(wire: WireConfig, plc: ConsolePlc | NoPlc) -> Config:
    return Config(source=RecordingSource(path="."), scoring=ScoringConfig(recipe="."), wire=wire, plc=plc)


def test_without_a_plc_it_says_that_there_is_nothing_to_drive(
    wire: WireConfig, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_bridge(config(wire, NoPlc()), threading.Event()) == 0
    assert "nothing to drive" in capsys.readouterr().out


def test_the_command_closes_with_its_totals_and_0(wire: WireConfig, capsys: pytest.CaptureFixture[str]) -> None:
    stop, codes = threading.Event(), list[int]()
    thread = threading.Thread(target=lambda: codes.append(run_bridge(config(wire, PLC), stop)))
    thread.start()
    try:
        with greeted(wire) as publisher:
            publisher.verdict(verdict(1))
            publisher.verdict(verdict(2, "fail"))
            wait_for(lambda: publisher.serve(0.05), lambda _: "REJECT" in capsys.readouterr().out)
    finally:
        stop.set()
        thread.join(BOUND_S)
    assert codes == [0]
    assert capsys.readouterr().out.splitlines()[-1] == "bridge: 2 parts, 1 accepted, 1 rejected (fail 1)"


def test_the_bridge_imports_no_torch_and_no_cv2() -> None:
    code = "import sys, inspector.plc.bridge; print(*{'torch', 'cv2', 'openvino'} & {*sys.modules})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout) == (0, "\n")
