"""Each frame is a part: triggered cameras, folders, recordings."""

from collections.abc import Iterator
from itertools import count
from typing import Final

import numpy as np

from inspector.messages import PART_ID_LIMIT, Affine, Frame, LostPart, Part, Seen, Silence

WHOLE_FRAME: Final[Affine] = np.eye(2, 3, dtype=np.float32)
"""The part's pixels are the frame's."""
WHOLE_FRAME.flags.writeable = False


class EveryFrameTrigger:
    """A part is named as its frame is; of a longer name the end is kept, since that is what tells files apart."""

    def __init__(self, first: int = 1) -> None:
        self._seq = count(first)

    def parts(self, seen: Seen) -> Iterator[Part | LostPart]:
        """One Part a frame; one LostPart for each frame missed."""
        if isinstance(seen, Silence):
            return
        part = seen.name[-PART_ID_LIMIT:]
        if isinstance(seen, Frame):
            yield Part(
                seq=next(self._seq),
                part=part,
                exposed_ns=seen.exposed_ns,
                arrived_ns=seen.arrived_ns,
                image=seen.image,
                to_source=WHOLE_FRAME,
            )
            return
        for _ in range(seen.count):
            yield LostPart(
                seq=next(self._seq),
                part=part,
                exposed_ns=seen.exposed_ns,
                arrived_ns=seen.arrived_ns,
                reason=seen.reason,
            )

    def end(self) -> Iterator[Part | LostPart]:
        """Nothing is under way between two frames."""
        return iter(())

    def anew(self, first: int) -> "EveryFrameTrigger":
        """See Trigger."""
        return EveryFrameTrigger(first)
