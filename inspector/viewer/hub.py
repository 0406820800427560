"""The state and the browsers that follow it: where the event loop begins.

    feed threads ──hear(), see(), …──▶ Live, Records, Watch, Marks ──▶ one follow() per browser ──▶ WebSocket

A browser acknowledges each message once it has shown it. It gets no more while WINDOW are open, so a slow one never
has old pictures queued before it, on whatever side of the network, and one that does not read costs nothing.
"""

import asyncio
import contextlib
import json
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from inspector.messages import BridgeHealth, Evidence, Overlay
from inspector.viewer.alarms import Alarm
from inspector.viewer.live import Cursor, Live
from inspector.viewer.marks import Marks
from inspector.viewer.panel import Disk
from inspector.viewer.records import Records
from inspector.viewer.watch import Watch
from inspector.wire.received import Received

WINDOW = 4
"""Messages that a browser may have unacknowledged: enough for 30 pictures a second over a link of 60 ms."""
BEAT_S = 1.0
"""A page hears from us at least so often, so that it can tell a dead connection from a silent station."""
BROWSERS = 64
"""More are turned away, so that a forgotten script cannot exhaust the machine."""


class Hub:
    """Lives in one event loop; everything here is called from it."""

    def __init__(
        self,
        live: Live,
        records: Records,
        watch: Watch,
        marks: Marks,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.live = live
        self.records = records
        self.watch = watch
        self.marks = marks
        self._clock = clock
        self._browsers: set[asyncio.Event] = set()

    async def hear(self, received: list[Received]) -> None:
        """What the verdict thread received; nothing is news too, since silence is."""
        now = self._clock()
        self.live.hear(received, now)
        self.records.hear(received)
        self.marks.hear(received)
        self.watch.hear(received, now)
        self._wake()

    async def see(self, overlay: Overlay) -> None:
        """What the overlay thread received."""
        self.live.see(overlay)
        self._wake()

    async def prove(self, evidence: list[Evidence]) -> None:
        """What the evidence thread received."""
        for piece in evidence:
            self.live.prove(piece)
        self._wake()

    async def bridge(self, health: BridgeHealth) -> None:
        """What the bridge said."""
        self.watch.bridge(health, self._clock())

    async def disk(self, disk: Disk) -> None:
        """What the disk thread found."""
        self.watch.disk(disk)

    def acknowledge(self, number: int, by: str) -> tuple[Alarm, float] | None:
        """Note that somebody has seen an alarm; the alarm and how long ago it began, in s, or None where it does not
        wait for that."""
        now = self._clock()
        alarm = self.watch.acknowledge(number, by, now)
        self._wake()
        return None if alarm is None else (alarm, now - alarm.began)

    async def follow(self, browser: WebSocket) -> None:
        """Serve one browser until it goes."""
        if len(self._browsers) >= BROWSERS:
            await browser.close(1013, f"{BROWSERS} browsers are watching already")
            return
        turn = asyncio.Event()
        turn.set()
        self._browsers.add(turn)
        try:
            await browser.accept()
            await _Follower(self.live, self.watch, self._clock, browser, turn).run()
        except WebSocketDisconnect:
            pass
        finally:
            self._browsers.discard(turn)

    def _wake(self) -> None:
        for turn in self._browsers:
            turn.set()


class _Follower:
    """One browser: a cursor, and how many messages it has not acknowledged."""

    def __init__(
        self, live: Live, watch: Watch, clock: Callable[[], float], browser: WebSocket, turn: asyncio.Event
    ) -> None:
        self._live = live
        self._watch = watch
        self._watched = self._told = -1
        self._clock = clock
        self._browser = browser
        self._turn = turn
        self._cursor = Cursor()
        self._open = 0
        self._said_at = float("-inf")

    async def run(self) -> None:
        """Both ways at once; ends with WebSocketDisconnect when the browser goes."""
        sending = asyncio.create_task(self._send())
        receiving = asyncio.create_task(self._receive())
        try:
            done, _ = await asyncio.wait((sending, receiving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            receiving.cancel()
            await asyncio.gather(sending, receiving, return_exceptions=True)
        for task in done:
            task.result()

    async def _send(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT_S):
                    await self._turn.wait()
            self._turn.clear()
            if self._clock() - self._said_at >= BEAT_S:  # we are woken when there is no news, too
                self._cursor = replace(self._cursor, status=-1)
            while self._open < WINDOW and (news := self._live.news(self._cursor, self._clock())):
                self._cursor = news.cursor
                if news.update is not None:
                    await self._say(news.update)
                if news.picture is not None:
                    self._open += 1
                    await self._browser.send_bytes(news.picture)
            await self._send_panel()

    async def _send_panel(self) -> None:
        """Health, and alarms and events, where they have changed."""
        now = self._clock()
        update: dict[str, Any] = {}
        if self._watched != self._watch.version:
            update["components"] = self._watch.components(now)
        if self._told != self._watch.told:
            update["past"] = self._watch.past(now)
        if update and self._open < WINDOW:
            self._watched, self._told = self._watch.version, self._watch.told
            await self._say(update)

    async def _say(self, update: dict[str, Any]) -> None:
        self._open += 1
        self._said_at = self._clock()
        await self._browser.send_text(json.dumps(update, allow_nan=False, separators=(",", ":")))

    async def _receive(self) -> None:
        while True:
            await self._browser.receive_text()
            self._open = max(0, self._open - 1)
            self._turn.set()
