"""The PLC of the model: a counter, a table of windows, a watch on the bridge's heartbeat, and the gate."""

from typing import Final, Literal

from inspector.plc.gate import SLOTS
from inspector.plc.slots import EMPTY, Told
from tools.line_model.belt import TrueBelt
from tools.line_model.world import World

STALE_S: Final = 0.25
"""A heartbeat that did not move for so long is a dead bridge."""
SCAN_S: Final = 0.005
WATCHDOG_S: Final = 0.05
"""Outputs keep their state while the program stands; after so long the watchdog switches them off."""
ROLL: Final = 1 << 32


class ModelPlc:
    """Programmed as docs/plc.md asks for."""

    def __init__(self, world: World, belt: TrueBelt, mode: Literal["permit", "pulse"]) -> None:
        self._world = world
        self._belt = belt
        self._mode = mode
        self._base = ROLL - 30_000  # it rolls over half a minute after the start
        self.epoch = 1
        self.slots = [EMPTY] * SLOTS
        self._heartbeat = -1
        self._changed = -1.0
        self._told_epoch = 0
        self.watchdog_s = WATCHDOG_S
        self.cut_until = 0.0
        """The cable is cut until then."""
        self._stood = self._stands_until = 0.0
        self._held = False
        """The gate, as the last scan has left it."""

    @property
    def connected(self) -> bool:
        """Whether the bridge reaches it."""
        return self._world.now >= self.cut_until

    @property
    def scans(self) -> int:
        """Its own heartbeat: stands with the program."""
        return int(self._scanned() / SCAN_S)

    def count(self) -> int:
        """Its position counter now, as far as its program has read it."""
        return int(self._belt.position(self._scanned()) + self._base) % ROLL

    def stand(self, seconds: float) -> None:
        """A scan takes that much longer."""
        if self._world.now >= self._stands_until:
            self._held, self._stood = self.passes(), self._world.now
        self._stands_until = max(self._stands_until, self._world.now + seconds)

    def write(self, slot: int, told: Told) -> None:
        """The bridge writes a slot."""
        self.slots[slot] = told

    def beat(self, count: int, epoch: int) -> None:
        """The bridge writes its heartbeat, and which numbering of positions its table goes by."""
        self._told_epoch = epoch
        if count != self._heartbeat:
            self._heartbeat, self._changed = count, max(self._world.now, self._stands_until)  # seen in its next scan

    def restart(self) -> None:
        """Power off and on: counter and table begin anew."""
        self.reset_counter()
        self.slots = [EMPTY] * SLOTS
        self._changed = -1.0

    def reset_counter(self) -> None:
        """The encoder is zeroed."""
        self._base = -int(self._belt.position(self._world.now))
        self.epoch += 1

    def passes(self) -> bool:
        """Whether the gate lets pass what is at the ejector now."""
        if self._world.now < self._stands_until:
            return self._held and self._world.now - self._stood <= self.watchdog_s
        if self._world.now - self._changed > STALE_S or self._told_epoch != self.epoch:
            return False
        count = self.count()
        within = any(
            told.result_id and told.epoch == self.epoch & 0xFFFF and _within(count, told) for told in self.slots
        )
        return within if self._mode == "permit" else not within

    def _scanned(self) -> float:
        return self._stood if self._world.now < self._stands_until else self._world.now


def _within(count: int, told: Told) -> bool:
    return _signed(count - told.first) >= 0 and _signed(told.last - count) >= 0


def _signed(difference: int) -> int:
    return (difference + ROLL // 2) % ROLL - ROLL // 2
