"""Against what others wrote: libmodbus, mbpoll, open62541, and a soft PLC with ladder and scan cycle."""

import ctypes
import ctypes.util
import json
import os
import queue
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from inspector.config import ModbusServerPlc, OpcUaPlc, WireConfig
from inspector.plc.belt import ROLL
from inspector.plc.link import LinkDown
from inspector.plc.modbus_client import ModbusClientLink
from inspector.plc.modbus_server import ModbusServerLink
from inspector.plc.registers import BRIDGE_FIELDS, BRIDGE_SIZE, FIELDS, PLC, read_back, slot_values
from inspector.plc.selftest import run_selftest
from inspector.plc.slots import EMPTY, Told
from tests.needs import needs
from tests.plc import real_faults
from tests.plc.plcs import HOST, modbus, scanned_plc
from tests.plc.stations import live_station
from tests.plc.test_drive_plc import bridge, feed
from tests.programs import free_port
from tests.wire.samples import BOUND_S, local_wire

REGISTERS = 120


class _Mapping(ctypes.Structure):
    """modbus_mapping_t of libmodbus 3.1."""

    _fields_ = [
        *((name, ctypes.c_int) for name in ("nb_bits", "start_bits", "nb_input_bits", "start_input_bits")),
        *((name, ctypes.c_int) for name in ("nb_in", "start_in", "nb_registers", "start_registers")),
        *((name, ctypes.c_void_p) for name in ("tab_bits", "tab_input_bits", "tab_input_registers")),
        ("tab_registers", ctypes.POINTER(ctypes.c_uint16)),
    ]


@contextmanager
def libmodbus_server() -> Iterator[tuple[int, "ctypes.Array[ctypes.c_uint16]"]]:
    """A server of libmodbus, and its registers."""
    name = ctypes.util.find_library("modbus")
    needs(name is not None, "libmodbus (Debian: libmodbus5)")
    lib = ctypes.CDLL(name, use_errno=True)
    lib.modbus_new_tcp.restype = ctypes.c_void_p
    lib.modbus_mapping_new.restype = ctypes.POINTER(_Mapping)
    port = free_port()
    context = ctypes.c_void_p(lib.modbus_new_tcp(HOST.encode(), port))
    mapping = lib.modbus_mapping_new(0, 0, REGISTERS, 0)
    ear = ctypes.c_int(lib.modbus_tcp_listen(context, 1))

    def serve() -> None:
        lib.modbus_tcp_accept(context, ctypes.byref(ear))
        request = (ctypes.c_uint8 * 260)()
        while (length := lib.modbus_receive(context, request)) >= 0:
            lib.modbus_reply(context, request, length, mapping)

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield port, mapping.contents.tab_registers
    finally:
        with socket.socket() as last:
            last.connect_ex((HOST, port))  # so that an accept that is still waiting returns
        thread.join(BOUND_S)
        lib.modbus_close(context)
        os.close(ear.value)


def test_libmodbus_gets_what_is_written_and_gives_what_it_holds() -> None:
    with libmodbus_server() as (port, registers), closing(ModbusClientLink(modbus(port))) as link:
        link.connect()
        link.write({"READY": 1, "RESULT_ID": 70_000, "SCORE": 31.5, "WINDOW7_LAST": 4_000_000_000})
        image = read_back(BRIDGE_FIELDS, 0, [registers[n] for n in range(BRIDGE_SIZE)], "high_first")
        assert (image["READY"], image["RESULT_ID"], image["SCORE"]) == (1, 70_000, 31.5)
        assert image["WINDOW7_LAST"] == 4_000_000_000
        registers[PLC + 2], registers[PLC + 3] = 1, 2
        assert link.read().position == 65_538


def test_a_plc_that_does_not_have_the_registers_is_said_to_refuse_them() -> None:
    with libmodbus_server() as (port, _), closing(ModbusClientLink(modbus(port, base=100))) as link:
        link.connect()
        with pytest.raises(LinkDown, match="refused a read of register 200: exception 2"):
            link.read()


def mbpoll(port: int, *arguments: str) -> "subprocess.CompletedProcess[str]":
    needs(shutil.which("mbpoll") is not None, "mbpoll (Debian: mbpoll)")
    command = ["mbpoll", "-0", "-1", "-q", "-B", "-p", str(port), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=BOUND_S, check=False)


def polled(port: int, name: str, kind: str = "4") -> str:
    """What mbpoll shows of a field; kind: 4 for 16 bits, 4:int for 32, 4:float."""
    said = mbpoll(port, "-t", kind, "-r", str(FIELDS[name].address), "-c", "1", HOST)
    return next(line.split("\t")[1].strip() for line in said.stdout.splitlines() if line.startswith("["))


def test_mbpoll_reads_and_writes_the_bridge_that_is_a_server() -> None:
    port = free_port()
    plc = ModbusServerPlc(host=HOST, port=port, delay_ms=900, width_ms=80)
    with closing(ModbusServerLink(plc)) as link:
        link.connect()
        link.write({"READY": 1, "RESULT_ID": 70_000, "SCORE": 31.5})
        assert polled(port, "READY") == "1"
        assert polled(port, "RESULT_ID", "4:int") == "70000"
        assert polled(port, "SCORE", "4:float") == "31.5"
        assert mbpoll(port, "-t", "4:int", "-r", str(FIELDS["RESULT_ACK"].address), HOST, "70000").returncode == 0
        assert link.read().ack == 70_000
        refused = mbpoll(port, "-t", "4", "-r", str(FIELDS["READY"].address), HOST, "0")
        assert "Illegal data address" in refused.stdout + refused.stderr
        assert polled(port, "READY") == "1"


