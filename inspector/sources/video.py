"""A video file, every frame of it accounted for."""

import threading
import time
from collections import deque
from collections.abc import Collection, Generator, Iterator
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import NamedTuple

import cv2

from inspector.config import VideoSource
from inspector.errors import SourceError
from inspector.messages import Frame, Image, Missed
from inspector.sources.images import as_bgr
from inspector.sources.pacing import Pacer

PATIENCE = 64
"""Reads in a row that may fail before the rest of a damaged video counts as lost."""
ROUNDING = 2
"""Frames by which a count estimated from the duration may be wrong."""
GAP = 3
"""Times the longest pause of the last second or so."""


class _Step(NamedTuple):
    """A frame, or (image None) `frames` frames in a row that could not be decoded."""

    at_s: float
    """When it starts, since the start of the video."""
    ends_s: float
    number: int
    """The first one's number in the file, from 1."""
    frames: int
    image: Image | None


class Video:
    """A frame's name is its number in the file, six digits from 000001.

    Frames that the file declares and does not give come out as Missed (camera): where the decoder stumbled over them,
    else at the end. MP4, MOV and AVI declare their number of frames. Other containers (MKV, WebM, GIF, …) declare at
    most a duration, so there a loss is a pause GAP times longer than those before it, or an end ROUNDING + 1 frames or
    more too early: a lone lost frame may go unnoticed. An edit list that hides frames of an MP4 counts them as lost.

    Raises SourceError when the file is missing, not a video, or without a frame that can be decoded.
    """

    live = False

    def __init__(self, config: VideoSource) -> None:
        self._path = Path(config.path)
        self._speed = config.speed
        self._loop = config.loop
        self.paced = config.speed > 0
        with closing(self._decode()) as steps:
            first = next((step.image for step in steps if step.image is not None), None)
        if first is None:
            raise SourceError(f"no frame of {self._path} can be decoded")
        self.frame_size: tuple[int, int] | None = (first.shape[1], first.shape[0])

    def frames(self, stop: threading.Event) -> Iterator[Frame | Missed]:
        """See Source. `counter` goes on counting when the video starts over, its gaps are the frames lost."""
        pacer = Pacer(stop, self._speed)
        counter, started_s = 0, 0.0
        while True:
            ends_s = 0.0
            with closing(self._decode()) as steps:
                for step in steps:
                    if not pacer.wait(started_s + step.at_s):
                        return
                    counter += step.frames
                    ends_s = step.ends_s
                    yield _released(step, counter)
            if not self._loop:
                return
            started_s += ends_s

    def close(self) -> None:
        """Nothing is held open between two rounds of `frames`."""

    def _decode(self) -> Generator[_Step, None, None]:
        """The whole file once, as fast as it decodes."""
        capture, exact = _opened(self._path)
        try:
            fps = capture.get(cv2.CAP_PROP_FPS)
            period_s = 1 / fps if 0 < fps <= 10_000 else 0.04
            declared = max(0, int(capture.get(cv2.CAP_PROP_FRAME_COUNT)))
            seen, failed, at_s = 0, 0, -period_s
            pauses: deque[float] = deque(maxlen=32)
            while True:
                done, picture = capture.read()
                if not done:
                    failed += 1
                    if 0 < declared <= seen or failed > PATIENCE:
                        break
                    continue
                shown_s = capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
                if exact:
                    lost = min(failed, max(0, declared - seen - 1))
                else:
                    lost = _skipped(shown_s - at_s, pauses)
                    if shown_s > at_s:
                        pauses.append((shown_s - at_s) / (lost + 1))
                if lost:
                    yield _Step(at_s + period_s, at_s + period_s * (1 + lost), seen + 1, lost, None)
                    seen += lost
                failed = 0
                at_s = shown_s if shown_s > at_s else at_s + period_s
                seen += 1
                yield _Step(at_s, at_s + period_s, seen, 1, as_bgr(picture))
            if exact:
                lost = declared - seen
            else:  # `declared` is duration × rate, so compare it with how far the timestamps got
                lost = declared - round(at_s / period_s) - 1
                lost = lost if lost > ROUNDING else 0
            if lost > 0:
                yield _Step(at_s + period_s, at_s + period_s * (1 + lost), seen + 1, lost, None)
        finally:
            capture.release()


def _skipped(pause_s: float, before: Collection[float]) -> int:
    """Frames lost in a pause, judged by those before it: rates vary, and containers round times to milliseconds."""
    if not before or pause_s < GAP * max(before):
        return 0
    return round(pause_s / median(before)) - 1


def _released(step: _Step, counter: int) -> Frame | Missed:
    arrived_ns, exposed_ns, name = time.monotonic_ns(), time.time_ns(), f"{step.number:06d}"
    if step.image is None:
        return Missed(exposed_ns=exposed_ns, arrived_ns=arrived_ns, count=step.frames, reason="camera", name=name)
    return Frame(exposed_ns=exposed_ns, arrived_ns=arrived_ns, counter=counter, image=step.image, name=name)


def _opened(path: Path) -> tuple[cv2.VideoCapture, bool]:
    """The file in FFmpeg's hands, and whether its container counts its frames."""
    try:
        with path.open("rb") as file:
            head = file.read(12)
    except FileNotFoundError:
        raise SourceError(f"source.path {path} does not exist") from None
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    if not head:
        raise SourceError(f"{path} is empty (0 bytes)")
    capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    if not capture.isOpened():
        raise SourceError(f"{path} cannot be opened as a video: it is cut short, damaged, or not a video")
    return capture, head[:4] == b"RIFF" or head[4:8] in (b"ftyp", b"moov", b"mdat")
