"""What there is to see of a part, for people and for the store."""

from dataclasses import dataclass
from typing import Literal

from inspector.messages.terms import MOST_PARTS, Box, Outcome
from inspector.messages.verdict import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A part that a trigger follows, where it is seen in one frame: its box in source pixels, which may reach beyond
    the picture's edge. Raises ValueError for a `seq` that no part has, and where only one of seq and moved is None."""

    x: float
    y: float
    width: float
    height: float
    seq: int | None
    """None before it is taken for judging."""
    moved: tuple[float, float] | None
    """How far (x, y), in pixels, it has come since the picture that is judged: its map and outlines came with it. None
    without seq."""

    def __post_init__(self) -> None:
        if self.seq is not None and not 1 <= self.seq <= MOST_PARTS:
            raise ValueError(f"seq is {self.seq}; the first part is 1, and none is above {MOST_PARTS}")
        if (self.seq is None) != (self.moved is None):
            raise ValueError(f"moved is {self.moved} where seq is {self.seq}: a part that is judged has both")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a trigger that follows parts sees in one frame."""

    line: float
    """The trigger line's place along the travel, in source pixels."""
    travel: Literal["horizontal", "vertical"]
    """How parts move in the picture; the line stands across it."""
    parts: tuple[Followed, ...]


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
    scene: Scene | None = None
    """The parts in a preview's frame; None for a part, and where the trigger follows none."""


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
