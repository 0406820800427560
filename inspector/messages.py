"""What flows through the line: frozen messages, from the camera's frame to the verdict on the wire.

Two clocks, never mixed: `arrived_ns` is monotonic (ages and deadlines), `exposed_ns` is Unix time (tracking the part).
An affine `to_source` is float32[2, 3] and maps (x, y, 1) of the thing it belongs to onto pixels of the source's frame.
Pixel coordinates are continuous: the frame's top left corner is (0, 0), the centre of its first pixel (0.5, 0.5).
"""

import math
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Outcome: TypeAlias = Literal["pass", "fail", "not_inspected"]
Reason: TypeAlias = Literal[
    "late", "overrun", "missed", "camera", "stale", "size", "health", "unlocated", "error", "stopped"
]
Mode: TypeAlias = Literal["live", "replay"]
State: TypeAlias = Literal["starting", "ready", "not_ready", "stopping", "ended"]
Level: TypeAlias = Literal["ok", "warning", "fault"]
OperatorMark: TypeAlias = Literal["confirmed", "false_reject"]

Image: TypeAlias = NDArray[np.uint8]
"""uint8[H, W, 3], BGR."""
Affine: TypeAlias = NDArray[np.float32]
"""float32[2, 3]; maps (x, y, 1) to (x, y)."""

Box: TypeAlias = tuple[float, float, float, float]
"""x, y, width, height in pixels."""

PART_ID_LIMIT = 64
"""Longest part id, in characters."""
NAME_LIMIT = 64
"""Longest name of who asks for something, in characters."""
WHY_LIMIT = 400
"""Longest reason given with a command, in characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture from a source."""

    exposed_ns: int
    """Unix time of the exposure: the camera's clock mapped where it has a usable one, else the arrival."""
    arrived_ns: int
    """Monotonic time, taken directly after the driver returned."""
    counter: int
    """The driver's own frame number; gaps in it are lost frames."""
    image: Image
    name: str = ""
    """What the source calls the picture (a file's name in its folder); empty for cameras."""

    def __post_init__(self) -> None:
        self.image.flags.writeable = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """Frames that a source should have given and did not: loss is a value in the stream, not an absence."""

    exposed_ns: int
    arrived_ns: int
    count: int
    reason: Reason
    name: str = ""
    detail: str = ""
    """What happened, in words that are the same each time it happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """A live source has no picture to give, and says so instead: a driver that hangs is told apart from an empty belt.

    It stands for no part and no frame. A source that waits says it about every second.
    """

    arrived_ns: int
    """Monotonic time at which it is said."""
    lost: str = ""
    """Why the source as a whole is lost, in words; it is back with a Frame, or a Silence that gives no reason."""


Seen: TypeAlias = Frame | Missed | Silence
"""What a source gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What one trigger stands for, to be judged from one picture; may be a crop of the frame."""

    seq: int
    """1, 2, 3, … within the run, without gap."""
    part: str
    """The part's id for people and the PLC, at most PART_ID_LIMIT characters; empty when nothing names it."""
    exposed_ns: int
    arrived_ns: int
    image: Image
    to_source: Affine


