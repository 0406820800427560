"""A whole line on real sockets, with somebody who listens to it."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from inspector.config import (
    Config,
    EveryFrame,
    FolderSource,
    LineConfig,
    ScoringConfig,
    StationConfig,
    StoreConfig,
    TriggerConfig,
    WireConfig,
)
from inspector.line.station import Station
from inspector.line.summary import Summary
from inspector.messages import Event, Health, Seen, Verdict
from inspector.triggers import Requests, open_trigger
from inspector.wire.subscribe import EventReceived, HealthReceived, Received, Subscriber, VerdictReceived
from tests.fakes import ScriptedScorer, ScriptedSource

PATIENCE_S = 20.0


@dataclass
class Heard:
    """What came over the wire, in the order it came."""

    verdicts: list[Verdict] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    healths: list[Health] = field(default_factory=list)
    odd: list[Received] = field(default_factory=list)
    """Repeats, contradictions, gaps: a line that keeps its rules gives none."""
    changed: threading.Condition = field(default_factory=threading.Condition)

    def keep(self, received: Received) -> None:
        with self.changed:
            match received:
                case VerdictReceived():
                    self.verdicts.append(received.verdict)
                case EventReceived():
                    self.events.append(received.event)
                case HealthReceived():
                    self.healths.append(received.health)
                case _:
                    self.odd.append(received)
            self.changed.notify_all()

    def wait_for(self, happened: Callable[[], bool]) -> None:
        """Wait until something was heard; fails the test when it is not."""
        with self.changed:
            assert self.changed.wait_for(happened, PATIENCE_S), "it was not heard"

    def wait_for_verdict(self, seq: int, reason: str | None = None) -> None:
        """Wait until the verdict of a part was heard; fails the test when it does not come."""
        with self.changed:
            came = self.changed.wait_for(lambda: any(v.seq == seq for v in self.verdicts), PATIENCE_S)
            assert came, f"no verdict of part {seq}"
            assert reason in (None, next(v.reason for v in self.verdicts if v.seq == seq))

    def wait_for_state(self, state: str) -> None:
        """Wait for a heartbeat that says so; fails the test when none comes."""
        with self.changed:
            came = self.changed.wait_for(lambda: any(health.state == state for health in self.healths), PATIENCE_S)
            assert came, f"no heartbeat says {state}"

    @property
    def outcomes(self) -> list[str]:
        """In the order heard: the outcome, or the reason of a part not inspected."""
        return [verdict.reason or verdict.outcome for verdict in self.verdicts]

    def told(self, kind: str) -> list[tuple[int | None, str]]:
        return [(event.seq, event.detail) for event in self.events if event.kind == kind]


class Line:
    """Builds and runs stations that share one set of endpoints, and listens to them."""

    def __init__(self, folder: Path) -> None:
        self.heard = Heard()
        self.stop = threading.Event()
        self.healths: list[Health] = []
        self.folder = folder
        self.recipe = Path("not used")
        self.requests: Requests | None = None
        self.trigger: TriggerConfig = EveryFrame()
        self.built: list[Station] = []
        self.wire = WireConfig(
            verdicts=f"ipc://{folder}/v", recovery=f"ipc://{folder}/r", overlays=f"ipc://{folder}/o",
            commands=f"ipc://{folder}/c", evidence=f"ipc://{folder}/e",
            wait_for=("bridge",), wait_s=PATIENCE_S,
        )  # fmt: skip

    def config(self, passes: float = 0.0, **line: Any) -> Config:
        return Config(
            station=StationConfig(state_folder=str(self.folder / "state")),
            source=FolderSource(path="not used"),
            scoring=ScoringConfig(recipe=str(self.recipe)),
            line=LineConfig(**line),
            wire=self.wire,
            store=StoreConfig(passes=passes),
        )

    def station(self, source: ScriptedSource, scorer: ScriptedScorer, truth: Any = None, **line: Any) -> Station:
        config = self.config(**line)
        trigger = open_trigger(self.trigger, self.requests)
        self.built.append(Station(config, source, trigger, scorer, truth, self.requests))
        return self.built[-1]

    def run(
        self,
        script: ScriptedSource | Iterable[Seen],
        scorer: ScriptedScorer | None = None,
        truth: Any = None,
        **line: Any,
    ) -> Summary:
        """Run a station to its end while somebody listens, and check what holds for every run."""
        source = script if isinstance(script, ScriptedSource) else ScriptedSource(script)
        station = self.station(source, scorer or ScriptedScorer(), truth, **line)
        over = threading.Event()
        listener = threading.Thread(target=self.listen, args=(over,), name="listener")
        listener.start()
        try:
            summary = station.run(self.stop, time.monotonic(), self.healths.append)
        finally:
            over.set()
            listener.join(PATIENCE_S)
            self.check()
        assert summary.lost == 0
        assert summary.parts == len(self.heard.verdicts)
        assert source.closed
        return summary

    def check(self) -> None:
        """Every part has one verdict, in order, without gap; the last heartbeat agrees."""
        assert [v.seq for v in self.heard.verdicts] == list(range(1, len(self.heard.verdicts) + 1))
        assert not self.heard.odd
        if self.heard.healths:
            last = self.heard.healths[-1]
            assert (last.state, last.taken, last.published) == ("ended", last.taken, last.taken)
            assert last.taken == len(self.heard.verdicts)

    def listen(self, over: threading.Event) -> None:
        subscriber = Subscriber(self.wire, "line1", "bridge")
        try:
            while True:
                ending = over.is_set()
                received = subscriber.receive(0.05)
                for one in received:
                    if type(one).__name__ != "NewRun":
                        self.heard.keep(one)
                if ending and not received:
                    return
        finally:
            subscriber.close()
