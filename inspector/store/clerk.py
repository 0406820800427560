"""What of all that is heard goes into the log, and in which words. Pure, but for what the log knows already.

verdict         as published                      run_started, run_ended, run_lost
health          a heartbeat whose state or reasons are new       silence       no heartbeat for a second
event           as published                      recipe          another recipe or threshold judges
gap, contradiction, malformed                     what the wire could not bring, or should not have
"""

import json
from typing import Any, Final, Protocol

from inspector.messages import Health, Verdict
from inspector.store.chain import Entry
from inspector.wire.codec import encode
from inspector.wire.received import (
    Contradiction,
    EventReceived,
    Gap,
    HealthReceived,
    Malformed,
    NewRun,
    Received,
    VerdictReceived,
)

SILENCE_S: Final = 1.0
"""Without a heartbeat for so long nothing is known of the station."""


class Known(Protocol):
    """What the clerk asks of the log."""

    def verdict(self, run: str, seq: int) -> str | None:
        """A part's verdict, as it was logged."""

    def seqs(self, run: str, first: int, last: int) -> list[int]:
        """Which parts of a range have a verdict."""


class Clerk:
    """Turns what is received into entries; each fact once, also after the store was started again in the same run."""

    def __init__(
        self,
        log: Known,
        run: str | None = None,
        ended: bool = False,
        terms: tuple[str, float] | None = None,
    ) -> None:
        """What the log told of last: a run, whether that has ended, and the recipe and threshold that judged."""
        self._log = log
        self._run = run
        self._ended = ended
        self._terms = terms
        self._standing: tuple[str, tuple[str, ...]] | None = None
        self._heard_s: float | None = None
        self._silent = False

    def take(self, item: Received, now_ns: int, now_s: float) -> list[Entry]:
        """The entries that one thing received gives. now_ns: Unix time; now_s: monotonic."""
        match item:
            case NewRun(run=run):
                return self._new_run(run, now_ns)
            case VerdictReceived(verdict=verdict):
                return self._verdict(verdict, now_ns)
            case HealthReceived(health=health):
                return self._health(health, now_ns, now_s)
            case EventReceived(event=event):
                return [Entry(at_ns=now_ns, kind="event", content=encode(event).decode())]
            case Gap(run=run, first=first, last=last):
                return self._gap(run, first, last, now_ns)
            case Contradiction(stands=stands, refused=refused):
                return [_contradiction(stands, refused, now_ns)]
            case Malformed(what=what, error=error):
                return [_entry(now_ns, "malformed", {"run": self._run, "what": what, "error": error})]
            case _:
                return []  # repeats, and what is of an earlier run, say nothing new

    def tick(self, now_ns: int, now_s: float) -> list[Entry]:
        """The entry for a station that fell silent; to be called several times a second."""
        if self._silent or self._ended or self._heard_s is None or now_s - self._heard_s <= SILENCE_S:
            return []
        self._silent, self._standing = True, None  # the next heartbeat is news
        return [_entry(now_ns, "silence", {"run": self._run, "after_s": SILENCE_S})]

    def _new_run(self, run: str, now_ns: int) -> list[Entry]:
        self._standing, self._heard_s, self._silent = None, None, False
        if run == self._run:
            return []  # the store was started again, the station was not
        told = {"run": self._run, "why": "it never said that it ended"}
        entries = [_entry(now_ns, "run_lost", told)] if self._run is not None and not self._ended else []
        entries.append(_entry(now_ns, "run_started", {"run": run, "previous": self._run}))
        self._run, self._ended = run, False
        return entries

    def _verdict(self, verdict: Verdict, now_ns: int) -> list[Entry]:
        content = encode(verdict).decode()
        before = self._log.verdict(verdict.run, verdict.seq)
        if before is not None:  # logged before the store was started again, and now recovered
            return [] if before == content else [_contradiction(verdict, json.loads(before), now_ns)]
        entries = []
        terms = (verdict.recipe, verdict.threshold)
        if terms != self._terms:
            told = {"run": verdict.run, "seq": verdict.seq, "recipe": terms[0], "threshold": terms[1]}
            entries.append(_entry(now_ns, "recipe", told))
            self._terms = terms
        return [*entries, Entry(at_ns=now_ns, kind="verdict", content=content)]

    def _health(self, health: Health, now_ns: int, now_s: float) -> list[Entry]:
        self._heard_s, self._silent = now_s, False
        standing = (health.state, health.reasons)
        if standing == self._standing:
            return []
        self._standing = standing
        entries = [Entry(at_ns=now_ns, kind="health", content=encode(health).decode())]
        if health.state == "ended":
            self._ended = True
            told = {"run": health.run, "taken": health.taken, "published": health.published}
            entries.append(_entry(now_ns, "run_ended", told))
        return entries

    def _gap(self, run: str, first: int, last: int, now_ns: int) -> list[Entry]:
        """What is lost for good, less what was logged before the store was started again."""
        entries, begin = [], first
        for seq in [*self._log.seqs(run, first, last), last + 1]:
            if seq > begin:
                entries.append(_entry(now_ns, "gap", {"run": run, "first": begin, "last": seq - 1}))
            begin = seq + 1
        return entries


def _contradiction(stands: Verdict, refused: Verdict | dict[str, Any], now_ns: int) -> Entry:
    other = json.loads(encode(refused)) if isinstance(refused, Verdict) else refused
    both = [json.loads(encode(stands)), other]
    both.sort(key=lambda verdict: verdict["outcome"] == "pass")  # the one that is not a pass stands
    told = {"run": stands.run, "seq": stands.seq, "stands": both[0], "refused": both[1]}
    return _entry(now_ns, "contradiction", told)


def _entry(now_ns: int, kind: str, content: dict[str, Any]) -> Entry:
    return Entry(at_ns=now_ns, kind=kind, content=json.dumps(content, ensure_ascii=False, separators=(",", ":")))
