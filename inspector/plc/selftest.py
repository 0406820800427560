"""`inspector bridge --selftest`: play the handshake against the configured PLC, step by step, without a station.

A PLC programmer's first hour: each step says what it did, what it expects, and what came. Nothing is let pass but in
one window that is announced.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Final

from inspector.config import TrackedPlc
from inspector.plc.handshake import NO_SCORE, Handshake, Result
from inspector.plc.link import Link, LinkDown, open_link
from inspector.plc.registers import VERSION, Outcome, PlcSide, slot_values
from inspector.plc.slots import EMPTY, Told

ACK_S: Final = 2.0
"""A PLC acknowledges a result within this."""
WATCH_S: Final = 1.0
FAILED: Final = 5
"""Exit code where a step failed."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the report."""

    what: str
    ok: bool | None
    """None: for a person to judge, at the machine."""
    found: str

    def __str__(self) -> str:
        mark = {True: "ok  ", False: "FAIL", None: "look"}[self.ok]
        return f"{mark}  {self.what}: {self.found}"


def run_selftest(plc: TrackedPlc, say: Callable[[str], None] = print, ack_s: float = ACK_S) -> int:
    """Print the report as it comes; returns the exit code."""
    failed = 0
    with closing(open_link(plc)) as link:
        try:
            for step in steps(plc, link, ack_s):
                say(str(step))
                failed += step.ok is False
        except LinkDown as error:
            say(str(Step("the connection", False, str(error))))
            failed += 1
    say(f"{failed} steps failed; docs/plc.md says what each is for" if failed else "all steps passed that need no eyes")
    return FAILED if failed else 0


def steps(plc: TrackedPlc, link: Link, ack_s: float) -> Iterator[Step]:
    """Raises LinkDown where the PLC goes away."""
    began = time.monotonic()
    link.connect()
    yield Step("connect", True, f"{1000 * (time.monotonic() - began):.0f} ms")
    bench = _Bench(plc, link, ack_s)
    bench.safe()
    yield from bench.plc_side()
    yield from bench.results()
    yield from bench.window()
    bench.safe()
    yield Step("the watchdog", None, "stop the program while the gate is open: it must shut before the next part")
    yield Step("HEARTBEAT now stands still", None, "the PLC must say that the bridge is dead, and reject everything")


class _Bench:
    """The link, with a heartbeat that goes on while a step waits."""

    def __init__(self, plc: TrackedPlc, link: Link, ack_s: float) -> None:
        self._plc = plc
        self._link = link
        self._ack_s = ack_s
        self._handshake = Handshake()
        self._beats = 0
        self._rate = 0.0
        self._asked = 0.0

    def safe(self) -> None:
        """READY off, no window, no result."""
        self._link.write({"VERSION": VERSION, "READY": 0, "BUSY": 0, "MODE": 2 if self._plc.actuate == "pulse" else 1})
        for slot in range(8):
            self._link.write(slot_values(slot, EMPTY))
        for values in self._handshake.reconnected():
            self._link.write(values)

    def plc_side(self) -> Iterator[Step]:
        """What the PLC must write by itself."""
        before = time.monotonic()
        first, began = self._link.read(), time.monotonic()
        last, beats, asked, answered = first, {first.heartbeat}, began, began
        for last in self._watch(WATCH_S):
            beats.add(last.heartbeat)
            asked, answered = self._asked, time.monotonic()
        moved = (last.position - first.position) % (1 << 32)
        # the counter was read somewhere between asking and answering, at both ends
        slowest, fastest = moved / (answered - before), moved / max(asked - began, 0.001)
        yield Step("PLC_HEARTBEAT changes", len(beats) > 2, f"{len(beats)} values in {WATCH_S:g} s")
        self._rate = (slowest + fastest) / 2
        if self._plc.delay_ms is not None:
            right = slowest < 1015 and fastest > 985
            yield Step("POSITION counts milliseconds", right, f"{self._rate:.0f} a second")
        else:
            right = slowest <= (self._plc.fastest_counts_per_s or 0)
            yield Step("POSITION is within fastest_counts_per_s", right, f"{self._rate:.0f} a second")
        yield Step("EPOCH", last.epoch != 0, f"{last.epoch}; it must be another one after each start of the program")

    def results(self) -> Iterator[Step]:
        """Each outcome once, and one result too early."""
        epoch = self._link.read().epoch
        self._link.write({"EPOCH_ECHO": epoch})
        for result_id, outcome in enumerate((Outcome.PASS, Outcome.FAIL, Outcome.NOT_INSPECTED), 1):
            score = NO_SCORE if outcome is Outcome.NOT_INSPECTED else 10.0 * result_id
            self._present(Result(result_id, outcome, outcome is Outcome.PASS, score))
            yield self._acknowledged(f"result {result_id}, {outcome.name.lower()}, is acknowledged", result_id)
        yield self._taken_back()
        self._present(Result(4, Outcome.FAIL, False, 40.0))
        self._present(Result(5, Outcome.FAIL, False, 50.0))
        overrun = self._handshake.overruns
        yield self._acknowledged(f"result 5, after one that had no time to be ({overrun} overrun)", 5)

    def window(self) -> Iterator[Step]:
        """One window, half a second from now."""
        side = self._link.read()
        if self._rate < 1:
            yield Step("a window", None, "POSITION stands still; run the belt to see the gate move")
            return
        first = round(side.position + 0.5 * self._rate) % (1 << 32)
        last = round(side.position + 1.0 * self._rate) % (1 << 32)
        told = Told(6, first, last, side.epoch)
        self._link.write(slot_values(0, told))
        kind = "open" if self._plc.actuate == "permit" else "reject"
        what = f"the gate must {kind} for half a second, half a second from now"
        yield Step(what, None, f"POSITION {first} to {last}")
        for _ in self._watch(1.5):
            pass
        torn = dict(slot_values(0, told)) | {"WINDOW0_CHECK": 7}
        first = round(self._link.read().position) % (1 << 32)
        torn |= {"WINDOW0_FIRST": first, "WINDOW0_LAST": (first + round(self._rate)) % (1 << 32)}
        self._link.write(torn)
        yield Step("the gate must do nothing now", None, "a window whose WINDOW0_CHECK does not agree with its id")
        for _ in self._watch(1.0):
            pass
        self._link.write(slot_values(0, EMPTY))

    def _present(self, result: Result) -> None:
        for values in self._handshake.present(result, self._link.read().ack):
            self._link.write(values)

    def _acknowledged(self, what: str, result_id: int) -> Step:
        began = time.monotonic()
        for side in self._watch(self._ack_s):
            for values in self._handshake.taken_back(side.ack):
                self._link.write(values)
            if side.ack == result_id:
                for values in self._handshake.acknowledged(side.ack):
                    self._link.write(values)
                return Step(what, True, f"after {1000 * (time.monotonic() - began):.0f} ms")
        return Step(what, False, f"RESULT_ACK is {self._link.read().ack} after {self._ack_s:g} s; expected {result_id}")

    def _taken_back(self) -> Step:
        what, ack = "RESULT_ACK is 0 again once RESULT_VALID is off", -1
        for side in self._watch(self._ack_s):
            if (ack := side.ack) == 0:
                return Step(what, True, "it is")
        return Step(what, False, f"it is {ack}; after ids that began anew it would acknowledge what nobody has seen")

    def _watch(self, seconds: float) -> Iterator[PlcSide]:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self._beats = (self._beats + 1) % 65536
            self._link.write({"HEARTBEAT": self._beats})
            self._asked = time.monotonic()
            yield self._link.read()
            time.sleep(self._plc.sample_ms / 1000)
