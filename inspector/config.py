"""config.yaml: one frozen struct per section, and the strict loader.

An unknown, missing or wrong key is an error that names its dotted path, its value and what is allowed.
Each worker gets only its own section; no dict is passed around.
"""

import difflib
import ipaddress
import re
import types
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec
import yaml

from inspector.errors import ConfigError

Overflow: TypeAlias = Literal["block", "drop_oldest", "drop_newest"]
Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Runtime: TypeAlias = Literal["auto", "openvino", "torch"]

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
Positive: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]
NotNegative: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]
Port: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Name: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$")]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the configuration: immutable, its keys checked."""


class StationConfig(Section, frozen=True, kw_only=True):
    """Who this is, and where its log goes."""

    name: Name = "line1"
    log_folder: str | None = "logs"
    """Rotating log files go here; null logs to the console only."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"


class CameraSource(Section, frozen=True, kw_only=True, tag_field="type", tag="camera"):
    """A USB or V4L2 camera through OpenCV. What is null stays as the camera has it."""

    device: int | str = 0
    """Index, or a path such as /dev/video0."""
    width: Count | None = None
    height: Count | None = None
    fps: Positive | None = None
    exposure: float | None = None
    """In the driver's own unit."""
    gain: float | None = None
    """In the driver's own unit."""
    pixel_format: Annotated[str, msgspec.Meta(pattern=r"^.{4}$")] | None = None
    """FourCC, such as MJPG."""


class VideoSource(Section, frozen=True, kw_only=True, tag_field="type", tag="video"):
    """A video file."""

    path: str
    speed: NotNegative = 1.0
    """1: in real time; 2: twice as fast; 0: as fast as it can be judged."""
    loop: bool = False


class FolderSource(Section, frozen=True, kw_only=True, tag_field="type", tag="folder"):
    """Pictures in a folder and its subfolders, in the order of their names."""

    path: str
    fps: NotNegative = 0.0
    """Pictures per second; 0: as fast as they can be judged."""
    loop: bool = False


class RecordingSource(Section, frozen=True, kw_only=True, tag_field="type", tag="recording"):
    """A recording: index.jsonl and frames/, with their times."""

    path: str
    speed: NotNegative = 1.0
    """1: in real time; 2: twice as fast; 0: as fast as it can be judged."""
    loop: bool = False


SourceConfig: TypeAlias = CameraSource | VideoSource | FolderSource | RecordingSource


class EveryFrame(Section, frozen=True, kw_only=True, tag_field="type", tag="every_frame"):
    """Each frame is a part: triggered cameras, folders, recordings."""


TriggerConfig: TypeAlias = EveryFrame


class ScoringConfig(Section, frozen=True, kw_only=True):
    """Which recipe judges, and on what."""

    recipe: str
    device: Device = "auto"
    """auto: CUDA where there is one, else the CPU."""
    runtime: Runtime = "auto"
    """auto: OpenVINO on the CPU, torch on CUDA."""
    threads: Annotated[int, msgspec.Meta(ge=0)] = 0
    """CPU threads of the scorer; 0: one per physical core."""


class LineConfig(Section, frozen=True, kw_only=True):
    """The streaming core."""

    slots: Annotated[int, msgspec.Meta(ge=2, le=256)] = 8
    """Places in the ring between capture and scoring."""
    overflow: Overflow | None = None
    """When the ring is full; null: block for files, drop_oldest for cameras."""
    deadline_ms: Positive | None = None
    """A verdict not out by then, counted from the arrival, is `not_inspected: late`. Not enforced at speed 0."""
    max_megapixels: Positive = 25.0
    """Largest part that a recipe with any_size takes."""
    overlay_fps: NotNegative = 30.0
    """At most so many pictures of parts a second go to the viewers; 0: none."""
    preview_fps: NotNegative = 15.0
    """At most so many previews a second between parts; 0: none."""


class WireConfig(Section, frozen=True, kw_only=True):
    """Where the station is heard. Loopback, unless keys are configured or `insecure: true` is written out."""

    verdicts: str = "tcp://127.0.0.1:5550"
    recovery: str = "tcp://127.0.0.1:5551"
    overlays: str = "tcp://127.0.0.1:5552"
    insecure: bool = False
    wait_for: tuple[Literal["bridge", "viewer"], ...] = ()
    """The first part is taken only once these have subscribed, or wait_s is over."""
    wait_s: NotNegative = 10.0


class ConsolePlc(Section, frozen=True, kw_only=True, tag_field="type", tag="console"):
    """No PLC: the bridge shows its reject signal on the console."""

    start: bool = True
    """`inspector run` starts the bridge."""
    accept_replay: bool = False
    """Act on verdicts of recorded footage too."""
    timeout_ms: Positive = 1000.0
    """Silence longer than this is a fault."""


class NoPlc(Section, frozen=True, kw_only=True, tag_field="type", tag="null"):
    """No bridge."""


PlcConfig: TypeAlias = ConsolePlc | NoPlc


class ViewerConfig(Section, frozen=True, kw_only=True):
    """The web page."""

    start: bool = True
    """`inspector run` starts it."""
    host: str = "127.0.0.1"
    port: Port = 8000
    insecure: bool = False
    """Must be true to listen on anything but loopback."""


