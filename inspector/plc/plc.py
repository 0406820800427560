"""The PLC of a tracked line, as the bridge's loop uses it: position and wishes in, windows, results and status out."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from loguru import logger

from inspector.config import TrackedPlc, WireConfig
from inspector.plc.alarms import EyeCheck, RejectAlarm
from inspector.plc.belt import Belt, Sample
from inspector.plc.clock import StationClock
from inspector.plc.decisions import Decision, Readiness
from inspector.plc.driver import Driver, News
from inspector.plc.faults import Fault
from inspector.plc.gate import Permits, Pulses
from inspector.plc.handshake import result
from inspector.plc.ledger import Ledger
from inspector.plc.ledger_file import LedgerFile
from inspector.plc.link import Link
from inspector.plc.requests import Edges, Requests, Wish
from inspector.plc.status import REFUSED, FaultDisplay, status
from inspector.plc.tracking import Tracking

STEADY: Final = (990.0, 1010.0)
"""Milliseconds a second that a PLC's clock may count, at least and at most."""


def tracking_of(plc: TrackedPlc) -> Tracking:
    """The belt, the clock and the gate that a configuration describes. Positions are counts, or milliseconds."""
    by_time = plc.delay_ms is not None
    slowest, fastest = STEADY if by_time else (0.0, plc.fastest_counts_per_s or 0.0)
    delay, width = float(plc.delay_ms or plc.delay_counts or 0), float(plc.width_ms or plc.width_counts or 0)
    lead = fastest * (plc.write_ms if plc.actuate == "permit" else 0.0) / 1000 * 0.1
    gate = Permits(delay, width, lead) if plc.actuate == "permit" else Pulses(delay, width)
    clock = StationClock(plc.clock_tolerance_ms / 1000)
    return Tracking(clock, Belt(slowest, fastest, 1.0), gate, width / 4, width)


