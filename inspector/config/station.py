"""The sections of the station and of the programs beside it."""

from typing import Annotated, Literal, TypeAlias

import msgspec

from inspector.config.plc import NoPlc, PlcConfig
from inspector.config.section import Clock, Name, NotNegative, Port, Positive, Section, Token
from inspector.config.sources import SourceConfig
from inspector.config.triggers import EveryFrame, TriggerConfig

Overflow: TypeAlias = Literal["block", "drop_oldest", "drop_newest"]
Device: TypeAlias = Literal["auto", "cpu", "cuda"]
Runtime: TypeAlias = Literal["auto", "openvino", "torch"]


class StationConfig(Section, frozen=True, kw_only=True):
    """Who this is, and where its log goes."""

    name: Name = "line1"
    log_folder: str | None = "logs"
    """Rotating log files go here; null logs to the console only."""
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    state_folder: str = "state"
    """Recipe versions made by commands at the line are kept here over restarts, in a folder of the station's name."""


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
    """At most so many previews a second: frames of which nothing is a part, or, with a trigger that follows parts, the
    belt. 0: none."""


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
