"""The bridge with a PLC on real sockets: what the gate does when a part is at it, and what the PLC sees."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from inspector.config import TrackedPlc, WireConfig
from inspector.plc.bridge import drive_plc
from inspector.plc.decisions import Totals
from inspector.plc.faults import Fault
from tests.plc.plcs import modbus, scanned_plc
from tests.plc.stations import LiveStation, live_station
from tests.plc.test_bridge import Lamp
from tests.programs import free_port
from tests.wire.samples import BOUND_S, local_wire

DELAY_S = 0.9


class PlcBridge:
    """In a thread of its own."""

    def __init__(self, wire: WireConfig, plc: TrackedPlc) -> None:
        self.lamp = Lamp()
        self.totals: Totals | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._drive, args=(wire, plc))
        self._thread.start()

    @property
    def ready(self) -> bool:
        return bool(self.lamp.readiness) and self.lamp.readiness[-1].on

    def close(self) -> None:
        self._stop.set()
        self._thread.join(BOUND_S)
        assert not self._thread.is_alive()

    def _drive(self, wire: WireConfig, plc: TrackedPlc) -> None:
        self.totals = drive_plc(wire, "line1", plc, self.lamp, self._stop)


@contextmanager
def bridge(wire: WireConfig, plc: TrackedPlc) -> Iterator[PlcBridge]:
    with closing(PlcBridge(wire, plc)) as made:
        yield made


@pytest.fixture
def wire() -> WireConfig:
    return local_wire()


def feed(station: LiveStation, outcomes: list[str], apart_s: float = 0.12) -> list[tuple[float, str]]:
    exposed = []
    station.wait(0.05)  # what is exposed at the moment of getting in step is rejected still
    for outcome in outcomes:
        exposed.append((station.expose(outcome), outcome))  # type: ignore[arg-type]
        station.wait(apart_s)
    return exposed


@pytest.mark.parametrize("actuate", ["permit", "pulse"])
def test_each_part_meets_its_own_decision_at_the_gate(wire: WireConfig, actuate: str) -> None:
    pattern = ["pass", "fail", "pass", "pass", "not_inspected", "fail", "fail", "pass"] * 2
    with (
        scanned_plc() as (plc, port),
        bridge(wire, modbus(port, actuate=actuate)) as made,
        live_station(wire) as station,
    ):
        station.until(lambda: made.ready and plc.program.ready)
        exposed = feed(station, pattern)
        station.wait(DELAY_S + 0.1)
        fell = [(outcome, plc.let_pass(moment + DELAY_S)) for moment, outcome in exposed]
        assert not [each for each in fell if each == ("fail", True) or each == ("not_inspected", True)]
        assert sum(passed for outcome, passed in fell if outcome == "pass") >= 1, "on a busy machine many are late"
    assert plc.image()["READY"] == 0, "left safe"


def test_a_plc_that_looks_at_every_change_finds_no_torn_or_stale_result(wire: WireConfig) -> None:
    with scanned_plc() as (plc, port), bridge(wire, modbus(port)) as made, live_station(wire) as station:
        station.until(lambda: made.ready)
        feed(station, ["pass", "fail", "not_inspected"] * 4, 0.05)
        station.until(lambda: len(made.lamp.decisions) == 12 and plc.acknowledged_all(12))
        told = {d.result_id: d for d in made.lamp.decisions}
        seen = set()
        for image in plc.images:
            if image["RESULT_VALID"] and image["OUTCOME"]:
                decision = told[int(image["RESULT_ID"])]
                seen.add(decision.result_id)
                assert image["RESULT_ID_CHECK"] == decision.result_id
                assert bool(image["RESULT_PASS"]) == decision.accept
                assert image["OUTCOME"] == {"pass": 1, "fail": 2}.get(decision.cause, 3)
                score = decision.verdict.score if decision.verdict and decision.verdict.score is not None else -1
                assert image["SCORE"] == score
        assert seen == set(told)
        assert plc.image()["RESULT_OVERRUN"] == 0


def test_a_result_that_nobody_acknowledged_is_an_overrun(wire: WireConfig) -> None:
    with scanned_plc() as (plc, port), bridge(wire, modbus(port)) as made, live_station(wire) as station:
        plc.acknowledges = False
        station.until(lambda: made.ready)
        feed(station, ["pass", "pass"], 0.05)
        station.until(lambda: plc.image()["RESULT_OVERRUN"] == 1)
        plc.acknowledges = True
        station.until(lambda: plc.image()["RESULT_OVERRUN"] == 0 and plc.image()["RESULT_VALID"] == 0)
        station.until(lambda: plc.image()["OVERRUNS"] == 1)


def test_a_plc_that_is_off_and_comes_back_is_driven_again_and_nothing_passes_meanwhile(wire: WireConfig) -> None:
    port = free_port()
    with bridge(wire, modbus(port)) as made, live_station(wire) as station:
        with scanned_plc(port) as (plc, _):
            station.until(lambda: made.ready and plc.program.ready)
        station.until(lambda: not made.ready)
        assert made.lamp.readiness[-1].fault is Fault.PLC_DOWN
        feed(station, ["pass"] * 3, 0.05)
        with scanned_plc(port) as (plc, _):
            station.until(lambda: made.ready and plc.program.ready)
            station.wait(0.3)
            assert not any(is_open for _, is_open in plc.gates)
            feed(station, ["pass"] * 4)
            station.wait(DELAY_S + 0.1)
            assert any(is_open for _, is_open in plc.gates), "it lets pass again"


def test_a_plc_whose_program_stands_makes_ready_go_off_and_delays_no_decision(wire: WireConfig) -> None:
    with scanned_plc() as (plc, port), bridge(wire, modbus(port)) as made, live_station(wire) as station:
        station.until(lambda: made.ready)
        plc.frozen.set()
        station.until(lambda: not made.ready)
        assert made.lamp.readiness[-1].fault is Fault.PLC_FROZEN
        began = time.monotonic()
        station.expose("fail")
        station.until(lambda: bool(made.lamp.decisions))
        assert time.monotonic() - began < 0.5
        plc.frozen.clear()
        station.until(lambda: made.ready)


def test_result_ids_go_on_over_a_restart_of_the_bridge_and_no_part_is_decided_twice(
    wire: WireConfig, tmp_path: Path
) -> None:
    ledger = tmp_path / "logs" / "ledger.jsonl"
    with scanned_plc() as (_, port), live_station(wire) as station:
        for _ in range(2):
            with bridge(wire, modbus(port, ledger=str(ledger))) as made:
                station.until(lambda made=made: made.ready)
                feed(station, ["pass", "fail", "pass"], 0.05)
                station.until(lambda made=made: len(made.lamp.causes()) >= 3)
    written = [json.loads(line) for line in ledger.read_text().splitlines()]
    lines = [line for line in written if "run" in line]
    passed = {line["id"] for line in lines if line["accept"]}
    assert {line["id"] for line in written if line.get("state") == "actuated"} <= passed
    assert any(line.get("state") == "actuated" for line in written)
    assert any(line.get("state") == "acknowledged" for line in written)
    parts = [(line["run"], line["seq"] + n) for line in lines for n in range(line["parts"])]
    assert sorted(parts) == [("r1", seq) for seq in range(1, 7)]
    assert [line["id"] for line in lines] == sorted({line["id"] for line in lines})


def test_more_rejects_in_a_row_than_allowed_raise_the_alarm_until_it_is_reset(wire: WireConfig) -> None:
    with (
        scanned_plc() as (plc, port),
        bridge(wire, modbus(port, rejects_in_a_row=3)) as made,
        live_station(wire) as station,
    ):
        station.until(lambda: made.ready)
        feed(station, ["fail"] * 3, 0.05)
        station.until(lambda: plc.image()["ALARM"] == 1)
        plc.extra["ALARM_RESET"] = 1
        station.until(lambda: plc.image()["ALARM"] == 0)
