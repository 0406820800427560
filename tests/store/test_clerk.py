"""What goes into the log: each fact once, whatever was heard before the store was started again."""

import json
from dataclasses import replace

from inspector.messages import Verdict
from inspector.store.chain import Entry
from inspector.store.clerk import Clerk
from inspector.wire.codec import encode
from inspector.wire.received import (
    Contradiction,
    EventReceived,
    Gap,
    HealthReceived,
    Ignored,
    Malformed,
    NewRun,
    Received,
    Repeated,
    VerdictReceived,
)
from tests.wire.samples import event, health, verdict


class Memory:
    """A log that knows what it is told."""

    def __init__(self, *known: Verdict) -> None:
        self._known = {(each.run, each.seq): encode(each).decode() for each in known}

    def verdict(self, run: str, seq: int) -> str | None:
        return self._known.get((run, seq))

    def seqs(self, run: str, first: int, last: int) -> list[int]:
        return sorted(seq for name, seq in self._known if name == run and first <= seq <= last)


def received(seq: int, run: str = "r1") -> Received:
    return VerdictReceived(verdict=verdict(seq, run=run), recovered=False)


def kinds(entries: list[Entry]) -> list[str]:
    return [entry.kind for entry in entries]


def heard(clerk: Clerk, *items: Received) -> list[Entry]:
    return [entry for item in items for entry in clerk.take(item, 5, 0.0)]


def content(entry: Entry) -> dict[str, object]:
    found: dict[str, object] = json.loads(entry.content)
    return found


def test_a_run_from_start_to_end() -> None:
    items = [
        NewRun(run="r1", previous=None),
        HealthReceived(health=health(0, state="starting")),
        EventReceived(event=event()),
        HealthReceived(health=health(0)),
        received(1),
        HealthReceived(health=health(1)),
        received(2),
        HealthReceived(health=health(2, state="ended")),
        HealthReceived(health=health(2, state="ended")),
    ]
    entries = heard(Clerk(Memory()), *items)
    assert kinds(entries) == [
        "run_started", "health", "event", "health", "recipe", "verdict", "verdict", "health", "run_ended",
    ]  # fmt: skip
    assert all(entry.at_ns == 5 for entry in entries)
    assert content(entries[5]) == json.loads(encode(verdict(1)))
    assert content(entries[-1]) == {"run": "r1", "taken": 2, "published": 2}


def test_a_run_that_never_said_it_ended_is_lost() -> None:
    clerk = Clerk(Memory())
    entries = heard(clerk, NewRun(run="r1", previous=None), received(1), NewRun(run="r2", previous="r1"))
    assert kinds(entries) == ["run_started", "recipe", "verdict", "run_lost", "run_started"]
    assert content(entries[-1]) == {"run": "r2", "previous": "r1"}
    ended = HealthReceived(health=health(0, run="r2", state="ended"))
    assert "run_lost" not in kinds(heard(clerk, ended, NewRun(run="r3", previous="r2")))


def test_started_again_in_the_same_run_it_says_nothing_twice() -> None:
    clerk = Clerk(Memory(verdict(1), verdict(2)), run="r1", terms=("abc", 20.0))
    recovered = [VerdictReceived(verdict=verdict(seq), recovered=True) for seq in (1, 2, 3)]
    entries = heard(clerk, NewRun(run="r1", previous=None), *recovered)
    assert [content(entry)["seq"] for entry in entries] == [3]
    lost = heard(Clerk(Memory(), run="r1"), NewRun(run="r2", previous=None))
    assert kinds(lost) == ["run_lost", "run_started"]
    assert kinds(heard(Clerk(Memory(), run="r1", ended=True), NewRun(run="r2", previous=None))) == ["run_started"]


def test_a_gap_is_what_the_log_does_not_have() -> None:
    clerk = Clerk(Memory(verdict(3), verdict(4)))
    gaps = [content(entry) for entry in heard(clerk, Gap(run="r1", first=1, last=6))]
    assert [(gap["first"], gap["last"]) for gap in gaps] == [(1, 2), (5, 6)]


def test_another_recipe_or_threshold_is_an_entry_before_its_first_verdict() -> None:
    clerk = Clerk(Memory())
    other = replace(verdict(2), threshold=30.0)
    entries = heard(clerk, received(1), VerdictReceived(verdict=other, recovered=False))
    assert kinds(entries) == ["recipe", "verdict", "recipe", "verdict"]
    assert content(entries[2]) == {"run": "r1", "seq": 2, "recipe": "abc", "threshold": 30.0}


def test_of_two_verdicts_for_a_part_both_are_kept_and_the_one_that_is_no_pass_stands() -> None:
    passed, failed = verdict(1), verdict(1, "fail")
    heard_live = heard(Clerk(Memory()), Contradiction(stands=failed, refused=passed))
    after_restart = heard(Clerk(Memory(failed)), VerdictReceived(verdict=passed, recovered=True))
    for (entry,) in (heard_live, after_restart):
        assert entry.kind == "contradiction"
        told = content(entry)
        assert told["stands"]["outcome"] == "fail"  # type: ignore[index]
        assert told["refused"]["outcome"] == "pass"  # type: ignore[index]


def test_silence_is_an_entry_and_so_is_its_end() -> None:
    clerk = Clerk(Memory(), run="r1")
    assert clerk.tick(0, 100.0) == []  # no station was heard yet
    assert kinds(clerk.take(HealthReceived(health=health(0)), 0, 100.0)) == ["health"]
    assert clerk.tick(0, 100.9) == []
    assert kinds(clerk.tick(0, 101.1)) == ["silence"]
    assert clerk.tick(0, 105.0) == []
    assert kinds(clerk.take(HealthReceived(health=health(0)), 0, 106.0)) == ["health"]
    clerk.take(HealthReceived(health=health(0, state="ended")), 0, 107.0)
    assert clerk.tick(0, 200.0) == []  # it has said that it ended


def test_what_says_nothing_new_is_no_entry_and_what_cannot_be_read_is_one() -> None:
    clerk = Clerk(Memory())
    assert heard(clerk, Repeated(run="r1", seq=1), Ignored(run="r0", seq=1, why="superseded")) == []
    assert kinds(heard(clerk, Malformed(what="verdict.line1", error="not a Verdict"))) == ["malformed"]
