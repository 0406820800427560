"""What a station can be asked for, and its answer."""

import math
from dataclasses import dataclass
from typing import TypeAlias

from inspector.messages.terms import NAME_LIMIT, PART_ID_LIMIT, WHY_LIMIT, OperatorMark


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
    """The store's: how far its log goes, and what keeps it from keeping more, for the heartbeat."""

    head: str
    trouble: str = ""
    """In words; empty while everything is kept."""


Command: TypeAlias = (
    TriggerPart | SetThreshold | SetRecipe | TakeBack | Start | Stop | Mark | Acknowledge | ReportLogHead
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What became of a command."""

    done: bool
    detail: str
    """What was done, or why it was refused, in words."""