class OpcUaServer:
    """tests.plc.opcua_plc as a process."""

    def __init__(self, port: int) -> None:
        self.results: queue.SimpleQueue[dict[str, float]] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.plc.opcua_plc", str(port)],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self._lines = self._process.stdout
        assert any(line == "listening\n" for line in self._lines)
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._reader.join()
        self._lines.close()

    def _read(self) -> None:
        for line in self._lines:
            if line.startswith("{"):
                self.results.put(json.loads(line))


def test_an_opc_ua_server_of_open62541_gets_windows_and_whole_results() -> None:
    pytest.importorskip("o6", reason="needs the o6 wheel")
    wire: WireConfig = local_wire()
    port = free_port()
    url = f"opc.tcp://{HOST}:{port}"
    plc = OpcUaPlc(
        url=url,
        node="ns=1;s=inspector.{field}",
        delay_ms=900,
        width_ms=400,
        timeout_ms=600,
        scan_ms=60,
        write_ms=400,
        ledger=None,
    )
    with closing(OpcUaServer(port)) as server, bridge(wire, plc) as made, live_station(wire) as station:
        station.until(lambda: made.ready)
        feed(station, ["pass", "fail", "not_inspected"], 0.45)
        station.until(lambda: len(made.lamp.decisions) == 3)
        station.wait(0.5)
        results = [server.results.get(timeout=BOUND_S) for _ in range(3)]
    assert [result["OUTCOME"] for result in results] == [1, 2, 3]
    assert [result["RESULT_ID"] for result in results] == [result["RESULT_ID_CHECK"] for result in results] == [1, 2, 3]
    assert any(result[f"WINDOW{slot}_ID"] == 1 for result in results for slot in range(8)), "the permit of the pass"


def test_the_ladder_lets_no_bad_part_pass_while_bridge_cable_and_station_fail() -> None:
    needs(not real_faults.possible(), real_faults.possible())
    counted = real_faults.run(faults=3, seed=5)
    assert counted["defective_passed"] == 0
    assert counted["decided_twice"] == 0
    assert counted["recovered"], "good parts pass again after the last fault"
    assert counted["defective_rejected"] > 5  # type: ignore[operator]


def test_the_ladder_that_pulses_diverts_what_is_in_a_window_and_everything_once_the_bridge_is_silent(
    tmp_path: Path,
) -> None:
    needs(not real_faults.possible(), real_faults.possible())
    port, log = free_port(), tmp_path / "gate.log"

    def gate_is(is_open: bool, **fields: int) -> None:
        limit = time.monotonic() + real_faults.BOUND_S
        while [now for _, now in real_faults.gate(log)][-1:] != [is_open]:
            assert time.monotonic() < limit, f"the gate is not {'open' if is_open else 'shut'}"
            if fields:
                link.write({"HEARTBEAT": time.monotonic_ns() // 1_000_000 % 65536, **fields})
            time.sleep(0.02)

    with (
        real_faults.pyrung(None, HOST, port, log, "pulse"),
        closing(ModbusClientLink(modbus(port, word_order="low_first"))) as link,
    ):
        gate_is(False)
        while True:
            with suppress(LinkDown):
                link.connect()
                break
        side = link.read()
        gate_is(True, EPOCH_ECHO=side.epoch)
        around = Told(70_000, (side.position - 1_000_000) % ROLL, (side.position + 1_000_000) % ROLL, side.epoch)
        link.write(slot_values(5, around))
        gate_is(False, EPOCH_ECHO=side.epoch)
        link.write(slot_values(5, EMPTY))
        gate_is(True, EPOCH_ECHO=side.epoch)
        gate_is(False, EPOCH_ECHO=side.epoch + 1)
        gate_is(True, EPOCH_ECHO=side.epoch)
        gate_is(False)  # nothing more comes


def test_the_self_test_passes_with_a_plc_that_is_programmed_as_it_should_be() -> None:
    lines: list[str] = []
    with scanned_plc() as (_, port):
        assert run_selftest(modbus(port), lines.append, 10.0) == 0
    assert [line[:4] for line in lines[:-1]].count("ok  ") == 9
    assert not [line for line in lines if line.startswith("FAIL")]


def test_the_self_test_says_what_a_plc_does_not_do() -> None:
    lines: list[str] = []
    with scanned_plc() as (plc, port):
        plc.frozen.set()
        assert run_selftest(modbus(port), lines.append, 0.3) == 5
    failed = [line for line in lines if line.startswith("FAIL")]
    assert "PLC_HEARTBEAT changes" in failed[0]
    assert "RESULT_ACK is 0 after 0.3 s; expected 1" in "".join(failed)


def test_the_self_test_without_a_plc_says_so() -> None:
    lines: list[str] = []
    assert run_selftest(modbus(free_port()), lines.append) == 5
    assert "no Modbus server answers" in lines[0]
