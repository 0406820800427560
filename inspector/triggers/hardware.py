"""The line triggers the camera: each frame is a part, and so is each trigger that gave no frame."""

from collections.abc import Iterator
from itertools import count, repeat
from typing import Final

from inspector.messages import PART_ID_LIMIT, Frame, LostPart, Missed, Part, Seen
from inspector.triggers.every_frame import WHOLE_FRAME

MOST: Final = 1000
"""Triggers that may be missed in a row; a counter that jumps farther, or back, was started anew."""


class HardwareTrigger:
    """Parts are counted by the camera's counter. What the source itself says was lost is not counted twice."""

    def __init__(self, first: int = 1) -> None:
        self._seq = count(first)
        self._counter: int | None = None
        self._told = 0
        """Frames that the source called missed since the last one."""

    def parts(self, seen: Seen) -> Iterator[Part | LostPart]:
        """A LostPart (missed) for each trigger without a frame, then the frame's Part; a counter repeated is none."""
        if isinstance(seen, Missed):
            self._told += seen.count
            yield from self._missed(seen, seen.count)
        elif isinstance(seen, Frame):
            before, self._counter, told, self._told = self._counter, seen.counter, self._told, 0
            if seen.counter == before:
                return
            skipped = 0 if before is None else seen.counter - before - 1
            if skipped > MOST:
                yield from self._missed(seen, max(0, 1 - told))  # how many is not known; not none
            else:
                yield from self._missed(seen, max(0, skipped - told))
            yield Part(seq=next(self._seq), part=seen.name[-PART_ID_LIMIT:], exposed_ns=seen.exposed_ns,
                       arrived_ns=seen.arrived_ns, image=seen.image, to_source=WHOLE_FRAME)  # fmt: skip

    def end(self) -> Iterator[Part | LostPart]:
        """Nothing is under way between two frames."""
        return iter(())

    def anew(self, first: int) -> "HardwareTrigger":
        """See Trigger. The camera is opened anew too, and counts from 1: what was missed meanwhile is not known."""
        return HardwareTrigger(first)

    def _missed(self, seen: Frame | Missed, times: int) -> Iterator[LostPart]:
        for _ in repeat(None, times):
            yield LostPart(seq=next(self._seq), part="", exposed_ns=seen.exposed_ns, arrived_ns=seen.arrived_ns,
                           reason="missed")  # fmt: skip
