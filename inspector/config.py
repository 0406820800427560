"""config.yaml: one frozen struct per section, and the strict loader.

An unknown, missing or wrong key is an error that names its dotted path, its value and what is allowed.
Each worker gets only its own section; no dict is passed around.
"""

import difflib
import ipaddress
import re
import types
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeAlias, Union, get_args, get_origin, get_type_hints
from urllib.parse import urlsplit

import msgspec
import yaml

from inspector.errors import ConfigError

Overflow: TypeAlias = Literal["block", "drop_oldest", "drop_newest"]
Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Runtime: TypeAlias = Literal["auto", "openvino", "torch"]

Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1)]
Natural: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
Positive: TypeAlias = Annotated[float, msgspec.Meta(gt=0)]
NotNegative: TypeAlias = Annotated[float, msgspec.Meta(ge=0)]
Port: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=65535)]
Name: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1,32}$", description="1 to 32 letters, digits, _ or -")
]
Token: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^[!-~]{12,128}$", description="12 to 128 characters without spaces")
]
Clock: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", description="a time of day such as 06:00")
]
RtspUrl: TypeAlias = Annotated[
    str, msgspec.Meta(pattern=r"^rtsps?://[^/]+", description="rtsp://HOST/…, as the camera's page or manual gives it")
]
FourCC: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^[ -~]{4}$", description="four letters, such as MJPG")]


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of the configuration: immutable, its keys checked."""


class StationConfig(Section, frozen=True, kw_only=True):
    """Who this is, and where its log goes."""

    name: Name = "line1"
    log_folder: str | None = "logs"
    """Rotating log files go here; null logs to the console only."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    state_folder: str = "state"
    """Recipe versions made by commands at the line are kept here over restarts, in a folder of the station's name."""


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
    pixel_format: FourCC | None = None
    """Such as MJPG."""
    timeout_s: Positive = 2.0
    """A camera silent for so long is lost, and opened anew."""


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


class RtspSource(Section, frozen=True, kw_only=True, tag_field="type", tag="rtsp"):
    """A network camera's stream, through PyAV; what it shows is set in the camera itself."""

    url: RtspUrl
    transport: Literal["tcp", "udp"] = "tcp"
    """udp is a little quicker, and loses pictures on a busy network."""
    timeout_s: Annotated[float, msgspec.Meta(gt=0, le=2.5)] = 2.0
    """A stream silent for so long is lost, and opened anew; a stop waits as long for it."""


class GenicamSettings(Section, frozen=True, kw_only=True):
    """What GenICam cameras have in common. What is null stays as the camera has it."""

    pixel_format: str | None = None
    """Such as Mono8, BayerRG8, BGR8; the camera's own names."""
    width: Count | None = None
    height: Count | None = None
    offset_x: Natural | None = None
    offset_y: Natural | None = None
    exposure_us: Positive | None = None
    """In microseconds; ends its automatic exposure."""
    gain: float | None = None
    """In dB, or in the unit of older cameras; ends its automatic gain."""
    fps: Positive | None = None
    trigger: str | None = None
    """What makes it take a picture: free (it runs by itself), or an input by the camera's own name, such as Line1."""
    packet_size: Annotated[int, msgspec.Meta(ge=220, le=16384)] | None = None
    """Of a GigE camera, in bytes; with jumbo frames 8192 or so."""
    timeout_s: Positive = 2.0
    """A camera that runs free and is silent for so long is lost, and opened anew."""


class GenicamSource(GenicamSettings, frozen=True, kw_only=True, tag_field="type", tag="genicam"):
    """A camera behind its maker's GenTL producer, through harvesters. Not for GigE: listing those broadcasts."""

    producer: str
    """The .cti file that the maker's software brought."""
    device: str | None = None
    """Its id, serial number or user-defined name; null: the only one there is."""


class PylonSource(GenicamSettings, frozen=True, kw_only=True, tag_field="type", tag="pylon"):
    """A Basler camera, through pypylon."""

    interface: Literal["usb", "gige", "emulation"] = "usb"
    serial: str | None = None
    """Of a USB camera; null: the first one."""
    address: str | None = None
    """Of a GigE camera, such as 192.168.1.20; it is opened there, never looked for."""
    pictures: str | None = None
    """The emulation shows the pictures in this folder; null: its test picture."""


