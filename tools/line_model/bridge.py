"""The bridge of the model: the real Sequence, Asking, Ledger, Tracking, Gate and Slots, on virtual wires."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from inspector.messages import Verdict
from inspector.plc.belt import Belt, Sample
from inspector.plc.clock import StationClock
from inspector.plc.decisions import Decision, Restored
from inspector.plc.gate import Permits, Pulses
from inspector.plc.ledger import Ledger
from inspector.plc.restore import restored
from inspector.plc.slots import Slots
from inspector.plc.tracking import Tracking
from inspector.wire.codec import RecoveryRequest
from inspector.wire.received import HealthReceived, Received
from inspector.wire.recovery import Asking, GiveUp
from inspector.wire.sequence import Sequence
from tools.line_model.belt import FASTEST
from tools.line_model.plc import ModelPlc
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
    restored: Callable[[list[Decision]], Restored | None] = restored


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
        self._written: list[Decision] = []
        """The journal: of the last run only, the rest is of no use."""
        self.frozen_until = 0.0
        self.counted: dict[str, int] = {}
        self._beats = 0
        self.start()

    def start(self) -> None:
        """A new process."""
        clock = self._parts.clock(0.010)
        belt = self._parts.belt(0.0, FASTEST, 1.0)
        gate = self._parts.permits(DELAY, WIDTH, 5.0) if self._mode == "permit" else self._parts.pulses(DELAY, WIDTH)
        self._tracking = self._parts.tracking(clock, belt, gate, TOLERANCE, WIDTH)
        self.ledger = self._parts.ledger(False, TIMEOUT_S, self._tracking, restored=self._parts.restored(self._written))
        self._sequence = Sequence()
        self._asking = Asking()
        self._slots = Slots()
        self._inbox: list[Received] = []
        self._samples: list[Sample] = []
        self._linked = False
        self._writes_until = 0.0
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
            self._inbox += self._sequence.published(message.run, message.published)
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
            if self._written and self._written[-1].run != decision.run:
                self._written.clear()
            self._written.append(decision)
        self._tell()

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
        sent = self._world.now
        there, back = (self._world.chance.uniform(0.0001, 0.002) for _ in range(2))

        def read() -> None:
            count, epoch = self._plc.count(), self._plc.epoch

            def answered() -> None:
                if life is self._life and self._plc.connected and self._world.now >= self.frozen_until:
                    self._samples.append(Sample(sent, self._world.now, count, epoch))
                    self._step()

            self._world.after(back, answered)

        self._world.after(there, read)

    def _beat(self, life: object) -> None:
        if life is not self._life:
            return
        self._world.after(BEAT_S, lambda: self._beat(life))
        if self._world.now >= self.frozen_until and self._linked and self._tracking.epoch is not None:
            self._beats += 1
            count, epoch = self._beats, self._tracking.epoch
            self._send(lambda: self._plc.beat(count, epoch))

    def _tell(self) -> None:
        """Write what the PLC should hold and does not."""
        epoch = self._tracking.epoch
        if not self._linked or epoch is None:
            return
        for slot, told in self._slots.changes(self._tracking.windows(self._world.now), epoch):
            self._slots.wrote(slot, told)
            self._send(lambda slot=slot, told=told: self._plc.write(slot, told))  # type: ignore[misc]

    def _send(self, write: Callable[[], None]) -> None:
        """Writes arrive in order, if the cable is whole then; a reconnected PLC is told everything anew."""
        world = self._world
        self._writes_until = max(self._writes_until + 1e-6, world.now + world.chance.uniform(0.0002, 0.004))

        def arrives() -> None:
            if self._plc.connected:
                write()

        world.at(self._writes_until, arrives)
