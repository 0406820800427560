"""A recording without end: segments, each a recording of its own; the oldest go when there is no more room.

<out>/20260301T081500-0001/   index.jsonl  frames/  verdicts.jsonl
<out>/20260301T081500-0002/   …
"""

import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from inspector.errors import SourceError
from inspector.messages import Frame, Missed
from inspector.sources.recording import RecordingWriter

SEGMENT: Final = re.compile(r"\d{8}T\d{6}-\d{4}")
"""The names of segments: nothing else in the folder is ever removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a segment ends, and what is kept of those before it."""

    segment_bytes: float = 500e6
    segment_s: float = 600.0
    keep_bytes: float = 20e9
    keep_s: float = 7 * 86400.0
    free_bytes: float = 1e9
    """So much of the disk stays free."""


class RollingRecording:
    """Writes what comes into segments. Belongs to one thread.

    Raises SourceError where a picture cannot be written, or the disk lacks the room; give_up() then leaves the segment
    as it is, and the next frame begins another. clock: monotonic seconds; free: bytes that are free on the disk of a
    folder.
    """

    def __init__(
        self,
        out: Path,
        limits: Limits,
        clock: Callable[[], float] = time.monotonic,
        free: Callable[[Path], int] | None = None,
    ) -> None:
        self._out = out
        self._limits = limits
        self._clock = clock
        self._free = free or _free
        self._started = f"{datetime.now(UTC):%Y%m%dT%H%M%S}"
        self._number = len(list(out.glob(f"{self._started}-*")))  # of one that began in the same second
        self._now: _Segment | None = None
        self._before: _Segment | None = None

    def write(self, frame: Frame) -> None:
        """Add a frame; begins a new segment where it is time to."""
        segment = self._segment(frame.exposed_ns)
        segment.writer.write(frame.image, frame.exposed_ns, frame.counter, frame.arrived_ns)

    def lost(self, missed: Missed) -> None:
        """Add what the source said it lost."""
        self._segment(missed.exposed_ns).writer.lost(missed.count, missed.reason, missed.exposed_ns)

    def dropped(self, count: int, exposed_ns: int) -> None:
        """Add that frames came faster than they could be written."""
        self._segment(exposed_ns).writer.dropped(count, exposed_ns)

    def verdict(self, payload: bytes, exposed_ns: int) -> None:
        """Add a verdict to the segment that its part's frame is in; it may come when the next has begun."""
        segments = [each for each in (self._now, self._before) if each is not None]
        if segments:
            own = next((each for each in segments if each.first_ns <= exposed_ns), segments[-1])
            own.writer.verdict(payload)

    def give_up(self) -> None:
        """Close what is open."""
        for segment in (self._before, self._now):
            if segment is not None:
                segment.writer.close()
        self._now = self._before = None

    def _segment(self, exposed_ns: int) -> "_Segment":
        """The segment that is written to now."""
        now, limits = self._now, self._limits
        if now is not None and now.writer.size < limits.segment_bytes and self._clock() < now.ends_at:
            return now
        self._make_room()
        self._number += 1
        folder = self._out / f"{self._started}-{self._number:04d}"
        begun = _Segment(RecordingWriter(folder, ".png"), exposed_ns, self._clock() + limits.segment_s)
        if self._before is not None:
            self._before.writer.close()
        self._before, self._now = now, begun
        return begun

    def _make_room(self) -> None:
        """Remove the oldest segments, none that is written to, until another one fits; raises SourceError where none
        does, or the folder cannot be used."""
        try:
            self._out.mkdir(parents=True, exist_ok=True)
            self._remove_oldest()
            free, wanted = self._free(self._out), self._limits.free_bytes + self._limits.segment_bytes
        except OSError as error:
            raise SourceError(f"cannot write to {self._out}: {error.strerror or error}") from error
        if free < wanted:
            raise SourceError(
                f"the disk of {self._out} has {free / 1e6:.0f} MB free; a segment takes "
                f"{self._limits.segment_bytes / 1e6:.0f} MB, and {self._limits.free_bytes / 1e6:.0f} MB stay free"
            )

    def _remove_oldest(self) -> None:
        limits = self._limits
        open_now = {each.writer.folder for each in (self._now,) if each is not None}
        there = sorted(each for each in self._out.glob("*") if SEGMENT.fullmatch(each.name) and each.is_dir())
        sizes = {each: sum(file.stat().st_size for file in each.rglob("*") if file.is_file()) for each in there}
        for folder in there:
            if folder in open_now:
                continue
            too_old = time.time() - _last_written(folder) > limits.keep_s
            too_much = sum(sizes.values()) + limits.segment_bytes > limits.keep_bytes
            too_full = self._free(self._out) < limits.free_bytes + limits.segment_bytes
            if not (too_old or too_much or too_full):
                return
            shutil.rmtree(folder, ignore_errors=True)
            del sizes[folder]


@dataclass(frozen=True, slots=True)
class _Segment:
    writer: RecordingWriter
    first_ns: int
    ends_at: float


def _last_written(segment: Path) -> float:
    """Unix time; of one that was killed before it had an index, when it began."""
    index = segment / "index.jsonl"
    return (index if index.exists() else segment).stat().st_mtime


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