class GigeSource(GenicamSettings, frozen=True, kw_only=True, tag_field="type", tag="gige"):
    """A GigE Vision camera of any maker, through Aravis, opened at its address and never looked for."""

    address: str
    """Such as 192.168.1.20."""


SourceConfig: TypeAlias = (
    CameraSource | RtspSource | GenicamSource | PylonSource | GigeSource | VideoSource | FolderSource | RecordingSource
)
LiveConfig: TypeAlias = CameraSource | RtspSource | GenicamSource | PylonSource | GigeSource
CAMERAS: Final = tuple(str(section.__struct_config__.tag) for section in get_args(LiveConfig))


class EveryFrame(Section, frozen=True, kw_only=True, tag_field="type", tag="every_frame"):
    """Each frame is a part: triggered cameras, folders, recordings."""


class HardwareTrigger(Section, frozen=True, kw_only=True, tag_field="type", tag="hardware"):
    """The line triggers the camera: each frame is a part, and what the camera's counter skips are missed parts."""


class SoftwareTrigger(Section, frozen=True, kw_only=True, tag_field="type", tag="software"):
    """A command on the wire asks for a picture of one part, by its id: the first taken after the request."""

    timeout_ms: Positive = 1000.0
    """A request that no picture answers for so long is `not_inspected: missed`."""


Pixels: TypeAlias = Annotated[int, msgspec.Meta(ge=8, le=20_000)]


class PresenceTrigger(Section, frozen=True, kw_only=True, tag_field="type", tag="presence"):
    """Free-running footage of a belt: each part is judged once, as it passes the trigger line. See docs/triggers.md."""

    line: NotNegative
    """Where along the belt, in pixels from the left edge (travel: vertical: from the top)."""
    part: tuple[Pixels, Pixels]
    """Width and height of a usual part, in pixels; what is far from it in size is no part."""
    travel: Literal["horizontal", "vertical"] = "horizontal"
    """How parts move in the picture; left or right, up or down is all the same."""
    looks: Literal["brighter", "darker", "different"] = "different"
    """Parts are brighter than all behind them, or darker: the belt need never be seen empty. Or only different:
    then each place of the belt must be empty more than half of the time, and all of it at the start."""
    contrast: Annotated[int, msgspec.Meta(ge=3, le=128)] = 25
    """Levels (of 255) in a colour by which a part differs at least from what is behind it."""
    margin: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.125
    """What is cut out around a part, on each side, in part widths and heights."""
    behind: Literal["keep", "grey"] = "keep"
    """What is seen behind and beside a part: kept as it is, or grey, so that only the part is judged."""


TriggerConfig: TypeAlias = EveryFrame | HardwareTrigger | SoftwareTrigger | PresenceTrigger


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
    hang_s: Positive = 5.0
    """A scorer that has not come back from a part by then hangs: the station ends with exit code 70, to start again."""
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
    commands: str = "tcp://127.0.0.1:5553"
    evidence: str = "tcp://127.0.0.1:5554"
    bridge: str = "tcp://127.0.0.1:5555"
    """The bridge's own heartbeat; the bridge binds it, not the station."""
    keys: str | None = None
    """Folder of the keys of `inspector keys`; null: neither encrypted nor authenticated."""
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


class PlcRecipe(Section, frozen=True, kw_only=True):
    """A recipe that the PLC may ask for by its number."""

    number: Annotated[int, msgspec.Meta(ge=1, le=65534)]
    folder: str
    id: str | None = None
    """The version that may pass; null: any version of that folder's."""