class Plc:
    """Owns the driver, the ledger's file and the requests. Belongs to the bridge's thread; nothing in it blocks."""

    def __init__(self, plc: TrackedPlc, wire: WireConfig, station: str, link: Link) -> None:
        """Raises ConfigError where the ledger's file cannot be used."""
        self._plc = plc
        self._stack = ExitStack()
        self._file = LedgerFile(Path(plc.ledger)) if plc.ledger else None
        if self._file is not None:
            self._stack.callback(self._file.close)
        self.tracking = tracking_of(plc)
        ids = frozenset(recipe.id for recipe in plc.recipes if recipe.id)
        restored = self._file.restored if self._file else None
        self.ledger = Ledger(plc.accept_replay, plc.timeout_ms / 1000, self.tracking, ids, restored)
        self._numbers = {recipe.id: recipe.number for recipe in plc.recipes if recipe.id}
        self._requests = Requests(wire, station, {recipe.number: recipe.folder for recipe in plc.recipes})
        self._stack.callback(self._requests.close)
        self._edges = Edges()
        self._alarm = RejectAlarm(plc.rejects_in_a_row, plc.reject_share, plc.reject_of)
        self._eye = EyeCheck()
        self._display = FaultDisplay()
        self._wanted = self._echo = 0
        self._unsaid: dict[int, bool] = {}
        self._news: News | None = None
        self._driver = Driver(link, plc)
        self._driver.start()
        self._stack.callback(self._driver.close)

    def samples(self) -> Sequence[Sample]:
        """Take the news; what is in it of the belt."""
        self._news = self._driver.news()
        return self._news.samples

    def readiness(self, now: float) -> Readiness:
        """READY: the ledger's, and the PLC's own part in it."""
        news = self._news
        if news is None or news.down is not None:
            why = news.down if news else "not asked yet"
            return Readiness(on=False, fault=Fault.PLC_DOWN, why=f"the PLC is not reached: {why}")
        if news.frozen_s > self._plc.plc_timeout_ms / 1000:
            limit_ms = self._plc.plc_timeout_ms
            why = f"the PLC's heartbeat has not changed for more than {limit_ms:g} ms: its program does not run"
            return Readiness(on=False, fault=Fault.PLC_FROZEN, why=why)
        return self.ledger.ready(now)

    def in_step(self, now: float) -> bool:
        """READY as far as it is this side's: the station may take its first part."""
        readiness = self.readiness(now)
        return readiness.on or (readiness.fault is Fault.NOT_READY and self.tracking.ready is None)

    def write_ahead(self, decisions: Sequence[Decision]) -> None:
        """Keep what has been decided, before anything is done about it."""
        if self._file is not None:
            self._file.write(decisions)
            if self._news is not None:
                self._file.note("actuated", self._news.told & self._unsaid.keys())
                self._file.note("acknowledged", self._news.acknowledged)

    def act(self, decisions: Sequence[Decision], readiness: Readiness, now: float) -> None:
        """Tell the PLC: windows, results, status; carry out its wishes."""
        self._alarm.take(decisions)
        self._listen(now)
        self._complain(now)
        windows = self.tracking.windows(now)
        self._check_told(decisions, {window.result_id for window in windows})
        news, ledger = self._news, self.ledger
        if self._wanted and ledger.change.leaving is None and self._wanted > 0:
            self._numbers[ledger.recipe or ""] = self._echo = self._wanted
            self._wanted = 0
        values = status(
            readiness,
            ledger.health,
            ledger.totals,
            fault=self._display.code(readiness, now),
            alarm=self._alarm.alarm,
            recipe=self._numbers.get(ledger.recipe or "", 0),
            echo=self._echo,
            epoch=(self.tracking.epoch or 0) & 0xFFFF,
            overruns=news.overruns if news else 0,
            pulse=self._plc.actuate == "pulse",
        )
        self._driver.tell(windows, values, [result(decision) for decision in decisions])

    def close(self) -> None:
        """Leave the PLC safe, and everything closed."""
        self._stack.close()

    def _listen(self, now: float) -> None:
        side = self._news.side if self._news else None
        if side is not None:
            for wish in self._edges.take(side):
                self._want(wish)
            run = self.ledger.health.run if self.ledger.health else None
            wrong = self._eye.take(run, side.eye_count, self.ledger.taken, now) if self._plc.photo_eye else None
            if wrong is not None:
                self.ledger.notes.append((Fault.EYE_COUNT, wrong))
        while self._requests.answers:
            answer = self._requests.answers.popleft()
            say = logger.info if answer.reply.done else logger.error
            say("the PLC asked for {} {}: {}", answer.wish[0], answer.wish[1] or "", answer.reply.detail)
            if answer.wish[0] == "recipe" and answer.wish[1] == abs(self._wanted):
                self._changed(answer.reply.done)

    def _want(self, wish: Wish) -> None:
        kind, number = wish
        if kind == "alarm_reset":
            self._alarm.reset()
            return
        if kind == "recipe":
            self._wanted = -number  # not yet in force
            self.ledger.change.ask(self.ledger.recipe)
        self._requests.ask(wish)

    def _changed(self, done: bool) -> None:
        if done:
            self._wanted = abs(self._wanted)
            self.ledger.change.done()
            return
        self._wanted, self._echo = 0, REFUSED
        self.ledger.change.refused()

    def _complain(self, now: float) -> None:
        """Show and log what went wrong; it is also in FAULT_CODE for a while."""
        if self._file is not None and self._file.fault is not None:
            self._display.note(Fault.LEDGER_FILE, now)
            logger.error("{}", self._file.fault)
            self._file.fault = None
        while self.ledger.notes:
            fault, what = self.ledger.notes.popleft()
            self._display.note(fault, now)
            if fault is Fault.LATE:
                self._alarm.late()
            logger.error("{}", what)

    def _check_told(self, decisions: Sequence[Decision], ahead: set[int]) -> None:
        """A permit that the PLC never confirmed, and whose window is over, was a good part rejected: a fault."""
        for result_id in self._news.told if self._news else ():
            self._unsaid.pop(result_id, None)
        for result_id, seen in list(self._unsaid.items()):
            if result_id in ahead:
                self._unsaid[result_id] = True
            elif seen:
                del self._unsaid[result_id]
                self.ledger.notes.append((Fault.NOT_TOLD, f"part #{result_id} passed, but the PLC was not reached"))
        self._unsaid.update({decision.result_id: False for decision in decisions if decision.accept})
        while len(self._unsaid) > 1000:
            del self._unsaid[next(iter(self._unsaid))]
