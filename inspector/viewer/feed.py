"""The threads that listen to the station: one per socket, since a socket belongs to the thread that made it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from inspector.config import WireConfig
from inspector.viewer.disk import look
from inspector.viewer.hub import Hub
from inspector.wire.bridge_health import BridgeHealthSubscriber
from inspector.wire.evidence import EvidenceSubscriber
from inspector.wire.subscribe import OverlaySubscriber, Subscriber

PATIENCE_S = 0.2
"""How long a receive waits, and so how long stopping may take."""
DISK_S = 5.0
"""How often the disk is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ears:
    """What to listen to besides the station's verdicts and pictures."""

    bridge: bool
    """The bridge's heartbeat, where the configuration has a PLC."""
    evidence: bool
    """The evidence itself, where no store on this machine keeps it: a reader of the wire could be slow, and cost the
    store pictures."""
    disk: tuple[str, float] | None
    """A folder on this machine whose disk is looked at, and how many bytes the store leaves free there."""


class Feed:
    """A thread each for verdicts, overlays and what `ears` names, from the wire into the hub.

    Each hands over one batch and waits until it is taken: the only queues are ZeroMQ's, which are bounded, and for
    overlays hold the newest alone. Where a thread fails, `failure` says why and `on_failure` is called, from it.
    """

    def __init__(self, wire: WireConfig, station: str, ears: Ears, hub: Hub, on_failure: Callable[[], None]) -> None:
        self._wire = wire
        self._station = station
        self._ears = ears
        self._hub = hub
        self._on_failure = on_failure
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failure: BaseException | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin; `loop` is the hub's."""
        ears = self._ears
        for name, listen, wanted in (
            ("verdicts", self._verdicts, True),
            ("overlays", self._overlays, True),
            ("bridge", self._bridge, ears.bridge),
            ("evidence", self._evidence, ears.evidence),
            ("disk", self._disk, ears.disk is not None),
        ):
            if not wanted:
                continue
            thread = threading.Thread(target=self._guarded, args=(listen, loop), name=f"viewer-{name}")
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End the threads; not to be called in the loop, which must go on to take what they hold."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _guarded(self, listen: Callable[[asyncio.AbstractEventLoop], None], loop: asyncio.AbstractEventLoop) -> None:
        try:
            listen(loop)
        except Exception as error:
            self.failure = error
            self._on_failure()

    def _verdicts(self, loop: asyncio.AbstractEventLoop) -> None:
        subscriber = Subscriber(self._wire, self._station, "viewer")
        try:
            while not self._stop.is_set():
                _hand_over(self._hub.hear(subscriber.receive(PATIENCE_S)), loop)
        finally:
            subscriber.close()

    def _overlays(self, loop: asyncio.AbstractEventLoop) -> None:
        subscriber = OverlaySubscriber(self._wire)
        try:
            while not self._stop.is_set():
                if (overlay := subscriber.receive(PATIENCE_S)) is not None:
                    _hand_over(self._hub.see(overlay), loop)
        finally:
            subscriber.close()

    def _bridge(self, loop: asyncio.AbstractEventLoop) -> None:
        subscriber = BridgeHealthSubscriber(self._wire, self._station)
        try:
            while not self._stop.is_set():
                if (health := subscriber.receive(PATIENCE_S)) is not None:
                    _hand_over(self._hub.bridge(health), loop)
        finally:
            subscriber.close()

    def _evidence(self, loop: asyncio.AbstractEventLoop) -> None:
        subscriber = EvidenceSubscriber(self._wire, self._station)
        try:
            while not self._stop.is_set():
                if evidence := subscriber.receive(PATIENCE_S):
                    _hand_over(self._hub.prove(evidence), loop)
        finally:
            subscriber.close()

    def _disk(self, loop: asyncio.AbstractEventLoop) -> None:
        """A thread of its own, since a disk in the network may not answer for minutes."""
        assert self._ears.disk is not None
        while True:
            _hand_over(self._hub.disk(look(*self._ears.disk)), loop)
            if self._stop.wait(DISK_S):
                return


def _hand_over(taking: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(taking, loop).result()
