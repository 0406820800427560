import time

import numpy as np

from inspector.config import SoftwareTrigger
from inspector.messages import Frame, LostPart, Missed, Part, Silence
from inspector.triggers import Requests, Trigger, open_trigger


def opened(timeout_ms: float = 1000.0) -> tuple[Requests, Trigger]:
    requests = Requests()
    return requests, open_trigger(SoftwareTrigger(timeout_ms=timeout_ms), requests)


def frame(later_ms: float = 0.0, *, exposed_ms: float | None = None) -> Frame:
    """A picture that arrives so much later than now, exposed then too unless said."""
    arrived_ns = time.monotonic_ns() + round(later_ms * 1e6)
    exposed_ns = time.time_ns() + round((later_ms if exposed_ms is None else exposed_ms) * 1e6)
    return Frame(exposed_ns=exposed_ns, arrived_ns=arrived_ns, counter=1, image=np.zeros((4, 6, 3), np.uint8))


def told(parts: list[Part | LostPart]) -> list[tuple[int, str, str]]:
    return [(each.seq, each.part, each.reason if isinstance(each, LostPart) else "picture") for each in parts]


def test_a_request_gets_the_first_picture_after_it_and_its_id_back() -> None:
    requests, trigger = opened()
    assert list(trigger.parts(frame())) == []
    requests.put("B-17")
    assert told(list(trigger.parts(frame(1)))) == [(1, "B-17", "picture")]
    assert list(trigger.parts(frame(2))) == []


def test_a_picture_on_its_way_when_it_was_asked_for_is_not_it() -> None:
    requests, trigger = opened()
    early = frame()
    requests.put("B-17")
    assert list(trigger.parts(early)) == []
    assert list(trigger.parts(frame(5, exposed_ms=-20))) == [], "it came late, but was exposed before"
    assert told(list(trigger.parts(frame(40)))) == [(1, "B-17", "picture")]


def test_of_two_that_wait_for_one_picture_the_older_is_missed() -> None:
    requests, trigger = opened()
    requests.put("B-1")
    requests.put("B-2")
    assert told(list(trigger.parts(frame(1)))) == [(1, "B-1", "missed"), (2, "B-2", "picture")]


def test_a_request_that_no_picture_answers_in_time_is_missed_also_in_silence() -> None:
    requests, trigger = opened(timeout_ms=100)
    requests.put("B-1")
    now_ns = time.monotonic_ns()
    assert list(trigger.parts(Silence(arrived_ns=now_ns + 50_000_000))) == []
    assert told(list(trigger.parts(Silence(arrived_ns=now_ns + 200_000_000)))) == [(1, "B-1", "missed")]
    assert list(trigger.parts(frame(300))) == []


def test_a_picture_that_came_too_late_is_not_judged_for_it() -> None:
    requests, trigger = opened(timeout_ms=100)
    requests.put("B-1")
    assert told(list(trigger.parts(frame(200)))) == [(1, "B-1", "missed")]


def test_the_picture_that_the_camera_lost_was_the_requests() -> None:
    requests, trigger = opened()
    requests.put("B-1")
    lost = Missed(exposed_ns=time.time_ns(), arrived_ns=time.monotonic_ns(), count=1, reason="camera")
    assert told(list(trigger.parts(lost))) == [(1, "B-1", "missed")]


def test_requests_left_at_the_end_are_stopped() -> None:
    requests, trigger = opened()
    requests.put("B-1")
    requests.put("B-2")
    assert told(list(trigger.end())) == [(1, "B-1", "stopped"), (2, "B-2", "stopped")]


def test_an_id_longer_than_a_verdict_carries_is_cut() -> None:
    requests, trigger = opened()
    requests.put("x" * 100)
    (part,) = trigger.parts(frame(1))
    assert part.part == "x" * 64