class TrackedPlc(Section, frozen=True, kw_only=True):
    """What all PLC protocols have in common: docs/plc.md.

    The ejector is `delay` behind the camera: in milliseconds where the belt always runs at one speed, else in encoder
    counts.
    """

    start: bool = True
    """`inspector run` starts the bridge."""
    accept_replay: bool = False
    """Act on verdicts of recorded footage too."""
    timeout_ms: Positive = 600.0
    """Silence of the station longer than this is a fault."""
    actuate: Literal["permit", "pulse"] = "permit"
    """permit: nothing passes without one; pulse: a reject pulse, safe only with a PLC that watches the heartbeat."""
    delay_ms: Positive | None = None
    width_ms: Positive | None = None
    """A part's window at the ejector; parts come further apart than this."""
    delay_counts: Count | None = None
    width_counts: Count | None = None
    fastest_counts_per_s: Positive | None = None
    """With delay_counts: the belt never runs faster."""
    scan_ms: NotNegative = 10.0
    """The PLC's cycle: its position register may be so old."""
    sample_ms: Positive = 20.0
    """How often the position is read."""
    write_ms: Positive = 100.0
    """A PLC that has not answered by then does not answer."""
    heartbeat_ms: Positive = 50.0
    """How often the bridge's heartbeat changes."""
    plc_timeout_ms: Positive = 500.0
    """A PLC heartbeat that has not changed for so long is a fault."""
    clock_tolerance_ms: Positive = 10.0
    """How far the station's and the bridge's clocks may be apart unnoticed."""
    photo_eye: bool = False
    """Compare the PLC's EYE_COUNT with the parts seen."""
    rejects_in_a_row: Count | None = 10
    """So many raise ALARM 1; null: none does."""
    reject_share: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    """More rejects than this among the last reject_of parts raise ALARM 2; null: none does."""
    reject_of: Count = 100
    recipes: tuple[PlcRecipe, ...] = ()
    """What RECIPE_REQUEST may name. Where any has an id, verdicts by other recipes are rejected."""
    ledger: str | None = "logs/ledger.jsonl"
    """Every decision, in order: what a restarted bridge goes on from; null: it begins anew."""


class ModbusPlc(TrackedPlc, frozen=True, kw_only=True, tag_field="type", tag="modbus"):
    """A PLC that is a Modbus TCP server; the bridge writes into its holding registers."""

    host: str
    port: Port = 502
    unit: Annotated[int, msgspec.Meta(ge=0, le=255)] = 1
    base: Annotated[int, msgspec.Meta(ge=0, le=65000)] = 0
    """The first register of the image."""
    word_order: Literal["high_first", "low_first"] = "high_first"
    """Of values of two registers."""


class ModbusServerPlc(TrackedPlc, frozen=True, kw_only=True, tag_field="type", tag="modbus_server"):
    """A PLC that polls: the bridge is the Modbus TCP server."""

    host: str = "127.0.0.1"
    port: Port = 502
    insecure: bool = False
    """Must be true to listen on anything but loopback: Modbus knows no password."""
    base: Annotated[int, msgspec.Meta(ge=0, le=65000)] = 0
    word_order: Literal["high_first", "low_first"] = "high_first"


class OpcUaPlc(TrackedPlc, frozen=True, kw_only=True, tag_field="type", tag="opcua"):
    """A PLC that is an OPC UA server; the bridge writes its variables, one for each field of the image."""

    url: str
    """opc.tcp://HOST:PORT"""
    node: str = "ns=2;s=inspector.{field}"
    """The id of a field's variable."""
    user: str | None = None
    password: str | None = None


PlcConfig: TypeAlias = ConsolePlc | ModbusPlc | ModbusServerPlc | OpcUaPlc | NoPlc


class ViewerConfig(Section, frozen=True, kw_only=True):
    """The web page."""

    start: bool = True
    """`inspector run` starts it."""
    host: str = "127.0.0.1"
    port: Port = 8000
    view_token: Token | None = None
    """Asked for before anything is shown; must be set to listen on anything but loopback."""
    engineer_token: Token | None = None
    """Asked for before anything is changed; null: nothing can be changed from the page."""
    shifts: tuple[Clock, ...] = ("06:00", "14:00", "22:00")
    """When a shift begins, by the clock of the viewer's machine: the histogram begins anew."""


