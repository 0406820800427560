"""`inspector record`: what the camera gave, and what came of it, written beside a line that does not notice.

    source ──▶ (tap) ──▶ trigger, ring, scorer …              the verdict path, as ever
                 └─ after it: a copy, if there is room ──▶ recorder thread ──▶ pictures, index
                                          verdicts, heard on the wire ──┘

Pictures are encoded outside Python's lock. (A lower priority would do harm: a thread that is not scheduled while it
holds that lock holds up all others.) Frames that come faster than they can be written are dropped, and counted in the
index.
"""

import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Final

from loguru import logger

from inspector.config import WireConfig
from inspector.errors import SourceError
from inspector.messages import Frame, Missed, Seen, Silence
from inspector.sources import Source
from inspector.sources.rolling import Limits, RollingRecording
from inspector.wire.codec import encode
from inspector.wire.subscribe import HealthReceived, Received, Subscriber, VerdictReceived

ROOM: Final = 256_000_000
"""Bytes of pictures that wait, at most: a burst is written later, not lost."""
TAKE_S: Final = 0.05
"""How long the recorder waits for a frame before it listens for verdicts."""
HEARD_S: Final = 2.0
"""How long the first frame waits, at most, until the recorder hears the station."""
LAST_S: Final = 1.0
"""How long it waits for the last verdicts."""
AGAIN_S: Final = 5.0
"""After a picture could not be written it tries again so much later."""


class Recorder:
    """Records one run of a station, until it is closed."""

    def __init__(self, out: Path, limits: Limits, wire: WireConfig, station: str, room: int = ROOM) -> None:
        self.recorded = 0
        """Frames written."""
        self.dropped = 0
        """Frames that were given and are not in the recording."""
        self.trouble = ""
        """Why the last one could not be written; empty when it could."""
        self._wire = wire
        self._station = station
        self._room = room
        self._waiting: deque[tuple[int, Frame | Missed]] = deque()
        self._bytes = 0
        self._unwritten = 0
        self._over = False
        self._changed = threading.Condition()
        self._recording = RollingRecording(out, limits)
        self._resume_at = 0.0
        self._heard_end = False
        self._hears = threading.Event()
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def tap(self, source: Source) -> Source:
        """The same source, of which everything is recorded that it gives."""
        return _Tapped(source, self)

    def wait(self) -> None:
        """Wait until the station is heard, so that its first verdicts are, too; at most HEARD_S."""
        self._hears.wait(HEARD_S)

    def take(self, seen: Frame | Missed) -> None:
        """Copy it for the recorder, or drop it where there is no room. From the capture thread; never waits."""
        size = seen.image.nbytes if isinstance(seen, Frame) else 0
        with self._changed:
            if self._bytes + size > self._room:
                self._unwritten += 1
                self.dropped += 1
                return
            before, self._unwritten = self._unwritten, 0
            self._bytes += size
        copy = replace(seen, image=seen.image.copy()) if isinstance(seen, Frame) else seen
        with self._changed:
            self._waiting.append((before, copy))
            self._changed.notify()

    def close(self) -> None:
        """Write what waits, and the last verdicts; then say what was recorded."""
        with self._changed:
            self._over = True
            self._changed.notify()
        self._thread.join()
        logger.info("recorded {} frames; {} dropped, since they came faster than they could be written", self.recorded,
                    self.dropped)  # fmt: skip

    def _run(self) -> None:
        try:
            self._record()
        except Exception:  # nobody else could hear of it in this thread
            logger.exception("a fault in the recorder: nothing more is recorded, the line goes on")

    def _record(self) -> None:
        with closing(Subscriber(self._wire, self._station, "recorder")) as subscriber:
            while not self._drained:
                for before, seen in self._next():
                    self._guarded(before, seen)
                self._listen(subscriber.receive(0))
            if self._unwritten:
                with suppress(SourceError, OSError):
                    self._recording.dropped(self._unwritten, time.time_ns())
            until = time.monotonic() + LAST_S
            while not self._heard_end and time.monotonic() < until:
                self._listen(subscriber.receive(TAKE_S))
        self._recording.give_up()

    @property
    def _drained(self) -> bool:
        with self._changed:
            return self._over and not self._waiting

    def _next(self) -> Iterator[tuple[int, Frame | Missed]]:
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._over, TAKE_S)
            if not self._waiting:
                return
            item = self._waiting.popleft()
        yield item
        if isinstance(item[1], Frame):
            with self._changed:
                self._bytes -= item[1].image.nbytes

    def _guarded(self, before: int, seen: Frame | Missed) -> None:
        """Write one thing; a disk that takes nothing costs pictures, never the run."""
        if time.monotonic() < self._resume_at:
            self._drop(before)
            return
        try:
            if before:
                self._recording.dropped(before, seen.exposed_ns)
            if isinstance(seen, Frame):
                self._recording.write(seen)
                self.recorded += 1
                self.trouble = ""
            else:
                self._recording.lost(seen)
        except (SourceError, OSError) as error:
            self.trouble = str(error)
            logger.error("recording stops for {:g} s: {}", AGAIN_S, error)
            self._recording.give_up()
            self._resume_at = time.monotonic() + AGAIN_S
            self._drop(before)

    def _drop(self, before: int) -> None:
        with self._changed:
            self._unwritten += before + 1
            self.dropped += 1  # those before it are counted already

    def _listen(self, received: list[Received]) -> None:
        if received:
            self._hears.set()
        for item in received:
            if isinstance(item, VerdictReceived):
                with suppress(OSError):  # said when the next picture cannot be written either
                    self._recording.verdict(encode(item.verdict), item.verdict.exposed_ns)
            elif isinstance(item, HealthReceived) and item.health.state == "ended":
                self._heard_end = True


class _Tapped:
    """A source that is listened to. What it gives is judged first and recorded after that."""

    def __init__(self, source: Source, recorder: Recorder) -> None:
        self._source = source
        self._recorder = recorder

    @property
    def live(self) -> bool:
        return self._source.live

    @property
    def paced(self) -> bool:
        return self._source.paced

    @property
    def frame_size(self) -> tuple[int, int] | None:
        return self._source.frame_size

    def frames(self, stop: threading.Event) -> Iterator[Seen]:
        self._recorder.wait()
        for seen in self._source.frames(stop):
            yield seen
            # the line has asked for the next one, so this one is in the ring, or is nobody's
            if not isinstance(seen, Silence):
                self._recorder.take(seen)

    def close(self) -> None:
        self._source.close()
