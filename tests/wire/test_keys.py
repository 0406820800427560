"""Keys, tried for real: who is on a list comes in, a stranger and one without a key do not; secrets stay secret."""

import stat
import threading
import time
from contextlib import closing
from pathlib import Path

import msgspec
import pytest

from inspector.config import WireConfig
from inspector.errors import ConfigError
from inspector.messages import BridgeHealth, Reply, Start
from inspector.wire.bridge_health import BridgeHealthPublisher, BridgeHealthSubscriber
from inspector.wire.command import CommandClient, CommandServer, NoAnswer
from inspector.wire.evidence import EvidencePublisher, EvidenceSubscriber
from inspector.wire.keys import allowed_keys, make_pair, make_set, secret_key
from inspector.wire.publish import OverlayPublisher, Publisher
from inspector.wire.subscribe import OverlaySubscriber, Subscriber, VerdictReceived
from tests.wire.samples import BOUND_S, evidence, local_wire, overlay, receive, station, verdict, wait_for

START = Start(station="line1", by="anna")


@pytest.fixture
def wire(tmp_path: Path) -> WireConfig:
    make_set(tmp_path / "keys")
    return msgspec.structs.replace(local_wire(), keys=str(tmp_path / "keys"))


def stranger(wire: WireConfig, folder: Path) -> WireConfig:
    """Somebody who knows the station's public keys, and has a key of his own that is on no list."""
    assert wire.keys is not None
    for role in ("viewing", "commanding"):
        make_pair(folder, role)
    for server in ("station", "bridge"):
        (folder / f"{server}.public").write_bytes((Path(wire.keys) / f"{server}.public").read_bytes())
    return msgspec.structs.replace(wire, keys=str(folder))


def test_secrets_can_be_read_by_their_owner_alone(tmp_path: Path):
    make_set(tmp_path / "keys")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").glob("*.*")}
    assert {mode for name, mode in modes.items() if name.endswith(".secret")} == {0o600}
    assert len(modes) == 8
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_a_secret_that_others_can_read_is_not_used(tmp_path: Path):
    secret, _ = make_pair(tmp_path, "station")
    secret.chmod(0o640)
    with pytest.raises(ConfigError, match=r"station.secret can be read by others \(mode 640\); chmod 600 it"):
        secret_key(tmp_path, "station")


def test_keys_in_use_are_not_replaced(tmp_path: Path):
    before = make_set(tmp_path)[0].read_bytes()
    with pytest.raises(ConfigError, match=r"station.secret is there already"):
        make_set(tmp_path)
    assert (tmp_path / "station.secret").read_bytes() == before


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 41, b"~" * 40])
def test_what_is_no_key_is_named(tmp_path: Path, content: bytes):
    (tmp_path / "allowed" / "viewing").mkdir(parents=True)
    (tmp_path / "allowed" / "viewing" / "a.public").write_bytes(content)
    with pytest.raises(ConfigError, match=r"allowed/viewing/a.public holds no key"):
        allowed_keys(tmp_path, "viewing")


@pytest.mark.parametrize("make", [Subscriber, CommandClient, EvidenceSubscriber, BridgeHealthSubscriber])
def test_a_caller_without_its_keys_is_told_which(make: type, tmp_path: Path):
    wire = msgspec.structs.replace(local_wire(), keys=str(tmp_path))
    with pytest.raises(ConfigError, match=r"key .*ing.secret cannot be read .*make keys with: inspector keys"):
        make(*((wire, "line1", "viewer") if make is Subscriber else (wire, "line1")))


def test_a_station_without_its_keys_binds_nothing(tmp_path: Path):
    wire = msgspec.structs.replace(local_wire(), keys=str(tmp_path))
    with pytest.raises(ConfigError, match=r"station.secret cannot be read"):
        Publisher(wire, "line1", "r1")


def test_who_is_on_the_list_hears_verdicts_and_recovers_lost_ones(wire: WireConfig):
    with station(wire) as publisher:
        publisher.verdict(verdict(1))
        with closing(Subscriber(wire, "line1", "viewer")) as subscriber:
            wait_for(lambda: (publisher.serve(0.02), subscriber.receive(0)), lambda _: bool(publisher.greeted))
            publisher.verdict(verdict(2))
            out = receive(subscriber, publisher, 3)
    assert VerdictReceived(verdict=verdict(2), recovered=False) in out
    assert VerdictReceived(verdict=verdict(1), recovered=True) in out


