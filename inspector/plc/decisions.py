"""What the bridge says of parts: one decision each, whether passes count now, and the sums."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from inspector.messages import Verdict
from inspector.plc.faults import Fault

CAUSES: Final[Mapping[str, str]] = {
    "gap": "no verdict came in time",
    "unseen": "published before the bridge heard of the run",
    "silence": "the heartbeat had failed",
    "blind": "exposed while the station was not known to be ready",
    "contradiction": "two verdicts that differ",
    "replay": "recorded footage, not allowed",
    "recipe": "not judged by the recipe asked for",
    "stopped": "the bridge stopped first",
    "late": "too late for its window at the ejector",
    "clock": "when it was exposed cannot be told",
    "belt": "where it is on the belt cannot be told",
    "crowded": "a rejected part is too close",
}
"""Why a part is rejected that nobody found bad, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """Accept or reject, of one part, or of all parts of a gap."""

    result_id: int
    """The bridge's own count of parts, from 1, through all runs; of a gap, that of its first part."""
    run: str
    seq: int
    parts: int
    """How many parts from `seq` on this stands for; more than 1 only in rejections without a verdict."""
    accept: bool
    cause: str
    """pass, fail, not_inspected.<reason>, or one of CAUSES."""
    verdict: Verdict | None
    """None where none came."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """The READY signal, and why it is off."""

    on: bool
    why: str = ""
    fault: Fault = Fault.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """What a bridge has done so far."""

    parts: int
    accepted: int
    rejected: Mapping[str, int]
    """Parts by cause."""
    counted: Mapping[str, int]
    """Messages that decided nothing: repeats, contradictions, late, ignored, malformed; and withdrawn permits."""

    def __str__(self) -> str:
        causes = ", ".join(f"{cause} {count}" for cause, count in sorted(self.rejected.items()))
        out = f"{self.parts} parts, {self.accepted} accepted, {self.parts - self.accepted} rejected"
        out += f" ({causes})" if causes else ""
        return out + "".join(f"; {count} {what}" for what, count in sorted(self.counted.items()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """How far a run was decided."""

    known: int
    """Parts 1 to this are decided, but for those open."""
    open: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What an earlier bridge left: where to count on, and which parts have their decision."""

    results: int
    """Its newest result_id."""
    runs: Mapping[str, Left]
    """The last runs, the one that it decided last at the end."""
