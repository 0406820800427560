"""How the line is: heartbeats and events."""

from dataclasses import dataclass, field

from inspector.messages.terms import MOST_PARTS, Level, Mode, State


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

    def __post_init__(self) -> None:
        if not (0 <= self.taken <= MOST_PARTS and 0 <= self.published <= MOST_PARTS):
            raise ValueError(f"taken {self.taken} and published {self.published} are not within 0 to {MOST_PARTS}")


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