class StoreConfig(Section, frozen=True, kw_only=True):
    """The log and the evidence pictures, kept by a process of its own."""

    start: bool = True
    """`inspector run` starts it."""
    folder: str = "store"
    log_days: Positive = 365.0
    """Entries older than this leave the log."""
    log_mb: Positive = 2000.0
    """When the log is larger, its oldest entries leave it."""
    evidence_days: Positive = 90.0
    """Pictures older than this are removed."""
    evidence_mb: Positive = 2000.0
    """When they take more room, the oldest passes are removed, rejects only when no pass is left."""
    free_mb: NotNegative = 1000.0
    """So much of the disk stays free, whatever the other limits allow."""
    passes: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.02
    """Share of the passes whose pictures are kept; those of rejects always are."""


class Config(Section, frozen=True, kw_only=True):
    """The whole of config.yaml."""

    source: SourceConfig
    scoring: ScoringConfig
    station: StationConfig = StationConfig()
    trigger: TriggerConfig = EveryFrame()
    line: LineConfig = LineConfig()
    wire: WireConfig = WireConfig()
    plc: PlcConfig = NoPlc()
    store: StoreConfig | None = None
    """null: no log and no evidence."""
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
        document = yaml.load(text, _UniqueKeys)
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ConfigError(f"{path}{line}: {error.problem}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path} is not YAML: {' '.join(str(error).split())}") from error
    try:
        return _rooted(_checked(_parse(document)), path.resolve().parent)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def override(
    config: Config,
    source: SourceConfig | None = None,
    recipe: str | None = None,
    wire: WireConfig | None = None,
) -> Config:
    """The configuration with another source, recipe (as `--source` and `--recipe` ask for) or wire."""
    replace = msgspec.structs.replace
    if source is not None:
        config = replace(config, source=source)
    if wire is not None:
        config = replace(config, wire=wire)
    if recipe is not None:
        config = replace(config, scoring=replace(config.scoring, recipe=recipe))
    return config


def elsewhere(config: Config, endpoints: Mapping[str, str], name: str | None) -> Config:
    """The configuration of who looks at a station elsewhere: its endpoints, to connect to, and its name.

    Raises ConfigError for a name that is none.
    """
    replace = msgspec.structs.replace
    station = config.station
    if name is not None:
        try:
            station = replace(station, name=msgspec.convert(name, Name))
        except msgspec.ValidationError:
            raise ConfigError(f"the station's name is {name!r}; allowed: {_words(Name)}") from None
    return replace(config, wire=replace(config.wire, **endpoints), station=station)


def source_section(section: Mapping[str, Any]) -> SourceConfig:
    """The source that these keys describe, whose values may be text, as on a command line; raises ConfigError."""
    config = _checked(_parse({"source": dict(section), "scoring": {"recipe": "none"}}, strict=False))
    source = config.source
    if isinstance(source, CameraSource) and str(source.device).isdecimal():
        source = msgspec.structs.replace(source, device=int(source.device))
    return source


def keys_of(source: SourceConfig) -> dict[str, Any]:
    """The `source` section that describes it, without what is as it would be anyway."""
    values = {field.name: (getattr(source, field.name), field.default) for field in msgspec.structs.fields(source)}
    changed = {key: value for key, (value, default) in values.items() if value != default}
    return {"type": source.__struct_config__.tag, **changed}


def yaml_line(key: str, section: Mapping[str, Any]) -> str:
    """A section as it may stand in the file, in one line."""
    text = yaml.safe_dump(dict(section), default_flow_style=True, sort_keys=False, allow_unicode=True, width=10_000)
    return f"{key}: {text.strip()}"


def unpaced(source: SourceConfig) -> SourceConfig:
    """A file read once, as fast as it can be; a camera as it is."""
    replace = msgspec.structs.replace
    if isinstance(source, LiveConfig):
        return source
    if isinstance(source, FolderSource):
        return replace(source, fps=0.0, loop=False)
    return replace(source, speed=0.0, loop=False)


def lossless(config: Config, speed: float) -> Config:
    """The configuration for a replay: footage once, every frame of it, however long judging takes.

    speed: 1 in real time, 2 twice as fast, 0 as fast as it can be judged; of a folder, pictures per second. Raises
    ConfigError for a camera.
    """
    replace = msgspec.structs.replace
    source = unpaced(config.source)
    if isinstance(source, FolderSource):
        source = replace(source, fps=speed)
    elif isinstance(source, VideoSource | RecordingSource):
        source = replace(source, speed=speed)
    else:
        raise ConfigError(f"{source_words(source)} cannot be replayed; give a recording, a video or a folder")
    line = replace(config.line, overflow="block", deadline_ms=None)
    return replace(config, source=source, line=line)


