"""What the line sees of its source: a live one is asked again when its driver fails, and no backlog passes for new."""

import threading
import time
from collections.abc import Generator, Iterator
from typing import Final

from inspector.errors import InspectorError
from inspector.line.journal import Journal
from inspector.line.watch import Freshness, Pulse
from inspector.messages import Frame, Missed, Seen, Silence
from inspector.sources import Source

BACK_OFF_S: Final = (0.2, 5.0)
"""First and longest pause before a source whose driver failed is asked again; each is twice the one before."""


def seen(source: Source, journal: Journal, pulse: Pulse, fresh: Freshness, stop: threading.Event) -> Generator[Seen]:
    """What the source gives until it ends or `stop` is set.

    While the source is inside its driver the pulse says so. What a live one raises, other than an InspectorError, is
    said as its Silence; then it is closed and asked anew. Raises what a file raises.
    """
    pause_s = BACK_OFF_S[0]
    while True:
        try:
            for item in _timed(source, pulse, fresh, stop):
                pause_s = BACK_OFF_S[0] if isinstance(item, Frame) else pause_s
                yield item
            return
        except InspectorError:
            raise
        except Exception as error:
            if not source.live:
                raise
            lost = f"the source failed: {type(error).__name__}: {error}; asking it again"
        journal.note("source_error", lost, once=True)
        yield Silence(arrived_ns=time.monotonic_ns(), lost=lost)
        if stop.wait(pause_s):
            return
        pause_s = min(2 * pause_s, BACK_OFF_S[1])
        source.close()


def _timed(source: Source, pulse: Pulse, fresh: Freshness, stop: threading.Event) -> Iterator[Seen]:
    """The same, with a live source's stale frames as the losses they are."""
    frames = iter(source.frames(stop))
    while True:
        asked_ns = time.monotonic_ns()
        pulse.begin()
        try:
            item = next(frames, None)
        finally:
            pulse.end()
        if item is None:
            return
        if source.live and fresh.stale(asked_ns, time.monotonic_ns()) and isinstance(item, Frame):
            yield Missed(exposed_ns=item.exposed_ns, arrived_ns=item.arrived_ns, count=1, reason="stale",
                         name=item.name, detail="pictures that were taken while the station was frozen")  # fmt: skip
        else:
            yield item
