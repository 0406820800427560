import re
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from inspector.config import (
    CameraSource,
    Config,
    ConsolePlc,
    FolderSource,
    NoPlc,
    VideoSource,
    as_json,
    is_loopback,
    load,
    override,
)
from inspector.errors import ConfigError

LEAST = "source: {type: folder, path: parts}\nscoring: {recipe: bank}\n"


def read(folder: Path, text: str) -> Config:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path)


def complaint(folder: Path, text: str) -> str:
    """The one line that a wrong configuration gets, without the file's name, which it begins with."""
    with pytest.raises(ConfigError) as caught:
        read(folder, text)
    line = str(caught.value)
    assert line.startswith(str(folder / "config.yaml"))
    assert "\n" not in line
    assert caught.value.exit_code == 2
    return line.removeprefix(str(folder / "config.yaml")).removeprefix(": ")


def test_what_is_not_given_has_its_default(tmp_path: Path) -> None:
    config = read(tmp_path, LEAST)
    assert isinstance(config.source, FolderSource)
    assert config.line.slots == 8
    assert isinstance(config.plc, NoPlc)


def test_paths_are_taken_from_the_files_folder(tmp_path: Path) -> None:
    config = read(tmp_path, LEAST)
    assert isinstance(config.source, FolderSource)
    assert config.source.path == str(tmp_path / "parts")
    assert config.scoring.recipe == str(tmp_path / "bank")
    assert config.station.log_folder == str(tmp_path / "logs")
    assert config.store is None
    stored = read(tmp_path, LEAST + "store: {}").store
    assert stored is not None
    assert stored.folder == str(tmp_path / "store")


def test_absolute_paths_and_cameras_stay_as_they_are(tmp_path: Path) -> None:
    config = read(tmp_path, "source: {type: camera, device: /dev/video2}\nscoring: {recipe: /banks/a}\n")
    assert config.source == CameraSource(device="/dev/video2")
    assert config.scoring.recipe == "/banks/a"


def test_no_log_folder_is_no_folder(tmp_path: Path) -> None:
    assert read(tmp_path, LEAST + "station: {log_folder: null}").station.log_folder is None


def test_a_null_type_need_not_be_quoted(tmp_path: Path) -> None:
    for text in ("null", "'null'", "~"):
        assert isinstance(read(tmp_path, LEAST + f"plc: {{type: {text}}}").plc, NoPlc)
    assert isinstance(read(tmp_path, LEAST + "plc: {type: console}").plc, ConsolePlc)


def test_the_command_lines_source_and_recipe_win(tmp_path: Path) -> None:
    config = override(read(tmp_path, LEAST), source=VideoSource(path="a.mp4"), recipe="other")
    assert config.source == VideoSource(path="a.mp4")
    assert config.scoring.recipe == "other"