@dataclass(frozen=True, slots=True, kw_only=True)
class LostPart:
    """A part of which there is no picture to judge."""

    seq: int
    part: str
    exposed_ns: int
    arrived_ns: int
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreMap:
    """How far each patch of a part is from the nearest good patch."""

    seq: int
    patch_scores: NDArray[np.float32]
    """float32[h, w]: Euclidean distance to the nearest bank vector, 0 under the ignore mask."""
    score: float
    """What is compared with the threshold: see inspector.scoring.score."""
    nearest: NDArray[np.int32]
    """int32[h, w]: the row of that bank vector."""
    to_source: Affine
    """Maps the grid (a patch is 1 × 1) onto source pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Defect:
    """A connected region of patches above the threshold: its bounding box in source pixels and its highest score."""

    x: float
    y: float
    width: float
    height: float
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The one judgement of a part. It cannot be built against the rules of the line (docs/wire.md).

    Raises ValueError where an outcome contradicts its score, threshold or reason.
    """

    station: str
    run: str
    mode: Mode
    seq: int
    part: str
    outcome: Outcome
    reason: Reason | None
    """Why the part was not inspected; None for a pass or a fail."""
    score: float | None
    """Finite, or None when not inspected; never NaN."""
    threshold: float
    recipe: str
    """The id of the recipe version in force when the part was taken."""
    exposed_ns: int
    latency_ms: float
    """From arrival to the moment before sending."""
    stages_ms: dict[str, float]
    defects: tuple[Defect, ...] = ()

    def __post_init__(self) -> None:
        if self.seq < 1:
            raise ValueError(f"seq is {self.seq}; the first part is 1")
        if len(self.part) > PART_ID_LIMIT:
            raise ValueError(f"part id of {len(self.part)} characters; at most {PART_ID_LIMIT} are allowed")
        if self.outcome == "not_inspected":
            if self.reason is None or self.score is not None:
                raise ValueError("a part that was not inspected has a reason and no score")
            return
        if self.reason is not None or self.score is None or not math.isfinite(self.score):
            raise ValueError(f"a {self.outcome} has a finite score and no reason, not {self.score} and {self.reason}")
        if (self.outcome == "pass") != (self.score <= self.threshold):
            raise ValueError(f"{self.outcome} contradicts score {self.score} at threshold {self.threshold}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A picture for people: the part (or, between parts, the newest frame), its score map and its defects' outlines."""

    kind: Literal["part", "preview"]
    station: str
    run: str
    seq: int | None
    part: str
    outcome: Outcome | None
    score: float | None
    threshold: float
    outlines: tuple[tuple[tuple[float, float], ...], ...]
    """Closed polygons around the defects, in source pixels."""
    picture_size: tuple[int, int]
    """Width and height of the JPEG."""
    picture_to_source: tuple[float, ...]
    """Six numbers, row by row: maps the JPEG's pixels onto source pixels."""
    map_size: tuple[int, int]
    """Width and height of the score map; (0, 0) without one."""
    map_to_source: tuple[float, ...]
    """Six numbers, row by row: maps the score map's grid onto source pixels."""
    jpeg: bytes
    score_map: bytes
    """uint8, row by row: 128 stands for the threshold, 255 for twice the threshold and above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The heartbeat: what makes silence, a lost last verdict and parts taken but never published show."""

    station: str
    run: str
    mode: Mode
    now_ns: int
    """Unix time, for comparing clocks."""
    taken: int
    """Parts that got a seq so far; the newest seq."""
    published: int
    """Verdicts sent so far; the newest seq sent."""
    state: State
    reasons: tuple[str, ...]
    """Why the state is what it is, in words; when ready, what maintenance should know, usually nothing."""
    counts: dict[str, int]
    """Verdicts by outcome, those not inspected by reason (`not_inspected.late`), and other counted events."""
    queues: dict[str, int]
    """How full the ring and the open parts are."""
    log_head: str = ""
    """Head of the log's hash chain; empty without a store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something worth knowing that is not a verdict: a change of recipe, threshold or state, a late score, a mark."""

    station: str
    run: str
    mode: Mode
    now_ns: int
    kind: str
    seq: int | None = None
    detail: str = ""
    """For people."""
    facts: dict[str, str] = field(default_factory=dict)
    """The same for programs: of a command its kind, its fields and, of a change, what was before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BridgeHealth:
    """The bridge's own heartbeat: what stands between the verdicts and the ejector, and how it is."""

    station: str
    now_ns: int
    """Unix time."""
    level: Level
    """ok: the PLC takes decisions; warning: it does, but look; fault: it does not, and every part is rejected."""
    reading: str
    """The state in a line engineer's words: what it drives, what it waits for, what is wrong."""
    counts: dict[str, int]
    """Decisions by name (`accepted`, `rejected.<cause>`), and other counted events."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What there is to see of a judged part, to be kept: rejects, and a sampled share of passes."""

    verdict: Verdict
    """As published."""
    overlay: Overlay
    """The part, its score map, its outlines."""
    nearest: bytes = b""
    """JPEG: the good patch nearest to this part's worst patch, with its surroundings; empty when there is none."""
    nearest_picture: str = ""
    """The good picture it was cut from, by its name in the recipe."""
    nearest_box: Box | None = None
    """Where in that picture, which is as the network saw it."""
    suspect_box: Box | None = None
    """The worst patch of this part with its surroundings, in source pixels: what `nearest` is to be held beside."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What every command says: which station, who asks and why."""

    station: str
    by: str
    """A person's name, or the program's: plc, store."""
    why: str = ""

    def __post_init__(self) -> None:
        if not 1 <= len(self.by) <= NAME_LIMIT:
            raise ValueError(f"by has {len(self.by)} characters; allowed: 1 to {NAME_LIMIT}")
        if len(self.why) > WHY_LIMIT:
            raise ValueError(f"why has {len(self.why)} characters; at most {WHY_LIMIT} are allowed")


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerPart(_Asked):
    """A part is there now: take its picture. For the software trigger."""

    part: str = ""

    def __post_init__(self) -> None:
        _Asked.__post_init__(self)
        if len(self.part) > PART_ID_LIMIT:
            raise ValueError(f"part id of {len(self.part)} characters; at most {PART_ID_LIMIT} are allowed")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThreshold(_Asked):
    """Judge by another threshold from the next part on: a new version of the recipe."""

    value: float

    def __post_init__(self) -> None:
        _Asked.__post_init__(self)
        if not (math.isfinite(self.value) and self.value > 0):
            raise ValueError(f"threshold {self.value}; allowed: a finite number above 0")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRecipe(_Asked):
    """Judge by another recipe from the next part on."""

    recipe: str
    """A recipe's folder, as the station's machine names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack(_Asked):
    """Undo the last change of threshold or recipe that still stands, from the next part on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(_Asked):
    """Take parts (again)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(_Asked):
    """Take no part until told to start: what passes meanwhile gets no verdict."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark(_Asked):
    """What a person says of a judged part; changes no verdict."""

    run: str
    seq: int
    mark: OperatorMark


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledge(_Asked):
    """Somebody has seen an alarm of a viewer: for the log, changes nothing at the line."""

    source: str
    """What it was about: station, camera, scorer, plc, store, disk or drift."""
    level: str
    """warning or fault."""
    text: str
    """The alarm in words, as it was shown."""
    began_ns: int
    """Since when there was something to see, Unix time."""
    seen_ns: int
    """When it was acknowledged, Unix time: a station that was away is told later."""

    def __post_init__(self) -> None:
        _Asked.__post_init__(self)
        if max(len(self.source), len(self.level)) > NAME_LIMIT or len(self.text) > WHY_LIMIT:
            raise ValueError(f"an alarm's source and level have at most {NAME_LIMIT} characters, its text {WHY_LIMIT}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportLogHead(_Asked):
    """The store's: how far its log goes, for the heartbeat."""

    head: str


Command: TypeAlias = (
    TriggerPart | SetThreshold | SetRecipe | TakeBack | Start | Stop | Mark | Acknowledge | ReportLogHead
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What became of a command."""

    done: bool
    detail: str
    """What was done, or why it was refused, in words."""
