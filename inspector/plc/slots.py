"""The PLC's table of windows: which slot holds what, and what must be written so that it holds what it should. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass

from inspector.plc.gate import SLOTS, Window


@dataclass(frozen=True, slots=True)
class Told:
    """A slot's content."""

    result_id: int
    first: int
    """Counts of the PLC's own counter, 32 bits; first and last belong to the window."""
    last: int
    epoch: int
    """The numbering of that counter; in another one the slot means nothing."""


EMPTY = Told(0, 0, 0, 0)


class Slots:
    """What the PLC has been told, and has confirmed to have."""

    def __init__(self) -> None:
        self._told: list[Told | None] = [None] * SLOTS
        """None: not known."""

    def forget(self) -> None:
        """Another connection: what the PLC holds is not known."""
        self._told = [None] * SLOTS

    def changes(self, windows: Iterable[Window], epoch: int) -> list[tuple[int, Told]]:
        """What to write, in this order: what must go first, then what is new, the next at the ejector first."""
        wanted = [Told(max(1, w.result_id), int(w.first), int(w.last), epoch & 0xFFFF) for w in windows]
        staying = {told for told in self._told if told in wanted}
        new = [told for told in wanted if told not in staying]
        free = [slot for slot, told in enumerate(self._told) if told not in staying]
        cleared = [(slot, EMPTY) for slot in free[len(new) :] if self._told[slot] != EMPTY]
        replaced = [(slot, told) for slot, told in zip(free, new, strict=False)]
        return cleared + replaced

    def wrote(self, slot: int, told: Told) -> None:
        """The PLC has it."""
        self._told[slot] = told
