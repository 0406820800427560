"""The bridge of the model: the real Sequence, Asking, Ledger, Tracking, Gate and Slots, on virtual wires."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Final, Literal

from inspector.messages import Verdict
from inspector.plc.belt import Belt, Sample
from inspector.plc.clock import StationClock
from inspector.plc.decisions import Decision, Restored
from inspector.plc.driver import ALIVE_S, RETELL_S
from inspector.plc.gate import Permits, Pulses, Window
from inspector.plc.ledger import Ledger
from inspector.plc.restore import RUNS, restored
from inspector.plc.slots import Slots, Told
from inspector.plc.tracking import Tracking
from inspector.wire.codec import RecoveryRequest
from inspector.wire.received import HealthReceived, Received
from inspector.wire.recovery import Asking, GiveUp
from inspector.wire.sequence import Sequence
from tools.line_model.belt import FASTEST
from tools.line_model.plc import SCAN_S, ModelPlc
from tools.line_model.station import ModelStation
from tools.line_model.wire import Message
from tools.line_model.world import World

DELAY: Final = 1600.0
WIDTH: Final = 160.0
TOLERANCE: Final = 40.0
TIMEOUT_S: Final = 0.6
SAMPLE_S: Final = 0.02
BEAT_S: Final = 0.05


@dataclass(frozen=True, slots=True)
class Parts:
    """What the bridge is made of; a mutation replaces one of them."""

    ledger: type[Ledger] = Ledger
    tracking: type[Tracking] = Tracking
    clock: type[StationClock] = StationClock
    belt: type[Belt] = Belt
    permits: type[Permits] = Permits
    pulses: type[Pulses] = Pulses
    slots: type[Slots] = Slots
    restored: Callable[[Iterable[Decision]], Restored | None] = restored


class ModelBridge:
    """One after another: each start has a ledger of its own, restored from what was decided before."""

    def __init__(
        self, world: World, plc: ModelPlc, station: ModelStation, mode: Literal["permit", "pulse"], parts: Parts
    ) -> None:
        self._world = world
        self._plc = plc
        self._station = station
        self._mode = mode
        self._parts = parts
        self.decisions: list[Decision] = []
        self._journal: dict[str, list[Decision]] = {}
        """What the ledger's file holds, by run; of older ones nothing is asked any more."""
        self.frozen_until = 0.0
        self.counted: dict[str, int] = {}
        self._beats = 0
        self.start()

    def start(self) -> None:
        """A new process."""
        clock = self._parts.clock(0.010)
        belt = self._parts.belt(0.0, FASTEST, 1.0)
        gate = self._parts.permits(DELAY, WIDTH, 5.0) if self._mode == "permit" else self._parts.pulses(DELAY, WIDTH)
        journal = chain.from_iterable(self._journal.values())
        self._tracking = self._parts.tracking(clock, belt, gate, TOLERANCE, WIDTH)
        self.ledger = self._parts.ledger(False, TIMEOUT_S, self._tracking, restored=self._parts.restored(journal))
        self._sequence = Sequence()
        self._asking = Asking()
        self._slots = self._parts.slots(self._mode == "pulse")
        self._inbox: list[Received] = []
        self._samples: list[Sample] = []
        self._linked = self._writing = self._beat_due = False
        self._windows: tuple[Window, ...] = ()
        self._told_at = self._retold_at = 0.0
        self._scans = -1
        self._life = object()
        self.alive = True
        life = self._life
        self._world.after(0.0, lambda: self._ask_plc(life))
        self._world.after(0.0, lambda: self._beat(life))

    def kill(self, seconds: float) -> None:
        """It dies, and is started again after so long."""
        self._keep_counts()
        self.alive = False
        self._life = object()
        self._world.after(seconds, self.start)

    def deliver(self, message: Message) -> None:
        """Something came on the wire."""
        if not self.alive:
            return
        if isinstance(message, Verdict):
            self._inbox += self._sequence.verdict(message)
        else:
            self._inbox += self._sequence.published(message.run, message.published, message.taken)
            if message.run == self._sequence.run:
                self._inbox.append(HealthReceived(health=message))
        self._step()

    def _keep_counts(self) -> None:
        for what, count in self.ledger.totals.counted.items():
            self.counted[what] = self.counted.get(what, 0) + count

    def _step(self) -> None:
        if not self.alive or self._world.now < self.frozen_until:
            return
        self._recover()
        inbox, samples, self._inbox, self._samples = self._inbox, self._samples, [], []
        for decision in self.ledger.take(inbox, self._world.now, samples):
            self.decisions.append(decision)
            self._journal.setdefault(decision.run, []).append(decision)
            while len(self._journal) > RUNS:
                del self._journal[next(iter(self._journal))]
        self._windows, self._told_at = self._tracking.windows(self._world.now), self._world.now
        self._drive(self._life)

    def _recover(self) -> None:
        while step := self._asking.next(self._sequence.run, self._sequence.missing, self._world.now):
            if isinstance(step, GiveUp):
                self._inbox += self._sequence.give_up(step.run, step.first, step.last)
                continue
            if self._world.chance.random() < 0.1:
                self._world.trouble("recovery_lost", 1.5)
                continue
            self._ask_again(self._life, step)

    def _ask_again(self, life: object, asked: RecoveryRequest) -> None:
        takes_s = self._world.chance.uniform(0.002, 0.02)
        self._world.after(takes_s, lambda: self._answered(life, asked.run, asked.first, asked.last))

    def _answered(self, life: object, run: str, first: int, last: int) -> None:
        if life is not self._life or self._station.run != run:
            return
        held: Mapping[int, Verdict] = self._station.sent
        for seq in range(first, last + 1):
            if seq in held:
                self._inbox += self._sequence.verdict(held[seq], recovered=True)
        self._step()

    def _ask_plc(self, life: object) -> None:
        """Sample the position; on an unfrozen bridge with a PLC that answers."""
        if life is not self._life:
            return
        self._world.after(SAMPLE_S, lambda: self._ask_plc(life))
        if self._world.now < self.frozen_until:
            return
        if not self._plc.connected:
            self._linked = False
            self._step()
            return
        if not self._linked:
            self._linked = True
            self._slots.forget()
            self._drive(life)
        sent = self._world.now
        there, back = (self._world.chance.uniform(0.0001, 0.002) for _ in range(2))

        def read() -> None:
            count, epoch, scans = self._plc.count(), self._plc.epoch, self._plc.scans

            def answered() -> None:
                if life is self._life and self._plc.connected and self._world.now >= self.frozen_until:
                    if scans != self._scans:  # else its program has stood, and so has the count
                        self._samples.append(Sample(sent - SCAN_S, self._world.now, count, epoch))
                    self._scans = scans
                    self._step()

            self._world.after(back, answered)

        self._world.after(there, read)

    def _beat(self, life: object) -> None:
        if life is not self._life:
            return
        self._world.after(BEAT_S, lambda: self._beat(life))
        self._beat_due = True
        self._drive(life)

    def _drive(self, life: object) -> None:
        """As the driver's thread does: one write after another, each confirmed, the table before the heartbeat."""
        now, epoch = self._world.now, self._tracking.epoch
        if life is not self._life or now < self.frozen_until or self._writing or not self._linked or epoch is None:
            return
        if now >= self._retold_at + RETELL_S:
            self._retold_at = now
            self._slots.forget()
        changes = self._slots.changes(self._windows, epoch)
        if changes:
            slot, told = changes[0]
            self._write(life, lambda: self._plc.write(slot, told), (slot, told))
        elif self._beat_due:
            self._beat_due = False
            if now - self._told_at <= ALIVE_S:
                self._beats += 1
                count = self._beats
                self._write(life, lambda: self._plc.beat(count, epoch), None)

    def _write(self, life: object, arrive: Callable[[], None], confirms: tuple[int, Told] | None) -> None:
        """If the cable is whole until it is there; else the link is lost, and the PLC is told everything anew."""
        self._writing = True
        there, back = (self._world.chance.uniform(0.0001, 0.002) for _ in range(2))

        def arrived() -> None:
            reached = self._plc.connected
            if reached:
                arrive()
            self._world.after(back, lambda: answered(reached))

        def answered(reached: bool) -> None:
            if life is not self._life:
                return
            self._writing = False
            if not reached or not self._plc.connected:
                self._linked = False
                return
            if confirms is not None:
                self._slots.wrote(*confirms)
            self._drive(life)

        self._world.after(there, arrived)
