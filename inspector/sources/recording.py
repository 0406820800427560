"""A recording: what a camera gave, as plain pictures with their times.

    index.jsonl     one line a frame: {"file": "000001.webp", "counter": 1, "exposed_ns": 1764547200000000000}
                    of a line that was recorded also "arrived_ns" (monotonic), and lines between them:
                    {"lost": 2, "reason": "stale", "exposed_ns": …}   what the camera itself said it lost
                    {"dropped": 3, "exposed_ns": …}                   frames that came faster than they could be written
    frames/         the pictures
    verdicts.jsonl  optional: the verdicts that were published meanwhile, as they were on the wire
    expected.jsonl  optional: those that a replay is held against, see inspector.line.expected
    truth.json      optional: {"000001.webp": {"defect": null}, "000002.webp": {"defect": "dent", "mask": "000002.png"}}
    masks/          optional: the defective pixels (255) of those pictures

What was lost replays as the loss it was; what was dropped, and any other gap in `counter`, as frames missed.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TextIO, cast, get_args

import cv2

from inspector.config import RecordingSource
from inspector.errors import SourceError
from inspector.messages import Frame, Image, Missed, Reason
from inspector.sources.images import UnreadablePicture, read_picture
from inspector.sources.pacing import Pacer

VERDICTS: Final = "verdicts.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of index.jsonl."""

    file: str
    """Name in frames/."""
    counter: int
    """The camera's own frame number."""
    exposed_ns: int
    """Unix time at which it was exposed."""
    arrived_ns: int | None = None
    """Monotonic time at which it arrived, where that was recorded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Frames that the source said it lost."""

    count: int
    reason: Reason
    exposed_ns: int


class Recording:
    """Replays a recording. Frames get the time at which they are played; their distances are the recorded ones.

    Raises SourceError when there is no index, it is damaged, or no frame of it can be read.
    """

    live = False

    def __init__(self, config: RecordingSource) -> None:
        self._frames = Path(config.path) / "frames"
        self._lines = read_lines(Path(config.path))
        self._speed = config.speed
        self._loop = config.loop
        self.paced = config.speed > 0
        entries = [line for line in self._lines if isinstance(line, Entry)]
        first = next((image for entry in entries if (image := self._read(entry)) is not None), None)
        if first is None:
            raise SourceError(f"none of the {len(entries)} frames in {self._frames} can be read")
        self.frame_size: tuple[int, int] | None = (first.shape[1], first.shape[0])
        self._before_first = entries[0].counter - 1
        # the pause between two rounds is an average one
        span_ns = self._lines[-1].exposed_ns - self._lines[0].exposed_ns
        self._round_s = span_ns / 1e9 * len(self._lines) / max(1, len(self._lines) - 1)

    def frames(self, stop: threading.Event) -> Iterator[Frame | Missed]:
        """See Source. A frame that cannot be read is Missed (camera), a gap in the camera's counter Missed (missed)."""
        pacer = Pacer(stop, self._speed)
        started_s, counter = 0.0, 0
        while True:
            before, told = self._before_first, 0
            for line in self._lines:
                image = None if isinstance(line, Loss) else self._read(line)
                if not pacer.wait(started_s + (line.exposed_ns - self._lines[0].exposed_ns) / 1e9):
                    return
                if isinstance(line, Loss):
                    told += line.count
                    counter += line.count
                    yield _missed(line.count, line.reason, "")
                    continue
                lost = max(0, line.counter - before - 1 - told)
                before, told = line.counter, 0
                if lost:
                    yield _missed(lost, "missed", "")
                counter += lost + 1
                if image is None:
                    yield _missed(1, "camera", line.file)
                    continue
                arrived_ns, exposed_ns = time.monotonic_ns(), time.time_ns()
                yield Frame(exposed_ns=exposed_ns, arrived_ns=arrived_ns, counter=counter, image=image, name=line.file)
            if not self._loop:
                return
            started_s += self._round_s

    def close(self) -> None:
        """Nothing is held open."""

    def _read(self, entry: Entry) -> Image | None:
        try:
            return read_picture(self._frames / entry.file)
        except UnreadablePicture:
            return None


