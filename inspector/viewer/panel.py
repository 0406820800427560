"""The health panel: what stands between a part and its rejection, each with a level, a reading, and since when.

    station   the heartbeat, and what the wire lost          camera   parts that had no usable picture
    scorer    latency against the deadline, late parts       plc      the bridge's own heartbeat
    store     the log's head in the station's heartbeat      disk     free space where the store writes
    drift     scores of the last parts against the first

Pure; times are seconds of one monotonic clock, handed in. What cannot be known where this viewer runs is `unknown`, and
the reading says so: it is never guessed.
"""

from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from inspector.messages import BridgeHealth, Health, Verdict
from inspector.viewer.drift import Drift
from inspector.wire.received import Contradiction, Gap, HealthReceived, NewRun, Received, VerdictReceived

Shown: TypeAlias = Literal["ok", "warning", "fault", "unknown"]

SILENT_S: Final = 1.0
BRIDGE_SILENT_S: Final = 2.0
JUST_S: Final = 10.0
LATELY_S: Final = 60.0
STORE_STILL_S: Final = 10.0
"""The store reports its log's head about every second; verdicts for so long without a new head are not logged."""
WORDS: Final = {
    "missed": "missed by the camera", "stale": "with a stale picture", "size": "of the wrong size",
    "health": "with an unfit picture", "unlocated": "not found in the picture", "camera": "without a camera",
    "late": "too late", "overrun": "too fast for the line", "error": "could not be scored",
}  # fmt: skip
CAMERAS: Final = ("missed", "stale", "size", "health", "unlocated", "camera")
SCORERS: Final = ("late", "overrun", "error")


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """One line of the panel."""

    name: str
    level: Shown
    reading: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    """Free space where the store, or the log files, are written."""

    folder: str
    free_bytes: int
    total_bytes: int
    keep_free_bytes: int
    """What the store leaves free: below, it writes no more."""
    error: str = ""
    """Why nothing is known, instead of the sizes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """What is configured beside the station, as far as this viewer knows."""

    deadline_ms: float | None
    bridge: str | None
    """The bridge's endpoint; None when the configuration has no PLC."""
    store: bool
    """Whether the configuration has a store."""


