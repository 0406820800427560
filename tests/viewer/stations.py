"""A station to look at: the real publishers in a thread of their own, told what to say."""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import Any

import cv2
import numpy as np

from inspector.config import WireConfig
from inspector.messages import Event, Health, Outcome, Overlay, Reason, Scene, State, Verdict
from inspector.wire.publish import OverlayPublisher, Publisher
from tests.wire import samples

BEAT_S = 0.1
RED, GREEN, BLUE = (0, 0, 220), (0, 200, 0), (220, 0, 0)
"""Colours of pictures, BGR."""


def verdict(seq: int, outcome: Outcome = "pass", run: str = "r1", part: str = "", reason: Reason = "late") -> Verdict:
    """A verdict of that outcome; `reason` where it is not inspected."""
    plain = samples.verdict(seq, outcome, run=run, part=part)
    return replace(plain, reason=reason) if outcome == "not_inspected" else plain


def overlay(seq: int | None, outcome: Outcome | None = "fail", run: str = "r1", part: str = "",
            colour: tuple[int, int, int] = RED) -> Overlay:  # fmt: skip
    """A picture of one colour, half as large as its source, with a defect in the middle; without seq a preview."""
    encoded, jpeg = cv2.imencode(".jpg", np.full((60, 80, 3), colour, np.uint8))
    assert encoded
    score_map = np.full((6, 8), 20, np.uint8)
    score_map[2:4, 3:5] = 250
    return Overlay(
        kind="preview" if seq is None else "part",
        station="line1",
        run=run,
        seq=seq,
        part=part,
        outcome=None if seq is None else outcome,
        score=31.0,
        threshold=20.0,
        outlines=(((60.0, 40.0), (100.0, 40.0), (100.0, 80.0), (60.0, 80.0)),) if outcome == "fail" and seq else (),
        picture_size=(80, 60),
        picture_to_source=(2.0, 0.0, 0.0, 0.0, 2.0, 0.0),
        map_size=(8, 6),
        map_to_source=(20.0, 0.0, 0.0, 0.0, 20.0, 0.0),
        jpeg=jpeg.tobytes(),
        score_map=score_map.tobytes(),
    )


class Station:
    """A thread that owns the sockets, beats its heart, and shows a preview each time. Use `running()`."""

    def __init__(self, wire: WireConfig, run: str) -> None:
        self.run = run
        self.state: State = "ready"
        self.reasons: tuple[str, ...] = ()
        self.beating = True
        self.scene: Scene | None = None
        """What its previews tell of the parts on the belt."""
        self._wire = wire
        self._counts: dict[str, int] = {}
        self._seq = 0
        self._greeted = threading.Event()
        self._stop = threading.Event()
        self._asked: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]]] = queue.SimpleQueue()
        self._publisher: Publisher | None = None
        self._overlays: OverlayPublisher | None = None
        self._thread = threading.Thread(target=self._loop, name="test-station")

    def judge(self, outcome: Outcome = "pass", part: str = "", reason: Reason = "late", seen: bool = False) -> int:
        """Publish the next verdict, and its picture where it was `seen`; returns its seq."""

        def say() -> int:
            assert self._publisher is not None
            assert self._overlays is not None
            self._seq += 1
            keys = [outcome] + ([f"not_inspected.{reason}"] if outcome == "not_inspected" else [])
            self._counts = {**self._counts, **{key: self._counts.get(key, 0) + 1 for key in keys}}
            self._publisher.verdict(verdict(self._seq, outcome, self.run, part, reason))
            if seen:
                colour = GREEN if outcome == "pass" else RED
                self._overlays.send(overlay(self._seq, outcome, self.run, part, colour))
            return self._seq

        return int(self._ask(say))

    def tell(self, kind: str, **facts: str) -> None:
        """Publish an event of that kind, whose text is that of its facts."""
        said = Event(station="line1", run=self.run, mode="live", now_ns=1, kind=kind, detail=" ".join(facts.values()),
                     facts=facts)  # fmt: skip
        self._ask(lambda: self._publisher and self._publisher.event(said))

    def show(self, picture: Overlay) -> None:
        """Publish a picture."""
        self._ask(lambda: self._overlays and self._overlays.send(picture))

    def wait_for_viewer(self) -> None:
        """Until a viewer listens to the verdicts."""
        assert self._greeted.wait(samples.BOUND_S), "no viewer came"

    def _ask(self, what: Callable[[], Any]) -> Any:
        done: Future[Any] = Future()
        self._asked.put((what, done))
        assert self._publisher is not None
        self._publisher.wake()
        return done.result(samples.BOUND_S)

    def _loop(self) -> None:
        with (
            closing(Publisher(self._wire, "line1", self.run)) as self._publisher,
            closing(OverlayPublisher(self._wire)) as self._overlays,
        ):
            next_beat = time.monotonic()
            while not self._stop.is_set():
                self._publisher.serve(BEAT_S / 4)
                if "viewer" in self._publisher.greeted:
                    self._greeted.set()
                while not self._asked.empty():
                    what, done = self._asked.get()
                    done.set_result(what())
                    next_beat = time.monotonic() + BEAT_S  # a preview at once might displace a picture still unsent
                if self.beating and time.monotonic() >= next_beat:
                    next_beat = time.monotonic() + BEAT_S
                    self._publisher.health(self._health())
                    self._overlays.send(replace(overlay(None, run=self.run, colour=BLUE), scene=self.scene))

    def _health(self) -> Health:
        plain = samples.health(self._seq, run=self.run, state=self.state)
        return replace(plain, reasons=self.reasons, counts=self._counts)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()


@contextmanager
def running(wire: WireConfig, run: str = "r1", greeted: bool = True) -> Iterator[Station]:
    """A station; once a viewer listens to it, unless told not to wait."""
    station = Station(wire, run)
    station.start()
    try:
        if greeted:
            station.wait_for_viewer()
        yield station
    finally:
        station.stop()
