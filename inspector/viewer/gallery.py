"""Which rejects to look at: the filters of the gallery. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from inspector.messages import Verdict
from inspector.viewer.marks import Marks

LIMIT: Final = 120
"""Rejects on one page of the gallery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """What a reject must be; None: no matter."""

    since_ns: int = 0
    """Exposed from then on (Unix time)."""
    kind: str | None = None
    """`fail`, or the reason for which it was not inspected."""
    low: float | None = None
    """Score as a share of the threshold, at least."""
    high: float | None = None
    """At most."""
    mark: str | None = None
    """confirmed, false_reject, or `none`."""

    def takes(self, verdict: Verdict, marks: Marks) -> bool:
        if verdict.outcome == "pass" or verdict.exposed_ns < self.since_ns:
            return False
        if self.kind is not None and self.kind != (verdict.reason or verdict.outcome):
            return False
        if self.low is not None or self.high is not None:
            share = _share(verdict)
            if share is None or not (self.low or 0.0) <= share <= (self.high or float("inf")):
                return False
        marked = marks.of(verdict.run, verdict.seq)
        return self.mark is None or self.mark == ("none" if marked is None else marked.mark)


def filter_of(query: Mapping[str, str]) -> Filter:
    """The filter that a request's query asks for; raises ValueError for a number that is none."""
    return Filter(
        since_ns=_time(query.get("since_ms") or "0"),
        kind=query.get("kind") or None,
        low=float(query["low"]) if query.get("low") else None,
        high=float(query["high"]) if query.get("high") else None,
        mark=query.get("mark") or None,
    )


def _time(ms: str) -> int:
    """Unix time in ns, no larger than a log's numbers."""
    return max(0, min(int(ms) * 1_000_000, 2**63 - 1))


def chosen(verdicts: Iterable[Verdict], wanted: Filter, marks: Marks, limit: int = LIMIT) -> tuple[list[Verdict], bool]:
    """Of verdicts, newest first, those the filter takes, at most `limit`, and whether there are more."""
    found: list[Verdict] = []
    seen: set[tuple[str, int]] = set()
    for verdict in verdicts:
        if (verdict.run, verdict.seq) in seen or not wanted.takes(verdict, marks):
            continue
        if len(found) == limit:
            return found, True
        seen.add((verdict.run, verdict.seq))
        found.append(verdict)
    return found, False


def _share(verdict: Verdict) -> float | None:
    return verdict.score / verdict.threshold if verdict.score is not None and verdict.threshold else None
