"""What every source promises."""

import threading
from collections.abc import Iterator
from typing import Protocol

from inspector.messages import Seen


class Source(Protocol):
    """Gives pictures in their order, and what it lost of them: loss is a value in the stream.

    The thread that iterates `frames` owns the device meanwhile: set `stop` and let the iteration end before `close`.
    """

    @property
    def live(self) -> bool:
        """A live source cannot wait: what is not taken is lost."""

    @property
    def paced(self) -> bool:
        """Whether it delivers in real time (a camera; a file at speed > 0): only then are deadlines enforced."""

    @property
    def frame_size(self) -> tuple[int, int] | None:
        """Width and height of every frame, in pixels; None when frames may differ."""

    def frames(self, stop: threading.Event) -> Iterator[Seen]:
        """The frames from the first on; ends when the source ends, or at once when `stop` is set.

        A live source that has nothing to give says Silence about once a second; one that lost its camera says in it
        why, and comes back by itself. A frame that it gave before, in its counter or in its bytes, is Missed (stale).

        An image is C-contiguous, uint8[H, W, 3] BGR. Raises SourceError when the source as a whole is gone for good.
        """

    def close(self) -> None:
        """Give back the device or file; may be called twice."""
