"""A capture thread that dies of its trigger, say, goes on in the same run; nobody's number is given twice."""

import queue
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from inspector import config
from inspector.errors import InspectorError
from inspector.line import lasting
from inspector.line import ring as ring_module
from inspector.messages import Frame, LostPart, Part, Seen
from inspector.triggers import Requests, open_trigger
from inspector.triggers.every_frame import EveryFrameTrigger
from inspector.triggers.software import SoftwareTrigger
from tests.fakes import ScriptedSource, frame
from tests.line.lines import Line

GOOD, CURSED = 50, 66


class Cursed(EveryFrameTrigger):
    """Raises at a CURSED picture, after it has counted it."""

    def parts(self, seen: Seen) -> Iterator[Part | LostPart]:
        for part in super().parts(seen):
            if isinstance(seen, Frame) and seen.counter == CURSED:
                raise ZeroDivisionError("no silhouette")
            yield part

    def anew(self, first: int) -> "Cursed":
        return Cursed(first)


class Camera(ScriptedSource):
    """Gives what is left of its pictures whenever it is asked, and says how often it was opened."""

    def __init__(self, *values: int) -> None:
        super().__init__((), live=True)
        self.asked = 0
        self.left: queue.SimpleQueue[int] = queue.SimpleQueue()
        for value in values:
            self.left.put(value)

    def frames(self, stop: threading.Event) -> Iterator[Seen]:
        self.asked, self.closed = self.asked + 1, False
        while not self.left.empty():
            yield frame(self.left.get())


@pytest.fixture
def line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Line:
    monkeypatch.setattr("tests.line.lines.open_trigger", lambda *_: Cursed())
    return Line(tmp_path)


def test_a_capture_thread_that_dies_goes_on_with_the_next_number_and_the_line_is_not_ready_meanwhile(line: Line):
    class Slow(Camera):
        def frames(self, stop: threading.Event) -> Iterator[Seen]:
            if self.asked:
                line.heard.wait_for_state("not_ready")  # on a busy machine it could be over before the heartbeat is out
            yield from super().frames(stop)

    camera = Slow(GOOD, GOOD, CURSED, GOOD, GOOD)
    line.run(camera)
    assert line.heard.outcomes == ["pass"] * 4, "of the same run, numbered from 1 without a gap: Line.run sees to that"
    assert camera.asked == 2
    [(_, told)] = line.heard.told("capture_error")
    assert told.startswith("the capture thread failed: ZeroDivisionError: no silhouette (test_lasting.py, line ")
    assert next(health.reasons for health in line.heard.healths if health.state == "not_ready") == (told,)
    assert [event.detail for event in line.heard.events if event.kind == "state"][-2:] == ["ready", "ended"]
    assert line.healths[-1].counts["capture_error"] == 1


def test_its_end_is_said_within_a_second_and_a_stop_is_heard_meanwhile(line: Line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lasting, "PAUSES_S", (120.0,))
    stopper = threading.Thread(target=lambda: (line.heard.wait_for_state("not_ready"), line.stop.set()))
    died_ns = []

    class Last(Camera):
        def frames(self, stop: threading.Event) -> Iterator[Seen]:
            for seen in super().frames(stop):
                died_ns.append(time.time_ns())
                yield seen

    stopper.start()
    begun = time.monotonic()
    line.run(Last(CURSED))
    stopper.join()
    unready = next(event for event in line.heard.events if event.detail.startswith("not_ready"))
    assert unready.now_ns - died_ns[0] < 1e9
    assert time.monotonic() - begun < 120, "a stop does not wait for the end of the pause"


def test_a_part_that_it_died_of_is_not_inspected_and_holds_up_nobody(line: Line, monkeypatch: pytest.MonkeyPatch):
    copyto, copied = np.copyto, []

    def fail_once(target: np.ndarray, source: np.ndarray) -> None:
        copied.append(source)
        if len(copied) == 2:
            raise MemoryError("no room")
        copyto(target, source)

    monkeypatch.setattr(ring_module.np, "copyto", fail_once)
    line.run(Camera(GOOD, GOOD, GOOD))
    assert line.heard.outcomes == ["pass", "camera", "pass"]


def test_what_kills_it_again_and_again_ends_the_process_for_its_supervisor(line: Line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lasting, "PAUSES_S", (0.01, 0.01))
    camera = Camera(GOOD, CURSED, CURSED, CURSED, GOOD)
    with pytest.raises(InspectorError, match="the capture thread failed: ZeroDivisionError: no silhouette") as raised:
        line.run(camera)
    assert raised.value.exit_code == 70
    assert (line.heard.outcomes, camera.asked, camera.closed) == (["pass"], 3, True)


def test_what_went_well_for_long_begins_again_with_the_first_pause(line: Line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(lasting, "PAUSES_S", (0.01,))
    monkeypatch.setattr(lasting, "STEADY_S", 0.0)
    line.run(Camera(CURSED, CURSED, CURSED, GOOD))
    assert line.heard.outcomes == ["pass"]


def test_a_request_that_waits_for_its_picture_goes_on_waiting_behind_a_new_trigger():
    requests = Requests()
    trigger = open_trigger(config.SoftwareTrigger(), requests)
    assert isinstance(trigger, SoftwareTrigger)
    requests.put("A7")
    before = Frame(exposed_ns=0, arrived_ns=0, counter=1, image=frame().image)
    assert list(trigger.parts(before)) == []
    [part] = trigger.anew(5).parts(frame(GOOD))
    assert (part.seq, part.part, type(part)) == (5, "A7", Part)
