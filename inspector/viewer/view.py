"""`inspector view`: binds the port, listens to the station, serves the page."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import uvicorn
from loguru import logger

from inspector import __version__
from inspector.config import Config, NoPlc, is_loopback
from inspector.errors import InspectorError
from inspector.viewer.access import Access
from inspector.viewer.app import Viewed, create_app
from inspector.viewer.archive import Archive
from inspector.viewer.feed import Ears, Feed
from inspector.viewer.here import runs_here
from inspector.viewer.hub import Hub
from inspector.viewer.listen import bind
from inspector.viewer.live import About, Live
from inspector.viewer.marks import Marks
from inspector.viewer.panel import Beside
from inspector.viewer.past import Past
from inspector.viewer.patience import WAITING, Patient
from inspector.viewer.records import Records
from inspector.viewer.reports import Reports
from inspector.viewer.watch import Watch


def run_viewer(config: Config, stop: threading.Event) -> int:
    """Serve the page until `stop` is set, then return 0.

    Raises ConfigError where viewer.host and viewer.port cannot be bound, InspectorError when listening fails.
    """
    with bind(config.viewer) as listener:
        return serve(config, listener, stop)


def serve(config: Config, listener: socket.socket, stop: threading.Event) -> int:
    """Serve on a bound socket until `stop` is set."""
    here = runs_here(config.wire.verdicts)
    viewed = _viewed(config, here)
    server = _Server(
        uvicorn.Config(
            create_app(viewed, loopback=is_loopback(config.viewer.host)),
            http=Patient,
            backlog=WAITING,
            ws="websockets-sansio",
            ws_max_size=1024,  # a browser has nothing longer to say
            ws_per_message_deflate=False,  # pictures do not shrink
            lifespan="off",
            log_config=None,
            access_log=False,
            log_level="error",  # what is no HTTP is no news: else anybody could fill the log
            server_header=False,
            timeout_graceful_shutdown=1,
        ),
        stop,
    )
    feed = Feed(config.wire, config.station.name, _ears(config, here), viewed.hub, on_failure=server.give_up)
    host, port = listener.getsockname()[:2]
    logger.info("viewer of {} at http://{}:{}", viewed.station, f"[{host}]" if ":" in host else host, port)
    asyncio.run(_serve(server, feed, viewed.reports, listener))
    if isinstance(feed.failure, InspectorError):
        raise feed.failure
    if feed.failure is not None:
        raise InspectorError(f"the viewer cannot listen to {viewed.station}: {feed.failure!r}") from feed.failure
    return 0


def _viewed(config: Config, here: bool) -> Viewed:
    """The state behind the page, empty yet. `here`: the station, and so its store, runs on this machine."""
    access = Access.of(config.station.name, config.viewer)
    archive = Archive(Path(config.store.folder)) if config.store and here else None
    about = About(
        version=__version__,
        station=config.station.name,
        endpoint=config.wire.verdicts,
        deadline_ms=config.line.deadline_ms,
        changes=access.changes,
        store=archive is not None,
    )
    beside = Beside(
        deadline_ms=config.line.deadline_ms,
        bridge=None if isinstance(config.plc, NoPlc) else config.wire.bridge,
        store=config.store is not None,
    )
    live, records, marks = Live(about), Records(config.viewer.shifts), Marks()
    hub = Hub(live, records, Watch(beside, records), marks)
    if archive is not None:
        archive.remember(records, marks)
    past = Past(live, marks, archive)
    reports = Reports(config.wire, config.station.name)
    return Viewed(hub=hub, past=past, reports=reports, access=access, wire=config.wire, station=config.station.name)


def _ears(config: Config, here: bool) -> Ears:
    """What to listen to: a station on another machine tells of its disk and its store over the wire alone."""
    folder = config.store.folder if config.store else config.station.log_folder
    keep_free = config.store.free_mb * 1e6 if config.store else 0.0
    return Ears(
        bridge=not isinstance(config.plc, NoPlc),
        evidence=not (here and config.store is not None),
        disk=(folder, keep_free) if here and folder is not None else None,
    )


async def _serve(server: uvicorn.Server, feed: Feed, reports: Reports, listener: socket.socket) -> None:
    feed.start(asyncio.get_running_loop())
    reports.start()
    try:
        await server.serve(sockets=[listener])
    finally:
        await asyncio.gather(asyncio.to_thread(feed.stop), asyncio.to_thread(reports.stop))


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