class Panel:
    """Remembers what a reading needs: a minute of reasons, the last latencies, when the log's head moved last."""

    def __init__(self, beside: Beside) -> None:
        self._beside = beside
        self._health: Health | None = None
        self._heard = 0.0
        self._reasons: deque[tuple[float, str]] = deque(maxlen=5000)
        self._latencies: deque[float] = deque(maxlen=200)
        self._lost = self._contradictions = 0
        self._bridge: BridgeHealth | None = None
        self._bridge_heard = 0.0
        self._head = ""
        self._head_moved = 0.0
        self._published_at_head = 0
        self._disk: Disk | None = None

    def hear(self, received: Iterable[Received], now: float) -> None:
        """What a Subscriber received."""
        for item in received:
            match item:
                case NewRun():
                    self._health = None
                    self._lost = self._contradictions = 0
                    self._latencies.clear()
                    self._head_moved, self._published_at_head = now, 0
                case HealthReceived(health=health):
                    self._beat(health, now)
                case VerdictReceived(verdict=verdict):
                    self._judged(verdict, now)
                case Gap(first=first, last=last):
                    self._lost += last - first + 1
                case Contradiction():
                    self._contradictions += 1
                case _:
                    pass

    def bridge(self, health: BridgeHealth, now: float) -> None:
        """The bridge's heartbeat."""
        self._bridge, self._bridge_heard = health, now

    def disk(self, disk: Disk) -> None:
        """How much room there is."""
        self._disk = disk

    def components(self, now: float, drift: Drift | None) -> tuple[Component, ...]:
        """The panel as it stands."""
        parts = (self._station, self._camera, self._scorer, self._plc, self._store, self._space)
        lines = [*(part(now) for part in parts), _drift(drift)]
        names = ("station", "camera", "scorer", "plc", "store", "disk", "drift")
        return tuple(
            Component(name=name, level=level, reading=reading)
            for name, (level, reading) in zip(names, lines, strict=True)
        )

    def _beat(self, health: Health, now: float) -> None:
        if health.log_head != self._head or self._health is None:
            self._head, self._head_moved, self._published_at_head = health.log_head, now, health.published
        self._health, self._heard = health, now

    def _judged(self, verdict: Verdict, now: float) -> None:
        if verdict.reason is not None:
            self._reasons.append((now, verdict.reason))
        else:
            self._latencies.append(verdict.latency_ms)

    def _silent(self, now: float) -> bool:
        return self._health is None or (now - self._heard > SILENT_S and self._health.state != "ended")

    def _counted(self, reasons: tuple[str, ...], since: float) -> Counter[str]:
        return Counter(reason for at, reason in self._reasons if at >= since and reason in reasons)

    def _station(self, now: float) -> tuple[Shown, str]:
        if self._health is None:
            return "unknown", "not heard yet"
        if self._silent(now):
            return "fault", "no heartbeat: what passes now is not known to be good"
        if self._contradictions:
            return "fault", f"{self._contradictions} parts had two verdicts that contradict each other"
        if self._health.state in ("not_ready", "stopping"):
            why = "; ".join(self._health.reasons) or self._health.state.replace("_", " ")
            return ("fault" if self._health.state == "not_ready" else "warning"), why
        if self._lost:
            return "warning", f"{self._lost} verdicts never reached this viewer"
        state = {"ready": "ready", "starting": "starting", "ended": "the run has ended"}[self._health.state]
        return "ok", f"{state}; {self._health.published} of {self._health.taken} parts judged"

    def _camera(self, now: float) -> tuple[Shown, str]:
        if self._silent(now):
            return "unknown", "not known while the station is silent"
        assert self._health is not None
        if self._health.state == "not_ready" and (about := [r for r in self._health.reasons if _is_of_camera(r)]):
            return "fault", "; ".join(about)
        if just := self._counted(("camera",), now - JUST_S):
            return "fault", f"{just.total()} parts without a camera in the last {JUST_S:.0f} s"
        if lately := self._counted(CAMERAS, now - LATELY_S):
            return "warning", f"in the last minute {_told(lately)}"
        return "ok", "the source has ended" if self._health.state == "ended" else "no part without a good picture"

    def _scorer(self, now: float) -> tuple[Shown, str]:
        if self._silent(now):
            return "unknown", "not known while the station is silent"
        assert self._health is not None
        lately = self._counted(SCORERS, now - LATELY_S)
        usual = sorted(self._latencies)[int(0.95 * (len(self._latencies) - 1))] if self._latencies else None
        reading = "no part judged yet" if usual is None else f"95 % of parts within {usual:.0f} ms"
        deadline = self._beside.deadline_ms
        reading += f", deadline {deadline:.0f} ms" if deadline is not None else ""
        if lately:
            just = self._counted(SCORERS, now - JUST_S)
            inspected = len(self._latencies)
            level: Shown = "fault" if just["error"] or just.total() > max(5, inspected // 4) else "warning"
            return level, f"in the last minute {_told(lately)}; {reading}"
        if usual is not None and deadline is not None and usual > 0.8 * deadline:
            return "warning", reading
        return "ok", reading

    def _plc(self, now: float) -> tuple[Shown, str]:
        if self._beside.bridge is None:
            return "unknown", "no PLC in this configuration"
        if self._bridge is None:
            return "unknown", f"not known here: no bridge heard at {self._beside.bridge}"
        if now - self._bridge_heard > BRIDGE_SILENT_S:
            return "fault", "the bridge has fallen silent: whether parts are rejected is not known"
        return self._bridge.level, self._bridge.reading

    def _store(self, now: float) -> tuple[Shown, str]:
        if self._silent(now):
            return "unknown", "not known while the station is silent"
        assert self._health is not None
        if not self._head and not self._beside.store:
            return "unknown", "none in this configuration"
        unlogged = self._health.published - self._published_at_head
        still = now - self._head_moved
        if unlogged > 0 and still > STORE_STILL_S:
            return "fault", f"nothing logged for {still:.0f} s, {unlogged} verdicts since"
        if not self._head:
            return "unknown", "has not reported its log yet"
        return "ok", f"log at {self._head[:12]}"

    def _space(self, _: float) -> tuple[Shown, str]:
        disk = self._disk
        if disk is None or disk.error:
            return "unknown", disk.error if disk else "not known here"
        share = disk.free_bytes / max(1, disk.total_bytes)
        reading = f"{disk.free_bytes / 1e9:.1f} GB free, {share:.0%} of {disk.total_bytes / 1e9:.0f} GB"
        if disk.free_bytes <= disk.keep_free_bytes:
            return "fault", f"{reading}: the store writes no more below {disk.keep_free_bytes / 1e9:.1f} GB"
        return ("warning" if disk.free_bytes < 2 * disk.keep_free_bytes or share < 0.05 else "ok"), reading


def _drift(drift: Drift | None) -> tuple[Shown, str]:
    if drift is None:
        return "unknown", "too few parts to tell"
    change = f"{drift.before:.4g} → {drift.now:.4g}, {round(drift.spreads, 1) + 0.0:+.1f} of the usual spread"
    return ("warning", f"scores have moved: {change}") if drift.drifts else ("ok", f"scores are steady: {change}")


def _told(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {WORDS[reason]}" for reason, count in counts.most_common())


def _is_of_camera(reason: str) -> bool:
    return any(word in reason.lower() for word in ("camera", "source", "picture", "frame", "video"))