@pytest.mark.parametrize("who", ["a stranger", "one without a key"])
def test_others_hear_nothing_and_ask_in_vain(wire: WireConfig, who: str, tmp_path: Path):
    other = stranger(wire, tmp_path / "other") if who == "a stranger" else msgspec.structs.replace(wire, keys=None)
    with (
        station(wire) as publisher,
        closing(OverlayPublisher(wire)) as overlays,
        closing(EvidencePublisher(wire, "line1")) as pieces,
        closing(Subscriber(other, "line1", "spy")) as spy,
        closing(OverlaySubscriber(other)) as watcher,
        closing(EvidenceSubscriber(other, "line1")) as collector,
        closing(Subscriber(wire, "line1", "viewer")) as friend,
    ):
        wait_for(lambda: (publisher.serve(0.02), friend.receive(0)), lambda _: bool(publisher.greeted))
        until = time.monotonic() + 0.7
        while time.monotonic() < until:  # as long as it takes a friend many times over
            publisher.verdict(verdict(1))
            overlays.send(overlay(1))
            pieces.send(evidence(1))
            publisher.serve(0.02)
            assert spy.receive(0) == []
            assert watcher.receive(0) is None
            assert collector.receive(0) == []
        assert publisher.greeted == {"viewer"}
        assert not pieces.readers


def test_listening_gives_no_right_to_command(wire: WireConfig, tmp_path: Path):
    """A viewing key on the commands socket is a stranger's."""
    assert wire.keys is not None
    listener = tmp_path / "listener"
    listener.mkdir()
    for name, source in (("commanding.secret", "viewing.secret"), ("station.public", "station.public")):
        (listener / name).write_bytes((Path(wire.keys) / source).read_bytes())
        (listener / name).chmod(0o600)
    carried_out: list[object] = []
    stop, bound = threading.Event(), threading.Event()

    def serve() -> None:
        with closing(CommandServer(wire, "line1")) as server:
            bound.set()
            while not stop.is_set():
                for asked in server.receive(0.02):
                    carried_out.append(asked.command)
                    server.reply(asked, Reply(done=True, detail=""))

    serving = threading.Thread(target=serve)
    serving.start()
    assert bound.wait(BOUND_S)
    try:
        for other in (
            msgspec.structs.replace(wire, keys=str(listener)),
            stranger(wire, tmp_path / "other"),
            msgspec.structs.replace(wire, keys=None),
        ):
            with closing(CommandClient(other, "line1")) as client, pytest.raises(NoAnswer):
                client.ask(START, 0.4)
        assert carried_out == []
        with closing(CommandClient(wire, "line1")) as client:
            assert client.ask(START, BOUND_S).done
    finally:
        stop.set()
        serving.join()
    assert carried_out == [START]


def test_a_false_station_is_not_believed(wire: WireConfig, tmp_path: Path):
    """Who takes the station's place at its address lacks its secret."""
    make_set(tmp_path / "false")
    false = msgspec.structs.replace(wire, keys=str(tmp_path / "false"))
    with station(false) as publisher, closing(Subscriber(wire, "line1", "viewer")) as subscriber:
        until = time.monotonic() + 0.5
        while time.monotonic() < until:
            publisher.verdict(verdict(1))
            publisher.serve(0.02)
            assert subscriber.receive(0) == []


def test_the_bridge_has_keys_of_its_own(wire: WireConfig, tmp_path: Path):
    said = BridgeHealth(station="line1", now_ns=1, level="ok", reading="", counts={})
    with (
        closing(BridgeHealthPublisher(wire)) as bridge,
        closing(BridgeHealthSubscriber(wire, "line1")) as friend,
        closing(BridgeHealthSubscriber(stranger(wire, tmp_path / "other"), "line1")) as spy,
    ):
        wait_for(lambda: (bridge.send(said), friend.receive(0.05))[1], lambda heard: heard == said)
        assert spy.receive(0.3) is None
