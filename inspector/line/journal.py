"""What the line has to say about itself: its state, its events, its counters.

Any thread may note something here without waiting. The publisher takes the events from here to the wire and the
station takes them to the log, each from its own bounded pile, so that a full disk or a stopped terminal holds up
neither.
"""

import threading
import time
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from inspector.line.identity import Identity
from inspector.messages import Event, State

PILE = 1000
"""Events kept for a reader that does not come; older ones are dropped and counted."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of the line, and why, in words."""

    state: State
    reasons: tuple[str, ...] = ()


class Journal:
    """Events and counters of one run."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._base = self._standing = Standing("starting")
        self._hindrances: dict[str, str] = {}
        self._warnings: dict[str, tuple[str, ...]] = {}
        self._counts: Counter[str] = Counter()
        self._told: set[tuple[str, str]] = set()
        self._for_wire: deque[Event] = deque(maxlen=PILE)
        self._for_log: deque[Event] = deque(maxlen=PILE)
        self._lock = threading.Lock()
        self._settling = threading.Lock()
        self.log_head = ""
        """How far the store's log goes, as it last said."""

    @property
    def standing(self) -> Standing:
        """The state as last set; `not_ready` in place of `ready` while anything hinders the line."""
        return self._standing

    @property
    def counts(self) -> dict[str, int]:
        """How often each kind of event was noted."""
        with self._lock:
            return dict(self._counts)

    def stand(self, state: State, *reasons: str) -> None:
        """Change the state; a change is an event."""
        self._settle(Standing(state, reasons), {})

    def hinder(self, what: str, why: str = "") -> None:
        """Say why `what` (the source, say) keeps the line from being ready, in words; empty: it no longer does."""
        if why != self._hindrances.get(what, ""):  # asked for each frame, so the usual case takes no lock
            self._settle(None, {what: why})

    def warn(self, what: str, warnings: Sequence[str]) -> None:
        """Say what maintenance should know and what does not keep the line from being ready; none: no longer so."""
        told = tuple(warnings)
        if told != self._warnings.get(what, ()):
            self._warnings = {**self._warnings, what: told}
            self._settle(None, {})
            if told:
                self.note("maintenance", "; ".join(told), once=True)

    def _settle(self, base: Standing | None, hindrances: dict[str, str]) -> None:
        with self._settling:
            self._base = base or self._base
            self._hindrances = {what: why for what, why in {**self._hindrances, **hindrances}.items() if why}
            reasons = tuple(self._hindrances.values())
            standing = self._base
            if standing.state == "ready":
                warnings = tuple(told for each in self._warnings.values() for told in each)
                standing = Standing("not_ready" if reasons else "ready", reasons + warnings)
            if standing == self._standing:
                return
            self._standing = standing
            state, words = standing.state, "; ".join(standing.reasons)
            self.note("state", f"{state}: {words}" if words else state)

    def note(
        self,
        kind: str,
        detail: str = "",
        *,
        seq: int | None = None,
        once: bool = False,
        facts: Mapping[str, str] | None = None,
    ) -> None:
        """Count an event, and pass it on to the wire and the log; with `once` only the first time it says just this."""
        run = self._identity
        event = Event(station=run.station, run=run.run, mode=run.mode, now_ns=time.time_ns(), kind=kind, seq=seq,
                      detail=detail, facts=dict(facts or {}))  # fmt: skip
        with self._lock:
            self._counts[kind] += 1
            if once and not self._is_news(kind, detail):
                return
            for pile in (self._for_wire, self._for_log):
                self._counts["events_dropped"] += len(pile) == PILE
                pile.append(event)

    def _is_news(self, kind: str, detail: str) -> bool:
        if (kind, detail) in self._told or len(self._told) == PILE:
            return False
        self._told.add((kind, detail))
        return True

    def events_for_wire(self) -> Iterator[Event]:
        """The events not yet sent, oldest first, each once."""
        return _drain(self._for_wire)

    def events_for_log(self) -> Iterator[Event]:
        """The events not yet logged, oldest first, each once."""
        return _drain(self._for_log)


def _drain(pile: deque[Event]) -> Iterator[Event]:
    while True:
        try:
            yield pile.popleft()  # atomic: the one who notes need not wait for the one who reads
        except IndexError:
            return
