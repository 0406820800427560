"""Looking at a station from another machine."""

import json
import signal
import socket
from pathlib import Path

import pytest
from websockets.sync.client import connect

from inspector.errors import ConfigError
from inspector.viewer.elsewhere import at, plain
from inspector.viewer.here import runs_here
from tests.programs import running as started
from tests.viewer.stations import running
from tests.wire.samples import free_port


def test_the_other_sockets_lie_as_far_from_the_verdicts_as_at_home() -> None:
    wire = at(plain(), "tcp://10.0.0.7:6550", "line9").wire
    assert (wire.verdicts, wire.recovery, wire.bridge) == (
        "tcp://10.0.0.7:6550", "tcp://10.0.0.7:6551", "tcp://10.0.0.7:6555")  # fmt: skip
    assert at(plain(), "tcp://[fd00::7]:5550", None).wire.overlays == "tcp://[fd00::7]:5552"
    assert at(plain(), "tcp://station7.plant:5550", "line9").station.name == "line9"


@pytest.mark.parametrize("station", ["10.0.0.7:5550", "tcp://10.0.0.7", "http://10.0.0.7:5550", "tcp://10.0.0.7:99999",
                                     "tcp://:5550", "tcp://10.0.0.7:5550/x", "tcp://10.0.0.7:65534"])  # fmt: skip
def test_an_address_that_is_none_is_named(station: str) -> None:
    with pytest.raises(ConfigError, match=f"^--station is '{station}'"):
        at(plain(), station, None)


def test_a_name_that_is_none_is_named() -> None:
    with pytest.raises(ConfigError, match="^the station's name is 'line 9'"):
        at(plain(), "tcp://10.0.0.7:5550", "line 9")


@pytest.mark.parametrize(
    ("endpoint", "here"),
    [("tcp://127.0.0.1:5550", True), ("ipc:///run/line1", True), ("tcp://0.0.0.0:5550", True), ("tcp://*:5550", True),
     ("tcp://192.0.2.7:5550", False), ("tcp://no-such-station.invalid:5550", False)],
)  # fmt: skip
def test_a_station_is_here_where_its_address_is_ours(endpoint: str, here: bool) -> None:
    assert runs_here(endpoint) is here


def test_a_station_bound_to_this_machines_own_network_address_is_here_too() -> None:
    """Its store is read from the disk then; a second reader of the evidence could cost the store pictures."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.7", 9))  # sends nothing
        except OSError:
            pytest.skip("this machine has no network address but loopback")
        assert runs_here(f"tcp://{probe.getsockname()[0]}:5550")


def test_a_machine_without_a_configuration_looks_at_a_station(tmp_path: Path) -> None:
    wire = at(plain(), f"tcp://127.0.0.1:{free_port()}", None).wire
    port = free_port()
    (tmp_path / "mine.yaml").write_text(json.dumps({
        "source": {"type": "camera"}, "scoring": {"recipe": "none"}, "viewer": {"port": port},
        "station": {"log_folder": None}}))  # fmt: skip
    arguments = ("view", "-c", "mine.yaml", "--station", wire.verdicts, "--name", "line1")
    with started(*arguments, folder=tmp_path) as program:
        program.until("viewer of line1")
        with running(wire) as station, connect(f"ws://127.0.0.1:{port}/live") as browser:
            station.judge("fail", part="seen from afar")
            while "seen from afar" not in str(browser.recv(timeout=10)):
                browser.send("")
        program.send(signal.SIGTERM)
