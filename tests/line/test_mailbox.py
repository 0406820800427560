"""The mailbox and its pace: newest wins, a reject is not hidden by an empty belt, nobody waits."""

import threading
from collections import deque
from random import Random

from inspector.line.mailbox import Mailbox, Pace


def test_the_newest_part_is_taken_once():
    box = Mailbox[str]()
    assert box.post("old")
    assert box.post("new")
    assert (box.take(0), box.take(0)) == ("new", None)


def test_a_preview_displaces_a_preview_but_never_a_part():
    box = Mailbox[str]()
    assert box.post("preview 1", preview=True)
    assert box.post("preview 2", preview=True)
    assert box.post("part")
    assert not box.post("preview 3", preview=True)
    assert box.take(0) == "part"
    assert box.post("preview 4", preview=True)
    assert box.take(0) == "preview 4"


def test_a_waiting_reader_is_woken_by_a_post_and_by_the_end():
    box, read = Mailbox[str](), deque[str | None]()
    reader = threading.Thread(target=lambda: read.extend((box.take(60), box.take(60))))
    reader.start()
    box.post("part")
    box.close()
    reader.join(5)
    assert list(read) == ["part", None]


def test_what_lies_in_a_closed_mailbox_can_still_be_taken_but_nothing_comes_in():
    box = Mailbox[str]()
    box.post("last")
    box.close()
    assert not box.post("too late")
    assert (box.closed, box.take(0), box.take(0)) == (True, "last", None)


def test_the_pace_is_kept_whatever_the_rate_asked():
    pace = Pace(10)
    yes = [ms for ms in range(0, 10_000, 7) if pace.due(ms * 1_000_000)]
    assert len(yes) == 100
    for start in range(0, 9000, 50):
        assert sum(start <= ms < start + 1000 for ms in yes) <= 11


def test_what_comes_at_that_very_rate_is_hardly_ever_refused():
    pace, random = Pace(30), Random(1)
    asked = [part * 1e9 / 30 + random.gauss(0, 3e6) for part in range(3000)]
    assert sum(pace.due(round(at)) for at in asked) >= 2990


def test_after_a_long_rest_there_is_no_burst():
    pace = Pace(10)
    assert pace.due(0)
    assert [pace.due(ms * 1_000_000) for ms in (60_000, 60_001, 60_002, 60_003)] == [True, True, False, False]


def test_a_pace_of_zero_is_never():
    assert not Pace(0).due(0)