class Config(Section, frozen=True, kw_only=True):
    """The whole of config.yaml."""

    source: SourceConfig
    scoring: ScoringConfig
    station: StationConfig = StationConfig()
    trigger: TriggerConfig = EveryFrame()
    line: LineConfig = LineConfig()
    wire: WireConfig = WireConfig()
    plc: PlcConfig = NoPlc()
    viewer: ViewerConfig = ViewerConfig()


def load(path: Path) -> Config:
    """The configuration in a file; relative paths in it are taken from the file's folder.

    Raises ConfigError, naming the file, the key's dotted path, its value and what is allowed.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise ConfigError(f"no configuration at {path}; give one with -c FILE") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read {path}: {error}") from error
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    try:
        return _rooted(_checked(_parse(document)), path.resolve().parent)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint (`tcp://host:port`, `ipc://…`) or a host can be reached from this machine only."""
    url = urlsplit(endpoint if "://" in endpoint else f"tcp://{endpoint}")
    if url.scheme in ("ipc", "inproc"):
        return True
    try:
        return ipaddress.ip_address(url.hostname or "").is_loopback
    except ValueError:
        return url.hostname == "localhost"


def _checked(config: Config) -> Config:
    """What no single key can say."""
    for key in ("verdicts", "recovery", "overlays"):
        endpoint: str = getattr(config.wire, key)
        if not re.fullmatch(r"(tcp://[^:/]+:\d{1,5})|(ipc://.+)", endpoint):
            raise ConfigError(f"wire.{key} is {endpoint!r}; allowed is tcp://HOST:PORT or ipc://PATH")
        if not (is_loopback(endpoint) or config.wire.insecure):
            raise ConfigError(f"wire.{key} is {endpoint!r}, open to the network and unencrypted; "
                              "bind to 127.0.0.1, or write out wire.insecure: true")  # fmt: skip
    if not (is_loopback(config.viewer.host) or config.viewer.insecure):
        raise ConfigError(f"viewer.host is {config.viewer.host!r}, open to the network; "
                          "use 127.0.0.1, or write out viewer.insecure: true")  # fmt: skip
    return config


def _rooted(config: Config, root: Path) -> Config:
    """The same with its relative paths taken from `root`."""
    replace = msgspec.structs.replace
    source, station = config.source, config.station
    if not isinstance(source, CameraSource):
        source = replace(source, path=str(root / source.path))
    if station.log_folder is not None:
        station = replace(station, log_folder=str(root / station.log_folder))
    scoring = replace(config.scoring, recipe=str(root / config.scoring.recipe))
    return replace(config, source=source, station=station, scoring=scoring)


def _parse(document: Any) -> Config:
    """Turn msgspec's error into one that names the key's dotted path, its value and what is allowed."""
    if isinstance(document, dict) and isinstance(plc := document.get("plc"), dict) and plc.get("type", "") is None:
        document = {**document, "plc": {**plc, "type": "null"}}  # YAML reads a bare null as nothing
    try:
        return msgspec.convert(document, Config)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        keys = [key for key in re.split(r"[.\[\]`]+", place) if key and key != "..."]
        raise ConfigError(_explain(text, keys, document)) from None


def _explain(text: str, keys: list[str], document: Any) -> str:
    kind, value = _at(keys, document)
    named = re.search(r"field `(\w+)`", text)
    if named and "unknown" in text:
        allowed = [f.name for f in msgspec.structs.fields(kind)] if kind else []
        near = difflib.get_close_matches(named[1], allowed, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        shown = value.get(named[1]) if isinstance(value, dict) else value
        return (
            f"{'.'.join([*keys, named[1]])} is {shown!r}, but there is no such key{hint}; allowed: {_listed(allowed)}"
        )
    if named and "missing" in text:
        return f"{'.'.join([*keys, named[1]])} is missing"
    if keys and keys[-1] == "type":
        return f"{'.'.join(keys)} is {value!r}; allowed: {_listed(_tags(_at(keys[:-1], document, whole=True)[0]))}"
    where = ".".join(keys) or "the file"
    allowed_values = get_args(kind) if get_origin(kind) is Literal else ()
    told = f"allowed: {_listed(map(str, allowed_values))}" if allowed_values else text[:1].lower() + text[1:]
    return f"{where} is {value!r}; {told}"


def _at(keys: list[str], document: Any, whole: bool = False) -> tuple[Any, Any]:
    """The declared type and the value at a dotted path; with `whole` a union as such, not the member its tag names."""
    kind: Any = Config
    value = document
    for key in keys:
        kind = get_type_hints(kind).get(key) if isinstance(kind, type) and issubclass(kind, Section) else None
        if isinstance(value, list) and key.isdigit():
            value = value[int(key)]
        else:
            value = value.get(key) if isinstance(value, dict) else None
        if not whole or key != keys[-1]:
            kind = _chosen(kind, value)
    return kind, value


def _chosen(kind: Any, value: Any) -> Any:
    """The member of a union that the value's `type:` names; anything else unchanged."""
    if get_origin(kind) not in (Union, types.UnionType):
        return kind
    members = [member for member in get_args(kind) if member is not type(None)]
    if len(members) == 1:
        return members[0]
    tag = value.get("type") if isinstance(value, dict) else None
    return next((m for m in members if getattr(getattr(m, "__struct_config__", None), "tag", None) == tag), None)


def _tags(kind: Any) -> list[str]:
    members = get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)
    return [str(member.__struct_config__.tag) for member in members]


def _listed(names: Any) -> str:
    return ", ".join(names)
