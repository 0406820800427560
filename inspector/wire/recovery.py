"""Both ends of a recovery, without its sockets: what the station still holds, and when a subscriber asks for it."""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from inspector.wire.codec import RecoveryAnswer, RecoveryRequest, encode
from inspector.wire.ranges import Ranges

HISTORY: Final = 10_000
"""Verdicts that a station holds for those who missed them."""
ANSWER_LIMIT: Final = 500
"""Verdicts in one answer, so that an answer takes the publisher a millisecond or two; the asker asks on."""
AGAIN_S: Final = 0.5
"""An answer not there by then is asked for again."""
UNSENT_S: Final = 0.0625
"""One that could not be sent is tried again after this."""
ATTEMPTS: Final = 6
"""Asked so often without success, verdicts are given up."""


class History:
    """The encoded verdicts of the last HISTORY parts of one run."""

    def __init__(self, run: str) -> None:
        self._run = run
        self._newest = 0
        self._held: dict[int, bytes] = {}

    def keep(self, seq: int, payload: bytes) -> None:
        """Hold the next verdict, let go of the one that is now too old."""
        self._newest = seq
        self._held[seq] = payload
        self._held.pop(seq - HISTORY, None)

    def answer(self, request: RecoveryRequest) -> list[bytes]:
        """The parts of an answer: its header, then at most ANSWER_LIMIT verdicts, oldest first.

        It covers the request up to its own `last`; what lies above was cut off by the limit or is not published yet.
        """
        last, held = request.last, []
        if request.run == self._run:
            last = min(request.last, self._newest)
            wanted = range(max(request.first, self._newest - HISTORY + 1), last + 1)
            held = list(islice((seq for seq in wanted if seq in self._held), ANSWER_LIMIT))
            last = held[-1] if len(held) == ANSWER_LIMIT else last
        lost = Ranges()
        lost.append(request.first, last)
        for seq in held:
            lost.take(seq, seq)
        header = RecoveryAnswer(run=request.run, first=request.first, last=last, lost=tuple(lost.clear()))
        return [encode(header), *(self._held[seq] for seq in held)]


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Nobody answers for these: they are lost for good."""

    run: str
    first: int
    last: int


class Asking:
    """When a subscriber asks: at once, again when no answer comes, never for ever. Times in seconds of any clock.

    One range at a time: an answer that brings something moves the lowest missing seq, which is then asked for at once.
    """

    def __init__(self) -> None:
        self._subject: tuple[str, int] | None = None
        self._attempts = 0.0
        self._due = 0.0

    def next(self, run: str | None, missing: tuple[int, int] | None, now: float) -> RecoveryRequest | GiveUp | None:
        """What to do now about the lowest missing range; None: nothing, or wait."""
        if run is None or missing is None:
            self._subject = None
            return None
        first, last = missing
        if (run, first) != self._subject:
            self._subject, self._attempts, self._due = (run, first), 0, now
        if now < self._due:
            return None
        if self._attempts >= ATTEMPTS:
            return GiveUp(run, first, last)
        self._attempts += 1
        self._due = now + AGAIN_S
        return RecoveryRequest(run=run, first=first, last=last)

    def unsent(self, now: float) -> None:
        """The request could not be sent, there being no connection yet: soon again, and it counts for as much less."""
        self._attempts -= 1 - UNSENT_S / AGAIN_S
        self._due = now + UNSENT_S

    def wait_s(self, now: float, at_most: float) -> float:
        """How long nothing is to be done, at most so long."""
        return at_most if self._subject is None else min(at_most, max(0.0, self._due - now))
