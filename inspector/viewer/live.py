"""What the live page shows, and what of it a browser lacks: pure, its clock handed in.

A browser is a cursor into this state. One that lags costs nothing: when it has room again it gets what is new by then,
verdicts in one batch and the newest picture instead of older ones.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any, Final

from inspector.messages import Evidence, Health, Overlay, Verdict
from inspector.viewer.rate import Rate
from inspector.viewer.rejects import Reject, Rejects
from inspector.viewer.shelf import Piece, Shelf, piece_of
from inspector.viewer.trend import Trend
from inspector.wire.codec import encode_overlay
from inspector.wire.received import (
    Contradiction,
    Gap,
    HealthReceived,
    NewRun,
    Received,
    VerdictReceived,
)

NEAR: Final = 0.75
"""Passes with a score above this share of the threshold are kept too: a lower threshold would have rejected them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What does not change while the server runs."""

    version: str
    """The server's own; a page of another version loads itself again."""
    station: str
    endpoint: str
    """Where the station is listened for."""
    deadline_ms: float | None
    changes: bool = False
    """Whether anybody may change anything from the page."""
    store: bool = False
    """Whether a store on this machine keeps pictures that were not seen here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """What a browser has been sent so far: version numbers; a new browser has seen nothing."""

    fresh: bool = True
    trend: int = -1
    rejects: int = -1
    status: int = -1
    part: int = 0
    preview: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a browser lacks, and where it stands once it has it."""

    update: dict[str, Any] | None
    """For JSON: about (once), trend (all) or verdicts (to append) with judged_ms, rejects, status: what has changed."""
    picture: bytes | None
    """An overlay packet, as on the wire."""
    cursor: Cursor