def source_words(source: SourceConfig) -> str:
    """The source in a few words."""
    match source:
        case CameraSource():
            return f"camera {source.device}"
        case RtspSource():
            return f"rtsp camera {without_password(source.url)}"
        case GenicamSource():
            return f"genicam camera {source.device or f'of {Path(source.producer).name}'}"
        case PylonSource():
            return f"pylon camera {source.address or source.serial or source.interface}"
        case GigeSource():
            return f"gige camera {source.address}"
        case _:
            return f"{source.__struct_config__.tag} {source.path}"


def without_password(url: str) -> str:
    """A URL that may be shown: `rtsp://user:***@host/…`."""
    return re.sub(r"(?<=://)([^/:@]+):[^/@]*@", r"\1:***@", url)


def as_json(config: Config) -> str:
    """The whole configuration, defaults included, on one line; of a token only whether there is one."""
    tokens = {key: "set" for key in ("view_token", "engineer_token") if getattr(config.viewer, key) is not None}
    viewer = msgspec.structs.replace(config.viewer, **tokens)
    return msgspec.json.encode(msgspec.structs.replace(config, viewer=viewer)).decode()


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint (`tcp://host:port`, `ipc://…`) or a host can be reached from this machine only."""
    bare = f"[{endpoint}]" if endpoint.count(":") > 1 and endpoint[0] != "[" else endpoint  # an IPv6 host
    url = urlsplit(endpoint if "://" in endpoint else f"tcp://{bare}")
    if url.scheme in ("ipc", "inproc"):
        return True
    try:
        return ipaddress.ip_address(url.hostname or "").is_loopback
    except ValueError:
        return url.hostname == "localhost"


def _checked(config: Config) -> Config:
    """What no single key can say."""
    for key in ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge"):
        endpoint: str = getattr(config.wire, key)
        port = re.fullmatch(r"tcp://[^:/]+:(\d{1,5})", endpoint)
        if not (1 <= int(port[1]) <= 65535 if port else re.fullmatch(r"ipc://.+", endpoint)):
            raise ConfigError(f"wire.{key} is {endpoint!r}; allowed: tcp://HOST:PORT (1 to 65535) or ipc://PATH")
        if not (is_loopback(endpoint) or config.wire.keys or config.wire.insecure):
            raise ConfigError(f"wire.{key} is {endpoint!r}, open to the network and unencrypted; "
                              "bind to 127.0.0.1, give wire.keys, or write out wire.insecure: true")  # fmt: skip
    source = config.source
    if isinstance(source, GenicamSettings) and source.trigger == "Software":
        raise ConfigError("source.trigger is Software, but nothing here sends the camera that command; for pictures on "
                          "request: source.trigger: free, and the section trigger: {type: software}")  # fmt: skip
    if isinstance(source, PylonSource) and source.interface == "gige" and source.address is None:
        raise ConfigError("source.address is null; interface: gige needs the camera's address, such as 192.168.1.20")
    if isinstance(source, PylonSource) and source.interface != "emulation" and source.pictures is not None:
        raise ConfigError(f"source.pictures is {source.pictures}; only interface: emulation shows pictures")
    if isinstance(config.plc, TrackedPlc):
        _require_time(config.plc, config.line.deadline_ms)
    if isinstance(config.plc, ModbusServerPlc) and not (is_loopback(config.plc.host) or config.plc.insecure):
        raise ConfigError(f"plc.host is {config.plc.host!r}, open to the network, and Modbus knows no password; "
                          "use 127.0.0.1, or write out plc.insecure: true")  # fmt: skip
    if not (is_loopback(config.viewer.host) or config.viewer.view_token):
        raise ConfigError(f"viewer.host is {config.viewer.host!r}, open to the network; "
                          "use 127.0.0.1, or set viewer.view_token, to be known by all who look")  # fmt: skip
    if config.viewer.view_token and config.viewer.view_token == config.viewer.engineer_token:
        raise ConfigError(
            "viewer.view_token and viewer.engineer_token are the same; who may look could change the line"
        )
    return config


def _require_time(plc: TrackedPlc, deadline_ms: float | None) -> None:
    """Silence must be noticed, and told to the PLC, before what is exposed in it reaches the ejector."""
    by_time, by_counts = (plc.delay_ms, plc.width_ms), (plc.delay_counts, plc.width_counts, plc.fastest_counts_per_s)
    if (None in by_time) == (None in by_counts) or any(by_time) == any(by_counts):
        raise ConfigError("plc needs either delay_ms and width_ms (a belt of one speed), or delay_counts, width_counts "
                          "and fastest_counts_per_s (an encoder), and not both")  # fmt: skip
    per_ms = (plc.fastest_counts_per_s or 1000.0) / 1000
    delay_ms, width_ms = (
        (plc.delay_ms or plc.delay_counts or 0) / per_ms,
        (plc.width_ms or plc.width_counts or 0) / per_ms,
    )
    at_speed = f" ({plc.delay_counts} counts at {plc.fastest_counts_per_s:g} a second)" if plc.delay_counts else ""
    if deadline_ms is None:
        raise ConfigError("line.deadline_ms is null; a PLC's line needs one, so that each verdict comes in time")
    if not plc.timeout_ms + plc.write_ms < delay_ms - deadline_ms:
        raise ConfigError(f"plc.timeout_ms is {plc.timeout_ms:g}, too slow for the line delay: plc.timeout_ms "
                          f"{plc.timeout_ms:g} + plc.write_ms {plc.write_ms:g} = {plc.timeout_ms + plc.write_ms:g} ms "
                          f"must be below the delay {delay_ms:g} ms{at_speed} - line.deadline_ms {deadline_ms:g} = "
                          f"{delay_ms - deadline_ms:g} ms")  # fmt: skip
    if plc.timeout_ms < 300:
        raise ConfigError(f"plc.timeout_ms is {plc.timeout_ms:g}; the station's heartbeat comes every 250 ms: at least "
                          "300 is needed")  # fmt: skip
    doubt_ms = plc.clock_tolerance_ms + plc.scan_ms
    if width_ms / 4 < doubt_ms:
        raise ConfigError(f"the window is {width_ms:g} ms wide, too narrow: a quarter of it must hold "
                          f"plc.clock_tolerance_ms {plc.clock_tolerance_ms:g} + plc.scan_ms {plc.scan_ms:g} = "
                          f"{doubt_ms:g} ms")  # fmt: skip


def _rooted(config: Config, root: Path) -> Config:
    """The same with its relative paths taken from `root`."""
    replace = msgspec.structs.replace
    source, station = config.source, config.station
    match source:
        case VideoSource() | FolderSource() | RecordingSource():
            source = replace(source, path=str(root / source.path))
        case GenicamSource():
            source = replace(source, producer=str(root / source.producer))
        case PylonSource(pictures=str(pictures)):
            source = replace(source, pictures=str(root / pictures))
    if station.log_folder is not None:
        station = replace(station, log_folder=str(root / station.log_folder))
    station = replace(station, state_folder=str(root / station.state_folder))
    scoring = replace(config.scoring, recipe=str(root / config.scoring.recipe))
    wire = config.wire
    if wire.keys is not None:
        wire = replace(wire, keys=str(root / wire.keys))
    store = config.store and replace(config.store, folder=str(root / config.store.folder))
    plc = config.plc
    if isinstance(plc, TrackedPlc):
        recipes = tuple(replace(recipe, folder=str(root / recipe.folder)) for recipe in plc.recipes)
        plc = replace(plc, recipes=recipes, ledger=plc.ledger and str(root / plc.ledger))
    return replace(config, plc=plc, source=source, station=station, scoring=scoring, wire=wire, store=store)


class _UniqueKeys(yaml.SafeLoader):
    """YAML lets the second of two equal keys win in silence; here it is an error. All keys are text."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            name = str(key.value)
            if name in seen:
                raise yaml.MarkedYAMLError(problem=f"{name} is given twice", problem_mark=key.start_mark)
            seen.add(name)
        return {str(key): value for key, value in super().construct_mapping(node, deep).items()}


