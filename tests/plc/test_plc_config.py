from pathlib import Path

import pytest

from inspector.config import ModbusPlc, OpcUaPlc, load
from inspector.errors import ConfigError

LINE = "source: {type: recording, path: x}\nscoring: {recipe: y}\nline: {deadline_ms: 500}\n"
TIME = "delay_ms: 2000, width_ms: 200"


def read(folder: Path, plc: str, line: str = LINE) -> object:
    path = folder / "config.yaml"
    path.write_text(f"{line}plc: {{{plc}}}\n")
    return load(path).plc


def test_a_plc_is_configured_by_time_or_by_counts(tmp_path: Path) -> None:
    plc = read(tmp_path, f"type: modbus, host: plc, {TIME}")
    assert isinstance(plc, ModbusPlc)
    assert (plc.actuate, plc.port, plc.ledger) == ("permit", 502, str(tmp_path / "logs/ledger.jsonl"))
    counts = "delay_counts: 4000, width_counts: 200, fastest_counts_per_s: 2000"
    assert isinstance(read(tmp_path, f"type: opcua, url: 'opc.tcp://plc:4840', {counts}"), OpcUaPlc)


@pytest.mark.parametrize(
    ("plc", "said"),
    [
        (
            "delay_ms: 1200, width_ms: 200",
            "plc.timeout_ms 600 + plc.write_ms 100 = 700 ms must be below the delay 1200 ms - line.deadline_ms 500 = "
            "700 ms",
        ),
        (
            "delay_counts: 2000, width_counts: 400, fastest_counts_per_s: 2000",
            "must be below the delay 1000 ms (2000 counts at 2000 a second) - line.deadline_ms 500 = 500 ms",
        ),
        (
            "delay_ms: 1300, width_ms: 200, actuate: pulse",
            "plc.timeout_ms 600 + plc.heartbeat_ms 50 + the 250 ms after which the PLC takes the bridge for dead = "
            "900 ms must be below the delay 1300 ms - line.deadline_ms 500 = 800 ms",
        ),
        (f"{TIME}, timeout_ms: 250", "heartbeat comes every 250 ms: at least 300 is needed"),
        (
            "delay_ms: 2000, width_ms: 60",
            "a quarter of it must hold plc.clock_tolerance_ms 10 + plc.scan_ms 10 = 20 ms",
        ),
        ("delay_ms: 2000", "either delay_ms and width_ms"),
        (f"{TIME}, delay_counts: 5", "and not both"),
        (f"{TIME}, recipes: [{{number: 0, folder: a}}]", "plc.recipes[0].number is 0"),
    ],
)
def test_what_cannot_be_safe_is_an_error_with_its_arithmetic(tmp_path: Path, plc: str, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(tmp_path, f"type: modbus, host: plc, {plc}")
    assert said in str(error.value)


def test_a_line_without_a_deadline_drives_no_plc(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"line\.deadline_ms is null"):
        read(tmp_path, f"type: modbus, host: plc, {TIME}", LINE.replace("500", "null"))


def test_a_modbus_server_is_open_to_the_network_only_where_that_is_written_out(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="Modbus knows no password"):
        read(tmp_path, f"type: modbus_server, host: 0.0.0.0, {TIME}")
    read(tmp_path, f"type: modbus_server, host: 0.0.0.0, insecure: true, {TIME}")
