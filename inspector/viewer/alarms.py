"""Alarms: what a person has to have seen. One stands until it is over *and* somebody has acknowledged it, in any order.

(So do alarms of process plants: ANSI/ISA-18.2's latched alarm.) Pure; times are seconds of one clock, handed in.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from inspector.viewer.panel import Component, Shown

ROOM: Final = 200
DELAY_S: Final = 2.0
"""What is over sooner is no alarm: a program that starts before another, say. (ISA-18.2's on-delay.)"""
_WORSE: Final = {"ok": 0, "unknown": 0, "warning": 1, "fault": 2}


@dataclass(slots=True)
class Alarm:
    """One alarm, from its beginning to its acknowledgement."""

    number: int
    source: str
    level: Shown
    text: str
    began: float
    times: int = 1
    """How often it came again before anybody acknowledged it."""
    ended: float | None = None
    by: str = ""
    """Who acknowledged it; empty while nobody has."""
    seen: float | None = None

    @property
    def standing(self) -> bool:
        return self.ended is None or not self.by


class Alarms:
    """Watches the panel. The oldest that no longer stand are forgotten beyond ROOM."""

    def __init__(self) -> None:
        self._alarms: list[Alarm] = []
        self._since: dict[str, tuple[Shown, float]] = {}
        self._settled: dict[str, Shown] = {}
        self._numbers = 0

    def watch(self, components: Iterable[Component], now: float) -> bool:
        """Compare the panel with what it was; whether an alarm began, ended or got worse."""
        changed = False
        for component in components:
            level, since = self._since.get(component.name, (None, now))
            if level != component.level:
                self._since[component.name] = component.level, now
                since = now
            if self._settled.get(component.name) == component.level:
                continue
            if _WORSE[component.level] == 0 or now - since >= DELAY_S:
                self._settled[component.name] = component.level
                changed |= self._change(component, since)
        return changed

    def since(self, name: str) -> float:
        """When a component's level became what it is."""
        return self._since[name][1]

    def acknowledge(self, number: int, by: str, now: float) -> Alarm | None:
        """Note who has seen an alarm; None when there is none that waits for it."""
        for alarm in self._alarms:
            if alarm.number == number and not alarm.by:
                alarm.by, alarm.seen = by, now
                return alarm
        return None

    def newest_first(self) -> list[Alarm]:
        """Those that stand first."""
        return sorted(self._alarms, key=lambda alarm: (not alarm.standing, -alarm.number))

    @property
    def waiting(self) -> list[Alarm]:
        """Those that nobody has acknowledged."""
        return [alarm for alarm in self._alarms if not alarm.by]

    def _change(self, component: Component, now: float) -> bool:
        active = next((a for a in self._alarms if a.source == component.name and a.ended is None), None)
        bad = _WORSE[component.level] > 0
        if active is not None:
            if bad and _WORSE[component.level] <= _WORSE[active.level]:
                return False  # better, but not well
            active.ended = now
        if bad:
            self._begin(component, now)
        return bad or active is not None

    def _begin(self, component: Component, now: float) -> None:
        again = next(
            (a for a in self._alarms if (a.source, a.level) == (component.name, component.level) and not a.by), None
        )
        if again is not None:
            again.ended, again.text, again.times = None, component.reading, again.times + 1
            return
        self._numbers += 1
        self._alarms.append(Alarm(self._numbers, component.name, component.level, component.reading, now))
        while len(self._alarms) > ROOM:
            self._alarms.remove(next((a for a in self._alarms if not a.standing), self._alarms[0]))
