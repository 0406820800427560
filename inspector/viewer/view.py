"""`inspector view`: binds the port, listens to the station, serves the page."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator

import uvicorn
from loguru import logger

from inspector import __version__
from inspector.config import Config, is_loopback
from inspector.errors import InspectorError
from inspector.viewer.app import create_app
from inspector.viewer.feed import Feed
from inspector.viewer.hub import Hub
from inspector.viewer.listen import bind
from inspector.viewer.live import About, Live


def run_viewer(config: Config, stop: threading.Event) -> int:
    """Serve the page until `stop` is set, then return 0.

    Raises ConfigError where viewer.host and viewer.port cannot be bound, InspectorError when listening fails.
    """
    with bind(config.viewer) as listener:
        return serve(config, listener, stop)


def serve(config: Config, listener: socket.socket, stop: threading.Event) -> int:
    """Serve on a bound socket until `stop` is set."""
    about = About(
        version=__version__,
        station=config.station.name,
        endpoint=config.wire.verdicts,
        deadline_ms=config.line.deadline_ms,
    )
    hub = Hub(Live(about))
    server = _Server(
        uvicorn.Config(
            create_app(hub, loopback=is_loopback(config.viewer.host)),
            ws="websockets-sansio",
            ws_max_size=1024,  # a browser has nothing longer to say
            ws_per_message_deflate=False,  # pictures do not shrink
            lifespan="off",
            log_config=None,
            access_log=False,
            log_level="warning",
            server_header=False,
            timeout_graceful_shutdown=1,
        ),
        stop,
    )
    feed = Feed(config.wire, config.station.name, hub, on_failure=server.give_up)
    host, port = listener.getsockname()[:2]
    logger.info("viewer of {} at http://{}:{}", about.station, f"[{host}]" if ":" in host else host, port)
    asyncio.run(_serve(server, feed, listener))
    if isinstance(feed.failure, InspectorError):
        raise feed.failure
    if feed.failure is not None:
        raise InspectorError(f"the viewer cannot listen to {about.station}: {feed.failure!r}") from feed.failure
    return 0


async def _serve(server: uvicorn.Server, feed: Feed, listener: socket.socket) -> None:
    feed.start(asyncio.get_running_loop())
    try:
        await server.serve(sockets=[listener])
    finally:
        await asyncio.to_thread(feed.stop)


class _Server(uvicorn.Server):
    """Uvicorn that leaves signals to the program around it, and ends when `stop` is set."""

    def __init__(self, config: uvicorn.Config, stop: threading.Event) -> None:
        super().__init__(config)
        self._stop = stop

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def on_tick(self, counter: int) -> bool:
        """Called by uvicorn ten times a second."""
        return self._stop.is_set() or await super().on_tick(counter)

    def give_up(self) -> None:
        """From any thread."""
        self.should_exit = True