def _parse(document: Any, strict: bool = True) -> Config:
    """Turn msgspec's error into one that names the key's dotted path, its value and what is allowed."""
    if isinstance(document, dict) and isinstance(plc := document.get("plc"), dict) and plc.get("type", "") is None:
        document = {**document, "plc": {**plc, "type": "null"}}  # YAML reads a bare null as nothing
    try:
        return msgspec.convert(document, Config, strict=strict)
    except msgspec.ValidationError as error:
        text, _, place = str(error).partition(" - at `$")
        raise ConfigError(_explain(text, place.strip(".`"), document)) from None


def _explain(text: str, place: str, document: Any) -> str:
    keys = re.findall(r"[^.\[\]]+", place)
    kind, value = _at(keys, document)
    inner = f"{place}." if place else ""
    if named := re.match(r"Object contains unknown field `(.*)`$", text):
        allowed = _keys(_chosen(kind, value))
        near = difflib.get_close_matches(named[1], allowed, 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        told = f"{inner}{named[1]} is {_shown(value[named[1]])}, but there is no such key{hint}"
        return f"{told}; allowed: {', '.join(allowed)}"
    if named := re.match(r"Object missing required field `(.*)`$", text):
        return f"{inner}{named[1]} is missing; allowed: {_words(_at([*keys, named[1]], document)[0])}"
    return f"{place or 'the file'} is {_shown(value)}; allowed: {_words(kind)}"


def _at(keys: list[str], document: Any) -> tuple[Any, Any]:
    """The declared type and the value at a path."""
    kind: Any = Config
    value = document
    for key in keys:
        if key == "type":
            kind = Literal[tuple(_tags(kind))]
        else:
            kind = _chosen(kind, value)
            kind = get_type_hints(kind, include_extras=True)[key] if _is_section(kind) else get_args(kind)[0]
        value = value[int(key)] if isinstance(value, list) else value.get(key)
    return kind, value


def _chosen(kind: Any, value: Any) -> Any:
    """The member of a union of sections that the value's `type:` names; anything else unchanged."""
    tag = value.get("type") if isinstance(value, dict) else None
    return next((m for m in _members(kind) if _is_section(m) and m.__struct_config__.tag == tag), kind)


def _words(kind: Any) -> str:
    """What a key takes, for people."""
    if get_origin(kind) is Annotated:
        base, meta = get_args(kind)
        if meta.description:
            return str(meta.description)
        bounds = {"at least": meta.ge, "above": meta.gt, "at most": meta.le}
        limits = [f"{word} {limit}" for word, limit in bounds.items() if limit is not None]
        return f"{_words(base)}, {' and '.join(limits)}"
    if get_origin(kind) is Literal:
        return ", ".join(map(str, get_args(kind)))
    if get_origin(kind) is tuple:
        return f"a list of: {_words(get_args(kind)[0])}"
    if _is_section(kind):
        return f"a section with the keys {', '.join(_keys(kind))}"
    members = _members(kind)
    if all(map(_is_section, members)):
        return f"a section with the key type ({', '.join(_tags(kind))}) and those of that type"
    plain = {bool: "true or false", int: "a whole number", float: "a number", str: "text", types.NoneType: "null"}
    return ", or ".join(plain.get(member) or _words(member) for member in members)


def _members(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def _is_section(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Section)


def _keys(section: Any) -> list[str]:
    config = section.__struct_config__
    return [name for name in (config.tag_field, *section.__struct_fields__) if name]


def _tags(kind: Any) -> list[str]:
    return [str(member.__struct_config__.tag) for member in _members(kind)]


def _shown(value: Any) -> str:
    """A value as it might stand in the file, on one line."""
    text = " ".join(yaml.safe_dump(value, default_flow_style=True, allow_unicode=True).removesuffix("...\n").split())
    return text if len(text) <= 60 else f"{text[:57]}..."
