"""A recording: what a camera gave, as plain pictures with their times.

    index.jsonl   one line a frame: {"file": "000001.webp", "counter": 1, "exposed_ns": 1764547200000000000}
    frames/       the pictures
    truth.json    optional: {"000001.webp": {"defect": null}, "000002.webp": {"defect": "dent", "mask": "000002.png"}}
    masks/        optional: the defective pixels (255) of those pictures

A gap in `counter` is frames the camera lost when it was recorded; it replays as the loss it was.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import cv2

from inspector.config import RecordingSource
from inspector.errors import SourceError
from inspector.messages import Frame, Image, Missed, Reason
from inspector.sources.images import UnreadablePicture, read_picture
from inspector.sources.pacing import Pacer


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of index.jsonl."""

    file: str
    """Name in frames/."""
    counter: int
    """The camera's own frame number."""
    exposed_ns: int
    """Unix time at which it was exposed."""


class Recording:
    """Replays a recording. Frames get the time at which they are played; their distances are the recorded ones.

    Raises SourceError when there is no index, it is damaged, or no frame of it can be read.
    """

    live = False

    def __init__(self, config: RecordingSource) -> None:
        self._frames = Path(config.path) / "frames"
        self._entries = read_index(Path(config.path))
        self._speed = config.speed
        self._loop = config.loop
        self.paced = config.speed > 0
        first = next((image for entry in self._entries if (image := self._read(entry)) is not None), None)
        if first is None:
            raise SourceError(f"none of the {len(self._entries)} frames in {self._frames} can be read")
        self.frame_size: tuple[int, int] | None = (first.shape[1], first.shape[0])

    def frames(self, stop: threading.Event) -> Iterator[Frame | Missed]:
        """See Source. A frame that cannot be read is Missed (camera), a gap in the camera's counter Missed (missed)."""
        pacer = Pacer(stop, self._speed)
        first, last = self._entries[0], self._entries[-1]
        # the pause between two rounds is an average one
        round_s = (last.exposed_ns - first.exposed_ns) / 1e9 * len(self._entries) / max(1, len(self._entries) - 1)
        started_s, counter, before = 0.0, 0, first.counter - 1
        while True:
            for entry in self._entries:
                image = self._read(entry)
                if not pacer.wait(started_s + (entry.exposed_ns - first.exposed_ns) / 1e9):
                    return
                lost = max(0, entry.counter - before - 1)
                before = entry.counter
                if lost:
                    yield _missed(lost, "missed", "")
                counter += lost + 1
                if image is None:
                    yield _missed(1, "camera", entry.file)
                    continue
                arrived_ns, exposed_ns = time.monotonic_ns(), time.time_ns()
                yield Frame(exposed_ns=exposed_ns, arrived_ns=arrived_ns, counter=counter, image=image, name=entry.file)
            if not self._loop:
                return
            started_s += round_s
            before = first.counter - 1

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
        self._frames = folder / "frames"
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

    def write(self, image: Image, exposed_ns: int, counter: int) -> str:
        """Add one frame, uint8[H, W, 3] BGR; returns the name of its file in frames/."""
        file = f"{self._written + 1:06d}{self._extension}"
        done, data = cv2.imencode(self._extension, image, self._settings)
        if not done:
            raise SourceError(f"OpenCV cannot write a {self._extension} picture of shape {image.shape}")
        try:
            (self._frames / file).write_bytes(data.tobytes())
            line = json.dumps({"file": file, "counter": counter, "exposed_ns": exposed_ns})
            self._index.write(f"{line}\n")
            self._index.flush()
        except OSError as error:
            raise SourceError(f"cannot write {self._frames / file}: {error.strerror or error}") from error
        self._written += 1
        return file

    def close(self) -> None:
        """Finish the recording; may be called twice."""
        self._index.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_index(folder: Path) -> list[Entry]:
    """The frames of a recording, in order; at least one.

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
    entries = [_entry(line, f"{index}:{number}") for number, line in enumerate(lines, 1)]
    if not entries:
        raise SourceError(f"{index} lists no frame")
    return entries


def _entry(line: str, place: str) -> Entry:
    try:
        read = json.loads(line)
        file, counter, exposed_ns = read["file"], read["counter"], read["exposed_ns"]
    except (ValueError, TypeError, KeyError):
        raise SourceError(f'{place} is not a frame: {line[:80]!r}; it needs "file", "counter", "exposed_ns"') from None
    if not (isinstance(file, str) and re.fullmatch(r"[^/\\]+", file) and file.strip(".")):
        raise SourceError(f'{place}: "file" is {file!r}; it must be the plain name of a file in frames/')
    for key, value in (("counter", counter), ("exposed_ns", exposed_ns)):
        if type(value) is not int or value < 0:
            raise SourceError(f'{place}: "{key}" is {value!r}; it must be a whole number of at least 0')
    return Entry(file=file, counter=counter, exposed_ns=exposed_ns)


def _missed(count: int, reason: Reason, name: str) -> Missed:
    return Missed(exposed_ns=time.time_ns(), arrived_ns=time.monotonic_ns(), count=count, reason=reason, name=name)
