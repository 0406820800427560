"""A replay for a program to look at: the whole line over recorded footage, lossless, on sockets of its own.

No deadline is enforced and the ring waits for room, so that the same footage and recipe give the same verdicts whatever
the speed or the load; only their times and the run's id differ.
"""

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Final

from inspector.config import Config, WireConfig, lossless, override
from inspector.errors import InspectorError
from inspector.line.judging import first_score
from inspector.line.recorded import trigger_of
from inspector.line.station import Station
from inspector.messages import Verdict
from inspector.scoring.scorer import open_scorer
from inspector.sources import open_source
from inspector.wire.codec import encode
from inspector.wire.subscribe import Gap, HealthReceived, Received, Subscriber, VerdictReceived

LOOP_S: Final = 0.1
HEARD_S: Final = 30.0
"""Within this after the line's end its last verdicts are heard."""


def replay(config: Config, speed: float, stop: threading.Event, progress: Callable[[int], None]) -> list[Verdict]:
    """The verdicts of the configured footage, in order, as they were published; those until then where `stop` is set.

    speed: 0 as fast as it can be judged. progress: called with how many verdicts there are, in another thread. Raises
    SourceError or RecipeError for what cannot be used, InspectorError where the line broke or verdicts were lost.
    """
    with _own_wire() as wire:
        quiet = override(lossless(config, speed), wire=wire)
        scorer = open_scorer(quiet.scoring)
        first_score(scorer)
        station = Station(quiet, open_source(quiet.source), trigger_of(quiet), scorer)
        with closing(_Ear(quiet, progress)) as ear:
            station.run(stop, time.monotonic(), lambda _: None)
            return ear.verdicts()


def same_each_time(verdict: Verdict) -> bytes:
    """A verdict's bytes on the wire but for times and run id: those that a replay gives again."""
    return encode(replace(verdict, run="", exposed_ns=0, latency_ms=0.0, stages_ms={}))


class _Ear:
    """Hears a station from its first verdict to its last, in a thread of its own."""

    def __init__(self, config: Config, progress: Callable[[int], None]) -> None:
        self._config = config
        self._progress = progress
        self._verdicts: dict[int, Verdict] = {}
        self._lost: list[Gap] = []
        self._published: int | None = None
        self._complete = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen, name="replay-ear", daemon=True)
        self._thread.start()

    def verdicts(self) -> list[Verdict]:
        """All of them, once the line has ended. Raises InspectorError where one is missing."""
        if not self._complete.wait(HEARD_S) or self._lost:
            raise InspectorError(f"{len(self._verdicts)} verdicts of {self._published or 'an unknown number of'} parts "
                                 f"were heard; this replay proves nothing")  # fmt: skip
        return [self._verdicts[seq] for seq in sorted(self._verdicts)]

    def close(self) -> None:
        """Stop listening."""
        self._over.set()
        self._thread.join()

    def _listen(self) -> None:
        # as the bridge, since that is whom a station waits for before it takes its first part
        with closing(Subscriber(self._config.wire, self._config.station.name, "bridge")) as subscriber:
            while not (self._over.is_set() or self._complete.is_set()):
                for item in subscriber.receive(LOOP_S):
                    self._take(item)
                if len(self._verdicts) == self._published or self._lost:
                    self._complete.set()

    def _take(self, item: Received) -> None:
        match item:
            case VerdictReceived(verdict=verdict):
                self._verdicts[verdict.seq] = verdict
                self._progress(len(self._verdicts))
            case HealthReceived(health=health) if health.state == "ended":
                self._published = health.published
            case Gap():
                self._lost.append(item)
            case _:
                pass


@contextmanager
def _own_wire() -> Iterator[WireConfig]:
    """Sockets that nobody else uses, so that a station which runs meanwhile is not disturbed."""
    with tempfile.TemporaryDirectory(prefix="inspector-") as folder:
        yield WireConfig(
            verdicts=f"ipc://{folder}/verdicts",
            recovery=f"ipc://{folder}/recovery",
            overlays=f"ipc://{folder}/overlays",
            commands=f"ipc://{folder}/commands",
            evidence=f"ipc://{folder}/evidence",
            bridge=f"ipc://{folder}/bridge",
            wait_for=("bridge",),
            wait_s=HEARD_S,
        )
