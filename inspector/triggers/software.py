"""A command asks for a picture of one part, and names it; the verdict carries the name back."""

import queue
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

from inspector.messages import PART_ID_LIMIT, Frame, LostPart, Missed, Part, Reason, Seen
from inspector.triggers.every_frame import WHOLE_FRAME


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A part that somebody wants a picture of, and since when: monotonic and Unix time."""

    part: str
    asked_ns: int
    asked_unix_ns: int


class Requests:
    """Requests on their way from the thread that hears commands to the one that takes pictures."""

    def __init__(self) -> None:
        self._queue: queue.SimpleQueue[Request] = queue.SimpleQueue()

    def put(self, part: str, /) -> None:
        """Ask for a picture, now. Any thread may."""
        self._queue.put(Request(part=part, asked_ns=time.monotonic_ns(), asked_unix_ns=time.time_ns()))

    def take(self) -> Iterator[Request]:
        """What has been asked since, oldest first."""
        while True:
            try:
                yield self._queue.get_nowait()
            except queue.Empty:
                return


class SoftwareTrigger:
    """Each request becomes exactly one part:

    - judged from the first picture exposed after it was asked for, never from one on its way by then;
    - `missed` when an other request came before that picture: its part had gone on by then, and whose picture it is
      would be a guess. The newest of those that wait gets it;
    - `missed` when no picture came within the time allowed, or the camera lost the one that would have been it.
    """

    def __init__(self, requests: Requests, timeout_ms: float, first: int = 1) -> None:
        self._requests = requests
        self._timeout_ms = timeout_ms
        self._timeout_ns = round(timeout_ms * 1e6)
        self._waiting: deque[Request] = deque()
        self._seq = count(first)

    def parts(self, seen: Seen) -> Iterator[Part | LostPart]:
        """The parts that what the source just gave, or the time it came, decides about."""
        self._waiting.extend(self._requests.take())
        while self._waiting and seen.arrived_ns - self._waiting[0].asked_ns > self._timeout_ns:
            yield self._lost(self._waiting.popleft(), "missed")
        answered = []
        if isinstance(seen, Frame | Missed):
            answered = [each for each in self._waiting if _is_after(seen, each)]
        for request in answered:
            self._waiting.remove(request)
            if isinstance(seen, Frame) and request is answered[-1]:
                yield Part(seq=next(self._seq), part=request.part[:PART_ID_LIMIT], exposed_ns=seen.exposed_ns,
                           arrived_ns=seen.arrived_ns, image=seen.image, to_source=WHOLE_FRAME)  # fmt: skip
            else:
                yield self._lost(request, "missed")

    def end(self) -> Iterator[Part | LostPart]:
        """Requests that no picture will answer any more."""
        self._waiting.extend(self._requests.take())
        while self._waiting:
            yield self._lost(self._waiting.popleft(), "stopped")

    def anew(self, first: int) -> "SoftwareTrigger":
        """See Trigger. The requests that wait for their pictures go on waiting."""
        trigger = SoftwareTrigger(self._requests, self._timeout_ms, first)
        trigger._waiting = self._waiting
        return trigger

    def _lost(self, request: Request, reason: Reason) -> LostPart:
        return LostPart(seq=next(self._seq), part=request.part[:PART_ID_LIMIT], exposed_ns=request.asked_unix_ns,
                        arrived_ns=request.asked_ns, reason=reason)  # fmt: skip


def _is_after(seen: Frame | Missed, request: Request) -> bool:
    """Exposed, not only arrived, after it was asked for: a camera may take a while to hand a picture over."""
    return seen.arrived_ns >= request.asked_ns and seen.exposed_ns >= request.asked_unix_ns