LINE_KEYS = "slots, overflow, deadline_ms, hang_s, max_megapixels, overlay_fps, preview_fps"
SECTIONS = "source, scoring, station, trigger, line, wire, plc, store, viewer"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        # unknown
        ("lines: {}", f"lines is {{}}, but there is no such key (did you mean line?); allowed: {SECTIONS}"),
        ("line: {slot: 3}", f"line.slot is 3, but there is no such key (did you mean slots?); allowed: {LINE_KEYS}"),
        ("line: {over flow: a b}", "line.over flow is a b, but there is no such key (did you mean overflow?)"),
        ("line: {1: 2}", "line.1 is 2, but there is no such key; allowed: slots"),
        ("plc: {type: console, port: 1}", "plc.port is 1, but there is no such key; allowed: type, start, accept_rep"),
        # of the wrong kind
        ("line: {slots: two}", "line.slots is two; allowed: a whole number, at least 2 and at most 256"),
        ("line: {slots: 2.5}", "line.slots is 2.5; allowed: a whole number, at least 2 and at most 256"),
        ("line: {slots: true}", "line.slots is true; allowed: a whole number"),
        ("line: {overlay_fps: fast}", "line.overlay_fps is fast; allowed: a number, at least 0"),
        ("viewer: {start: 1}", "viewer.start is 1; allowed: true or false"),
        ("viewer: {host: null}", "viewer.host is null; allowed: text"),
        ("station: {log_folder: 3}", "station.log_folder is 3; allowed: text, or null"),
        ("wire: {wait_for: bridge}", "wire.wait_for is bridge; allowed: a list of: bridge, viewer"),
        ("store: {passes: 2}", "store.passes is 2; allowed: a number, at least 0 and at most 1"),
        ("store: 3", "store is 3; allowed: a section with the keys start, folder, log_days, log_mb, evidence_days, "),
        ("line: 3", f"line is 3; allowed: a section with the keys {LINE_KEYS}"),
        ("line:", f"line is null; allowed: a section with the keys {LINE_KEYS}"),
        (
            "plc: null",
            "plc is null; allowed: a section with the key type (console, modbus, modbus_server, opcua, null) and those "
            "of that type",
        ),
        # out of range
        ("line: {slots: 1}", "line.slots is 1; allowed: a whole number, at least 2 and at most 256"),
        ("line: {slots: 257}", "line.slots is 257; allowed: a whole number, at least 2 and at most 256"),
        ("line: {deadline_ms: 0}", "line.deadline_ms is 0; allowed: a number, above 0, or null"),
        ("line: {deadline_ms: .nan}", "line.deadline_ms is .nan; allowed: a number, above 0, or null"),
        ("line: {overflow: drop}", "line.overflow is drop; allowed: block, drop_oldest, drop_newest, or null"),
        ("wire: {wait_for: [viewer, plc]}", "wire.wait_for[1] is plc; allowed: bridge, viewer"),
        ("station: {name: line 1}", "station.name is line 1; allowed: 1 to 32 letters, digits, _ or -"),
        # a type that there is not
        ("plc: {type: s7}", "plc.type is s7; allowed: console, modbus, modbus_server, opcua, null"),
        ("trigger: {type: magic}", "trigger.type is magic; allowed: every_frame, hardware, software, presence"),
        # what no single key can say
        ("wire: {verdicts: localhost}", "wire.verdicts is 'localhost'; allowed: tcp://HOST:PORT (1 to 65535) or ipc:"),
        ("wire: {recovery: 'tcp://127.0.0.1:65536'}", "wire.recovery is 'tcp://127.0.0.1:65536'; allowed: tcp://HOST"),
        ("wire: {verdicts: 'tcp://0.0.0.0:5550'}", "wire.verdicts is 'tcp://0.0.0.0:5550', open to the network and"),
        ("wire: {overlays: 'tcp://*:5552'}", "wire.overlays is 'tcp://*:5552', open to the network and unencrypted"),
        ("viewer: {host: 0.0.0.0}", "viewer.host is '0.0.0.0', open to the network; use 127.0.0.1, or set viewer.v"),
        (
            "viewer: {view_token: short}",
            "viewer.view_token is short; allowed: 12 to 128 characters without spaces, or nu",
        ),
        (
            "viewer: {view_token: the-same-twice, engineer_token: the-same-twice}",
            "viewer.view_token and viewer.engineer_token are the same",
        ),
        ("viewer: {shifts: ['6:00']}", "viewer.shifts[0] is '6:00'; allowed: a time of day such as 06:00"),
        # YAML itself
        ("line: [", ", line 3: expected the node content, but found '<stream end>'"),
        ("line: {slots: 3, slots: 4}", ", line 3: slots is given twice"),
        ("scoring: {recipe: other}", ", line 3: scoring is given twice"),
    ],
)
def test_a_wrong_key_is_named_with_its_value_and_what_is_allowed(tmp_path: Path, text: str, told: str) -> None:
    assert complaint(tmp_path, LEAST + text).startswith(told)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", f"the file is null; allowed: a section with the keys {SECTIONS}"),
        ("- a", "the file is [a]; allowed: a section with the keys"),
        ("scoring: {recipe: a}", "source is missing; allowed: a section with the key type (camera, rtsp, genicam, pyl"),
        ("source: {type: folder, path: a}", "scoring is missing; allowed: a section with the keys recipe, device"),
        ("source: {path: a}", "source.type is missing; allowed: camera, rtsp, genicam, pylon, gige, vid"),
        (
            "source: {type: foldr, path: a}",
            "source.type is foldr; allowed: camera, rtsp, genicam, pylon, gige, vid",
        ),
        ("source: {type: 3, path: a}", "source.type is 3; allowed: camera, rtsp, genicam, pylon, gige, vid"),
        ("source: {type: folder}", "source.path is missing; allowed: text"),
        ("source: {type: folder, path: a, speed: 2}", "source.speed is 2, but there is no such key; allowed: type, pa"),
        ("source: {type: camera, device: 1.5}", "source.device is 1.5; allowed: a whole number, or text"),
        ("source: {type: camera, pixel_format: JPG}", "source.pixel_format is JPG; allowed: four letters, such as MJ"),
        ("source: {type: video, path: a, speed: -1}", "source.speed is -1; allowed: a number, at least 0"),
        ("source: {type: rtsp, url: http://a}", "source.url is http://a; allowed: rtsp://HOST/…"),
        (
            "source: {type: rtsp, url: rtsp://a, timeout_s: 9}",
            "source.timeout_s is 9; allowed: a number, above 0 an",
        ),
        (
            "source: {type: pylon, exposure: 9}",
            "source.exposure is 9, but there is no such key (did you mean exp",
        ),
        ("source: {type: gige}", "source.address is missing; allowed: text"),
        (
            "source: {type: pylon, interface: gige}",
            "source.address is null; interface: gige needs the came",
        ),
        ("source: {type: pylon, trigger: Software}", "source.trigger is Software, but nothing here sends"),
        ("source: {type: pylon, pictures: a}", "source.pictures is a; only interface: emulation shows pictures"),
        ("source: a.mp4", "source is a.mp4; allowed: a section with the key type (camera, rtsp, genicam, pylon, gige"),
    ],
)
def test_a_wrong_or_missing_section_is_named(tmp_path: Path, text: str, told: str) -> None:
    rest = "" if "scoring" in text or "source" not in text or "folder, path: a}" in text else "\nscoring: {recipe: a}"
    assert complaint(tmp_path, text + rest).startswith(told)


