"""The parts of a recording as they were triggered: for a replay of what a software trigger took, whose requests nobody
sends again.
"""

import json
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from inspector.config import Config, RecordingSource, SoftwareTrigger
from inspector.errors import SourceError
from inspector.messages import Frame, LostPart, Part, Reason, Seen
from inspector.sources.recording import VERDICTS, read_index
from inspector.triggers import Requests, Trigger, open_trigger
from inspector.triggers.every_frame import WHOLE_FRAME


@dataclass(frozen=True, slots=True)
class Triggered:
    """A part, and which frame was taken for it; None where none was."""

    part: str
    file: str | None
    reason: Reason | None


class RecordedTrigger:
    """Gives each part with the frame that was taken for it; those without one, as lost, before the next with one."""

    def __init__(self, triggered: Iterable[Triggered], first: int = 1) -> None:
        self._waiting = deque(triggered)
        self._seq = count(first)

    def parts(self, seen: Seen) -> Iterator[Part | LostPart]:
        """See Trigger."""
        if not isinstance(seen, Frame) or all(each.file != seen.name for each in self._waiting):
            return
        while self._waiting and self._waiting[0].file in (None, seen.name):
            yield self._part(self._waiting.popleft(), seen)

    def end(self) -> Iterator[Part | LostPart]:
        """The parts after the last one that has a frame."""
        while self._waiting:
            yield self._lost(self._waiting.popleft())

    def anew(self, first: int) -> "RecordedTrigger":
        """See Trigger."""
        return RecordedTrigger(self._waiting, first)

    def _part(self, triggered: Triggered, seen: Frame) -> Part | LostPart:
        if triggered.file is None:
            return self._lost(triggered)
        return Part(seq=next(self._seq), part=triggered.part, exposed_ns=seen.exposed_ns, arrived_ns=seen.arrived_ns,
                    image=seen.image, to_source=WHOLE_FRAME)  # fmt: skip

    def _lost(self, triggered: Triggered) -> LostPart:
        return LostPart(seq=next(self._seq), part=triggered.part, exposed_ns=time.time_ns(),
                        arrived_ns=time.monotonic_ns(), reason=triggered.reason or "missed")  # fmt: skip


def trigger_of(config: Config, requests: Requests | None = None) -> Trigger:
    """The configured trigger; but in place of a software trigger, over a recording that says what it took, just that.

    Raises SourceError for a recording that is damaged.
    """
    if isinstance(config.trigger, SoftwareTrigger) and isinstance(config.source, RecordingSource):
        recording = Path(config.source.path)
        if (recording / VERDICTS).is_file():
            return RecordedTrigger(triggered(recording))
    return open_trigger(config.trigger, requests)


def triggered(recording: Path) -> list[Triggered]:
    """The parts of a recording, in the order of their seq; a part was taken from the frame of its exposure."""
    files = {entry.exposed_ns: entry.file for entry in read_index(recording)}
    path = recording / VERDICTS
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        verdicts = sorted((json.loads(line) for line in lines), key=lambda verdict: int(verdict["seq"]))
        return [Triggered(each["part"], files.get(each["exposed_ns"]), each["reason"]) for each in verdicts]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SourceError(f"{path} is damaged: {error}") from error
