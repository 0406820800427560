"""Health, alarms and events, as the page is told them."""

from collections import deque
from collections.abc import Iterable
from typing import Any, Final

from inspector.messages import BridgeHealth, Event
from inspector.viewer.alarms import Alarm, Alarms
from inspector.viewer.panel import Beside, Component, Disk, Panel
from inspector.viewer.records import Records
from inspector.wire.received import EventReceived, Received

EVENTS: Final = 100
CHANGES: Final = ("threshold", "recipe", "take_back")
"""Kinds of events that tell of a change of what parts are judged by."""


class Watch:
    """Keeps the panel, its alarms and the last events.

    A reading changes several times a second, an alarm or an event seldom, and those are long: so there are two numbers,
    `version` and `told`, that rise when a browser should be told of the one and of the others.
    """

    def __init__(self, beside: Beside, records: Records) -> None:
        self._panel = Panel(beside)
        self._records = records
        self._alarms = Alarms()
        self._components: tuple[Component, ...] = ()
        self._events: deque[tuple[float, Event]] = deque(maxlen=EVENTS)
        self._change: tuple[float, Event] | None = None
        self.version = 0
        self.told = 0

    def hear(self, received: Iterable[Received], now: float) -> None:
        """What a Subscriber received; nothing too, since silence is noticed here. `now`: monotonic seconds."""
        received = list(received)
        self._panel.hear(received, now)
        for item in received:
            if isinstance(item, EventReceived):
                self._events.append((now, item.event))
                self.told += 1
                if item.event.kind in CHANGES:
                    self._change = now, item.event
        self.look(now)

    def bridge(self, health: BridgeHealth, now: float) -> None:
        """The bridge's heartbeat."""
        self._panel.bridge(health, now)

    def disk(self, disk: Disk) -> None:
        """How much room there is."""
        self._panel.disk(disk)

    def look(self, now: float) -> None:
        """Read the panel anew."""
        components = self._panel.components(now, self._records.drift())
        self.told += self._alarms.watch(components, now)
        self.version += components != self._components
        self._components = components

    def acknowledge(self, number: int, by: str, now: float) -> Alarm | None:
        """Somebody has seen an alarm; None when it does not wait for that."""
        alarm = self._alarms.acknowledge(number, by, now)
        self.told += alarm is not None
        return alarm

    def components(self, now: float) -> list[dict[str, Any]]:
        """The panel for JSON. Times are ages in ms, so that the clocks of the two machines do not matter."""
        return [
            {"name": c.name, "level": c.level, "reading": c.reading, "age_ms": _age(self._alarms.since(c.name), now)}
            for c in self._components
        ]

    def past(self, now: float) -> dict[str, Any]:
        """Alarms, events and the last change for JSON; times as above."""

        def age(then: float | None) -> int | None:
            return None if then is None else _age(then, now)

        return {
            "alarms": [
                {"number": a.number, "source": a.source, "level": a.level, "text": a.text, "times": a.times,
                 "age_ms": age(a.began), "ended_ms": age(a.ended), "by": a.by, "seen_ms": age(a.seen)}
                for a in self._alarms.newest_first()
            ],
            "events": [_event(event, age(at)) for at, event in reversed(self._events)],
            "change": None if self._change is None else _event(self._change[1], age(self._change[0])),
        }  # fmt: skip


def _age(then: float, now: float) -> int:
    return round((now - then) * 1000)


def _event(event: Event, age_ms: int | None) -> dict[str, Any]:
    return {
        "kind": event.kind,
        "seq": event.seq,
        "detail": event.detail,
        "facts": event.facts,
        "age_ms": age_ms,
    }
