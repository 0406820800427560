"""The threads that listen to the station: one per socket, since a socket belongs to the thread that made it."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from inspector.config import WireConfig
from inspector.viewer.hub import Hub
from inspector.wire.subscribe import OverlaySubscriber, Subscriber

PATIENCE_S = 0.2
"""How long a receive waits, and so how long stopping may take."""


class Feed:
    """Two threads, `viewer-verdicts` and `viewer-overlays`, from the wire into the hub.

    Each hands over one batch and waits until it is taken: the only queues are ZeroMQ's, which are bounded, and for
    overlays hold the newest alone. Where a thread fails, `failure` says why and `on_failure` is called, from it.
    """

    def __init__(self, wire: WireConfig, station: str, hub: Hub, on_failure: Callable[[], None]) -> None:
        self._wire = wire
        self._station = station
        self._hub = hub
        self._on_failure = on_failure
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self.failure: BaseException | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin; `loop` is the hub's."""
        for name, listen in (("viewer-verdicts", self._verdicts), ("viewer-overlays", self._overlays)):
            thread = threading.Thread(target=self._guarded, args=(listen, loop), name=name)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """End both threads; not to be called in the loop, which must go on to take what they hold."""
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
                if received := subscriber.receive(PATIENCE_S):
                    _hand_over(self._hub.hear(received), loop)
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


def _hand_over(taking: Coroutine[Any, Any, None], loop: asyncio.AbstractEventLoop) -> None:
    asyncio.run_coroutine_threadsafe(taking, loop).result()