def test_a_long_value_is_cut(tmp_path: Path) -> None:
    told = complaint(tmp_path, LEAST + f"viewer: {{port: {'x' * 500}}}")
    assert told == f"viewer.port is {'x' * 57}...; allowed: a whole number, at least 1 and at most 65535"


def test_open_to_the_network_must_be_written_out(tmp_path: Path) -> None:
    config = read(
        tmp_path,
        LEAST + "wire: {verdicts: 'tcp://0.0.0.0:5550', insecure: true}\n"
        "viewer: {host: 0.0.0.0, view_token: open-sesame-123}",
    )
    assert config.wire.insecure
    assert config.viewer.view_token == "open-sesame-123"


def test_the_configuration_is_told_without_its_tokens(tmp_path: Path) -> None:
    told = as_json(read(tmp_path, LEAST + "viewer: {view_token: open-sesame-123}"))
    assert "sesame" not in told
    assert '"view_token":"set","engineer_token":null' in told


@pytest.mark.parametrize("url", ["rtsp://bob:sesame@cam/1", "rtsp://bob:ses@me@cam/1", "rtsp://:sesame@cam/1"])
def test_the_configuration_is_told_without_its_passwords(tmp_path: Path, url: str) -> None:
    plc = "plc: {type: opcua, url: 'opc.tcp://plc:4840', user: bob, password: sesame, delay_ms: 2000, width_ms: 200}"
    line = "line: {deadline_ms: 100}"
    told = as_json(read(tmp_path, f"source: {{type: rtsp, url: '{url}'}}\nscoring: {{recipe: bank}}\n{plc}\n{line}"))
    assert "same" not in told
    assert "me@" not in told
    assert ":***@cam/1" in told
    assert '"password":"set"' in told


def test_every_key_is_named_in_the_file_that_the_project_brings() -> None:
    text = (Path(__file__).parents[1] / "config.yaml").read_text(encoding="utf-8")
    told = set(re.findall(r"\w+", text))
    sections = [member for field in msgspec.structs.fields(Config) for member in get_args(field.type) or (field.type,)]
    keys = {key for section in sections if hasattr(section, "__struct_fields__") for key in section.__struct_fields__}
    assert len(keys) > 80
    assert not keys - told


def test_with_keys_the_wire_may_be_open_to_the_network(tmp_path: Path) -> None:
    config = read(tmp_path, LEAST + "wire: {verdicts: 'tcp://0.0.0.0:5550', keys: keys}")
    assert config.wire.keys == str(tmp_path / "keys")
    assert not config.wire.insecure


def test_a_file_that_is_not_there_or_not_text_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no configuration at .*none\.yaml; give one with -c FILE"):
        load(tmp_path / "none.yaml")
    (tmp_path / "a.yaml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ConfigError, match=r"cannot read .*a\.yaml"):
        load(tmp_path / "a.yaml")
    with pytest.raises(ConfigError, match="cannot read"):
        load(tmp_path)


@pytest.mark.parametrize("place", ["127.0.0.1", "127.8.8.8", "localhost", "tcp://127.0.0.1:1", "::1", "ipc:///tmp/a"])
def test_loopback_is_told_apart(place: str) -> None:
    assert is_loopback(place)


@pytest.mark.parametrize("place", ["0.0.0.0", "tcp://*:1", "10.0.0.1", "camera.example", "tcp://localhost.example:1"])
def test_what_others_can_reach_is_not_loopback(place: str) -> None:
    assert not is_loopback(place)
