"""The PLC's table of windows: which slot holds what, and what must be written so that it holds what it should. Pure."""

from collections.abc import Iterable
from typing import NamedTuple

from inspector.plc.belt import ROLL
from inspector.plc.gate import SLOTS, Window


class Told(NamedTuple):
    """A slot's content."""

    result_id: int
    first: int
    """Counts of the PLC's own counter, 32 bits; first and last belong to the window."""
    last: int
    epoch: int
    """The numbering of that counter; in another one the slot means nothing."""


EMPTY = Told(0, 0, 0, 0)


class Slots:
    """What the PLC has been told, and has confirmed to have.

    The order of writes leaves no gap in what keeps parts back. Permit: what must go is taken away first. Pulse: what is
    new is there before what it takes the place of goes, and a window that has grown is written over the one it was.
    """

    def __init__(self, pulse: bool = False) -> None:
        self._pulse = pulse
        self._told = [EMPTY] * SLOTS
        self._sure = [False] * SLOTS

    def forget(self) -> None:
        """Another connection: whether the PLC still holds it is not known; each slot is to be written again."""
        self._sure = [False] * SLOTS

    def changes(self, windows: Iterable[Window], epoch: int) -> list[tuple[int, Told]]:
        """What to write, in this order; of what is new the next at the ejector first."""
        wanted = [Told(max(1, w.result_id), int(w.first), int(w.last), epoch & 0xFFFF) for w in windows]
        if all(self._sure) and {told for told in self._told if told != EMPTY} == set(wanted):
            return []
        staying = {told for told in self._told if told in wanted}
        held = list(enumerate(zip(self._told, self._sure, strict=True)))
        again = [(slot, told) for slot, (told, sure) in held if told in staying and not sure]
        free = [slot for slot, (told, _) in held if told not in staying]
        new = []
        for told in sorted((told for told in wanted if told not in staying), key=self._grown_from_none):
            slot = min(free, key=lambda slot: (not _within(self._told[slot], told), self._told[slot] != EMPTY, slot))
            free.remove(slot)
            new.append((slot, told))
        cleared = [(slot, EMPTY) for slot in free if self._told[slot] != EMPTY or not self._sure[slot]]
        return [*again, *new, *cleared] if self._pulse else [*cleared, *again, *new]

    def wrote(self, slot: int, told: Told) -> None:
        """The PLC has it."""
        self._told[slot], self._sure[slot] = told, True

    def _grown_from_none(self, told: Told) -> bool:
        """Those that take another's place go first, into its slot, before a third could."""
        return not any(_within(held, told) for held in self._told)


def _within(part: Told, whole: Told) -> bool:
    """Whether a window reaches over all of another one of the same numbering."""
    if part == EMPTY or part.epoch != whole.epoch:
        return False
    return (part.first - whole.first) % ROLL + (part.last - part.first) % ROLL <= (whole.last - whole.first) % ROLL