class RecordingWriter:
    """Writes a recording, frame by frame. A picture is on disk before its line is, and each line is flushed: whatever
    interrupts the writer leaves a recording that can be read. Use it as a context manager, or close it.

    Raises SourceError where a recording exists already, or a picture cannot be written.
    """

    def __init__(self, folder: Path, extension: str = ".webp", quality: int | None = None) -> None:
        """extension: a lossless or lossy format of OpenCV's; quality: 1 to 100 of JPEG or WebP, None for lossless WebP
        or PNG and the best JPEG."""
        self.folder = folder
        self.size = 0
        """Bytes of the pictures so far."""
        self._frames = folder / "frames"
        self._verdicts: TextIO | None = None
        self._extension = extension
        best = 101 if extension == ".webp" else 100  # OpenCV's way to ask for lossless WebP
        flag = {".webp": cv2.IMWRITE_WEBP_QUALITY, ".jpg": cv2.IMWRITE_JPEG_QUALITY}.get(extension)
        self._settings = [] if flag is None else [flag, quality or best]
        self._written = 0
        try:
            self._frames.mkdir(parents=True, exist_ok=True)
            self._index = (folder / "index.jsonl").open("x", encoding="utf-8")
        except FileExistsError:
            raise SourceError(f"{folder} holds a recording already; choose another folder") from None
        except OSError as error:
            raise SourceError(f"cannot write to {folder}: {error.strerror or error}") from error

    def write(self, image: Image, exposed_ns: int, counter: int, arrived_ns: int | None = None) -> str:
        """Add one frame, uint8[H, W, 3] BGR; returns the name of its file in frames/."""
        file = f"{self._written + 1:06d}{self._extension}"
        done, data = cv2.imencode(self._extension, image, self._settings)
        if not done:
            raise SourceError(f"OpenCV cannot write a {self._extension} picture of shape {image.shape}")
        try:
            (self._frames / file).write_bytes(data.data)
        except OSError as error:
            raise SourceError(f"cannot write {self._frames / file}: {error.strerror or error}") from error
        arrived = {} if arrived_ns is None else {"arrived_ns": arrived_ns}
        self._note({"file": file, "counter": counter, "exposed_ns": exposed_ns, **arrived})
        self._written += 1
        self.size += len(data)
        return file

    def lost(self, count: int, reason: Reason, exposed_ns: int) -> None:
        """Note that the source lost frames."""
        self._note({"lost": count, "reason": reason, "exposed_ns": exposed_ns})

    def dropped(self, count: int, exposed_ns: int) -> None:
        """Note that frames were not written."""
        self._note({"dropped": count, "exposed_ns": exposed_ns})

    def verdict(self, payload: bytes) -> None:
        """Add a verdict, as JSON; raises OSError."""
        if self._verdicts is None:
            self._verdicts = (self.folder / VERDICTS).open("a", encoding="utf-8")
        self._verdicts.write(f"{payload.decode()}\n")
        self._verdicts.flush()

    def close(self) -> None:
        """Finish the recording; may be called twice."""
        for file in (self._index, self._verdicts):
            if file is not None:
                with suppress(OSError):  # what could not be flushed then cannot be now
                    file.close()

    def _note(self, content: dict[str, object]) -> None:
        try:
            self._index.write(f"{json.dumps(content)}\n")
            self._index.flush()
        except OSError as error:
            raise SourceError(f"cannot write {self.folder / 'index.jsonl'}: {error.strerror or error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_index(folder: Path) -> list[Entry]:
    """The frames of a recording, in order; at least one. Raises SourceError, as read_lines does."""
    return [line for line in read_lines(folder) if isinstance(line, Entry)]


def read_lines(folder: Path) -> list[Entry | Loss]:
    """The frames of a recording, at least one, and what its source said it lost, in order.

    A last line without its end, as a killed writer leaves it, is not counted. Raises SourceError on any other damage.
    """
    index = folder / "index.jsonl"
    try:
        text = index.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SourceError(f"{folder} is not a recording: it has no index.jsonl") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot read {index}: {error}") from error
    lines = text[: text.rfind("\n") + 1].splitlines()
    places = (f"{index}:{number}" for number in range(1, len(lines) + 1))
    entries = [entry for line, place in zip(lines, places, strict=True) if (entry := _parsed(line, place)) is not None]
    if not any(isinstance(entry, Entry) for entry in entries):
        raise SourceError(f"{index} lists no frame")
    return entries


def _parsed(line: str, place: str) -> Entry | Loss | None:
    """A line of the index; None for what was dropped, which the gap in the counter tells."""
    try:
        read = json.loads(line)
        if "dropped" in read:
            return None
        if "lost" in read:
            return Loss(count=int(read["lost"]), reason=_reason(read["reason"]), exposed_ns=int(read["exposed_ns"]))
        file, counter, exposed_ns = read["file"], read["counter"], read["exposed_ns"]
    except (ValueError, TypeError, KeyError):
        raise SourceError(f'{place} is not a frame: {line[:80]!r}; it needs "file", "counter", "exposed_ns"') from None
    if not (isinstance(file, str) and re.fullmatch(r"[^/\\]+", file) and file.strip(".")):
        raise SourceError(f'{place}: "file" is {file!r}; it must be the plain name of a file in frames/')
    for key, value in (("counter", counter), ("exposed_ns", exposed_ns)):
        if type(value) is not int or value < 0:
            raise SourceError(f'{place}: "{key}" is {value!r}; it must be a whole number of at least 0')
    return Entry(file=file, counter=counter, exposed_ns=exposed_ns, arrived_ns=read.get("arrived_ns"))


def _reason(text: str) -> Reason:
    if text not in get_args(Reason):
        raise ValueError(text)
    return cast(Reason, text)


def _missed(count: int, reason: Reason, name: str) -> Missed:
    return Missed(exposed_ns=time.time_ns(), arrived_ns=time.monotonic_ns(), count=count, reason=reason, name=name)