class Live:
    """The state behind the live page. Bounded: 300 verdicts, 50 rejects, their pictures and of 50 near passes."""

    def __init__(self, about: About) -> None:
        self._about = about
        self._trend = Trend()
        self._rejects = Rejects()
        self._near = Shelf(50)
        self._rate = Rate()
        self._run: str | None = None
        self._health: Health | None = None
        # What was published up to this seq, before we came, is history: no news for the lamp, and no loss.
        self._joined: int | None = None
        self._judged_at: float | None = None
        self._heard_at = 0.0
        self._state_since = 0.0
        self._lost = 0
        self._contradictions = 0
        self._status_version = 0
        self._pictures = 0
        self._part: tuple[int, bytes] | None = None
        self._preview: tuple[int, bytes] | None = None
        self._follows = False

    def hear(self, received: Iterable[Received], now: float) -> None:
        """Take in what a Subscriber received."""
        for message in received:
            match message:
                case NewRun():
                    self._begin(message.run)
                case VerdictReceived(verdict=verdict, recovered=recovered):
                    self._judged(verdict)
                    if self._joined is None and not recovered:
                        self._joined = verdict.seq - 1
                    if self._joined is not None and verdict.seq > self._joined:
                        self._judged_at = now
                case Contradiction(stands=verdict):
                    self._contradictions += 1
                    self._judged(verdict)
                case HealthReceived(health=health):
                    self._beat(health, now)
                case Gap(first=first, last=last):
                    if self._joined is not None:
                        self._lost += max(0, last - max(first - 1, self._joined))
                case _:
                    pass  # repeated, superseded or malformed: nothing to show

    def see(self, overlay: Overlay) -> None:
        """Take in a picture; those of other stations are ignored."""
        if overlay.station != self._about.station:
            return
        packet = encode_overlay(overlay)
        self._pictures += 1
        if overlay.kind == "preview":
            self._preview = self._pictures, packet
            self._follows = overlay.scene is not None
            return
        self._part = self._pictures, packet
        if not self._follows:
            self._preview = None  # the part takes its place, where it has none of its own beside the belt
        if overlay.seq is not None:
            self._keep(overlay, Piece(packet=packet))

    def prove(self, evidence: Evidence) -> None:
        """Take in evidence: the same picture, and with it the nearest good patch."""
        self._keep(evidence.overlay, piece_of(evidence))

    def piece(self, run: str, seq: int) -> Piece | None:
        """What there is to see of a part: of the last rejects, and of passes near the threshold; else None."""
        return self._rejects.piece(run, seq) or self._near.get(run, seq)

    def _keep(self, overlay: Overlay, piece: Piece) -> None:
        if overlay.seq is None:
            return
        if overlay.outcome != "pass":
            self._rejects.keep(overlay.run, overlay.seq, piece)
        elif overlay.score is not None and overlay.score > NEAR * overlay.threshold:
            self._near.put(overlay.run, overlay.seq, piece)

    def news(self, cursor: Cursor, now: float) -> News | None:
        """What a browser at that cursor lacks; None when it lacks nothing."""
        update: dict[str, Any] = {}
        if cursor.fresh:
            update["about"] = {
                "version": self._about.version,
                "station": self._about.station,
                "endpoint": self._about.endpoint,
                "deadline_ms": self._about.deadline_ms,
                "changes": self._about.changes,
            }
        if cursor.trend != self._trend.version:
            whole, verdicts = self._trend.since(cursor.trend)
            update["trend" if whole else "verdicts"] = [row(verdict) for verdict in verdicts]
            update["judged_ms"] = None if self._judged_at is None else round((now - self._judged_at) * 1000)
        if cursor.rejects != self._rejects.version:
            update["rejects"] = [self._reject(reject) for reject in self._rejects.newest_first()]
        if cursor.status != self._status_version:
            update["status"] = self._status(now)
        cursor, picture = self._picture(cursor)
        if not update and picture is None:
            return None
        seen = replace(
            cursor,
            fresh=False,
            trend=self._trend.version,
            rejects=self._rejects.version,
            status=self._status_version,
        )
        return News(update=update or None, picture=picture, cursor=seen)

    def _begin(self, run: str) -> None:
        """A new run: counts and scores begin anew, what was rejected before stays."""
        self._run = run
        self._health = None
        self._joined = None
        self._judged_at = None
        self._lost = self._contradictions = 0
        self._trend.clear()
        self._rate.clear()
        self._rejects.new_run()
        self._status_version += 1

    def _judged(self, verdict: Verdict) -> None:
        self._trend.add(verdict)
        if verdict.outcome != "pass":
            self._rejects.add(verdict)

    def _beat(self, health: Health, now: float) -> None:
        before = self._health
        if before is None or (before.state, before.reasons) != (health.state, health.reasons):
            self._state_since = now
        if self._joined is None:
            self._joined = health.published
        self._health = health
        self._heard_at = now
        self._status_version += 1
        self._rate.read(now, health.taken)

    def _picture(self, cursor: Cursor) -> tuple[Cursor, bytes | None]:
        """The newest picture that the browser has not seen; a preview never displaces an unseen part."""
        if self._part is not None and self._part[0] > cursor.part:
            return replace(cursor, part=self._part[0]), self._part[1]
        if self._preview is not None and self._preview[0] > cursor.preview:
            return replace(cursor, preview=self._preview[0]), self._preview[1]
        return cursor, None

    def _status(self, now: float) -> dict[str, Any]:
        """`age_ms` keeps the page honest: from there it counts on by itself, whether or not it hears from us again."""
        status: dict[str, Any] = {
            "run": self._run,
            "age_ms": None,
            "lost": self._lost,
            "contradictions": self._contradictions,
            "parts_per_minute": self._rate.per_minute,
        }
        if self._health is not None:
            status |= {
                "age_ms": round((now - self._heard_at) * 1000),
                "mode": self._health.mode,
                "state": self._health.state,
                "reasons": list(self._health.reasons),
                "state_ms": round((now - self._state_since) * 1000),
                "taken": self._health.taken,
                "published": self._health.published,
                "counts": self._health.counts,
                "queues": self._health.queues,
            }
        return status

    def _reject(self, reject: Reject) -> dict[str, Any]:
        verdict = reject.verdict
        return {
            **row(verdict),
            "parts": reject.parts,
            "picture": self._rejects.piece(verdict.run, verdict.seq) is not None,
            "kept": self._about.store,
        }


def row(verdict: Verdict) -> dict[str, Any]:
    """A verdict for JSON."""
    return {
        "run": verdict.run,
        "seq": verdict.seq,
        "part": verdict.part,
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "score": verdict.score,
        "threshold": verdict.threshold,
        "recipe": verdict.recipe,
        "exposed_ms": verdict.exposed_ns // 1_000_000,  # JavaScript's numbers cannot hold nanoseconds
        "latency_ms": verdict.latency_ms,
    }
