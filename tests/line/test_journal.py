"""The journal: everything is counted, nothing is said twice without need, nobody has to listen."""

from inspector.line.identity import Identity, new_run_id
from inspector.line.journal import PILE, Journal

IDENTITY = Identity("line1", "20260101T000000-0001", "live")


def test_wire_and_log_each_get_every_event():
    journal = Journal(IDENTITY)
    journal.note("late_score", "pass", seq=3)
    journal.stand("ready")
    for events in (list(journal.events_for_wire()), list(journal.events_for_log())):
        assert [(e.kind, e.seq, e.detail) for e in events] == [("late_score", 3, "pass"), ("state", None, "ready")]
        assert (events[0].station, events[0].run, events[0].mode) == ("line1", IDENTITY.run, "live")
    assert list(journal.events_for_wire()) == []


def test_what_repeats_is_counted_each_time_and_told_once():
    journal = Journal(IDENTITY)
    for _ in range(5):
        journal.note("score_error", "boom", once=True)
    journal.note("score_error", "another", once=True)
    assert journal.counts["score_error"] == 6
    assert [e.detail for e in journal.events_for_wire()] == ["boom", "another"]


def test_a_state_that_does_not_change_is_no_event():
    journal = Journal(IDENTITY)
    journal.stand("stopping", "a thread hangs")
    journal.stand("stopping", "a thread hangs")
    assert [e.detail for e in journal.events_for_wire()] == ["stopping: a thread hangs"]
    assert (journal.standing.state, journal.standing.reasons) == ("stopping", ("a thread hangs",))


def test_events_that_nobody_takes_do_not_pile_up_and_the_dropped_are_counted():
    journal = Journal(IDENTITY)
    for seq in range(1, PILE + 11):
        journal.note("late_score", seq=seq)
    list(journal.events_for_wire())
    journal.note("late_score", seq=PILE + 11)
    assert next(journal.events_for_wire()).seq == PILE + 11
    assert next(journal.events_for_log()).seq == 12
    assert journal.counts["events_dropped"] == 10 + 10 + 1


def test_run_ids_are_unique_and_sort_by_time():
    ids = [new_run_id() for _ in range(20)]
    assert len(set(ids)) > 1
    assert all(len(one) == 20 and one[8] == "T" and one[15] == "-" for one in ids)


def test_a_line_that_is_hindered_is_not_ready_and_says_each_reason_until_it_is_gone():
    journal = Journal(IDENTITY)
    journal.hinder("source", "the camera is unplugged")
    assert journal.standing.state == "starting"  # not ready as it is; the reason is kept
    journal.stand("ready")
    journal.hinder("source", "the camera is unplugged")
    assert (journal.standing.state, journal.standing.reasons) == ("not_ready", ("the camera is unplugged",))
    journal.hinder("belt", "stopped by hand")
    assert journal.standing.reasons == ("the camera is unplugged", "stopped by hand")
    journal.hinder("source")
    journal.hinder("belt")
    assert journal.standing.state == "ready"
    journal.hinder("source", "gone again")
    journal.stand("stopping")
    assert journal.standing.state == "stopping"
    assert [e.detail for e in journal.events_for_wire()] == [
        "not_ready: the camera is unplugged",
        "not_ready: the camera is unplugged; stopped by hand",
        "not_ready: stopped by hand",
        "ready",
        "not_ready: gone again",
        "stopping",
    ]
