"""A network camera's stream through PyAV: FFmpeg's demuxer and decoder, with the stream's own times.

OpenCV's reader is not used for it: after a stall it hands out old frames, and says nothing of the camera being gone.
"""

import time
from collections import deque
from collections.abc import Collection, Iterator
from statistics import median
from typing import Final

from inspector.config import RtspSource, source_words
from inspector.errors import SourceError
from inspector.sources.frame_ids import FrameIds
from inspector.sources.images import as_bgr
from inspector.sources.live import Broken, DeviceLost, Grabbed, LiveSource, Setting

try:
    import av
    from av.codec.context import Flags
    from av.container import InputContainer
    from av.error import FFmpegError
    from av.video.frame import VideoFrame
except ImportError as error:
    raise SourceError('source.type rtsp needs PyAV: pip install "inspector[rtsp]"') from error

IDLE_S: Final = 0.5
"""A stream that nobody read for so long is opened anew: what waits in its socket is old."""
MEMORY: Final = 16
"""Pauses between frames from which their interval is known."""
STEADY: Final = 0.75
"""Share of them that must be within JITTER of it; else the stream has no steady rate, and a pause says nothing."""
JITTER: Final = 0.2


class RtspDevice:
    """An opened stream; raises SourceError when it cannot be opened or gives no picture.

    A stream numbers no frames. They are numbered here, by its times: the same time again is the same frame, and where
    the frames come steadily a pause of two or more of their intervals is frames lost.
    """

    repeats_when_still = True  # a scene that stands still costs a codec nothing

    def __init__(self, config: RtspSource) -> None:
        self._config = config
        self.name = source_words(config)
        self.patience_s: float | None = config.timeout_s
        self._container: InputContainer | None = None
        self._open()
        try:
            first = next(self._frames)
        except (FFmpegError, StopIteration, EOFError) as error:
            self.close()
            raise SourceError(f"{self.name} gives no picture: {_why(error)}") from error
        self._read_s = time.monotonic()
        self.frame_size: tuple[int, int] = (first.width, first.height)

    @property
    def ids(self) -> FrameIds:
        return FrameIds()

    def settings(self) -> list[Setting]:
        return []  # they are the camera's own affair

    def start(self) -> None:
        if time.monotonic() - self._read_s > IDLE_S:
            self.close()
            try:
                self._open()
            except SourceError as error:
                raise DeviceLost(f"did not stay: {error}") from error

    def grab(self, wait_s: float) -> Grabbed | Broken | None:  # noqa: ARG002
        """See Device; waits as long as timeout_s, since a read that was broken off leaves the stream unreadable."""
        try:
            frame = next(self._frames)
        except (FFmpegError, StopIteration, EOFError) as error:
            raise DeviceLost(_why(error)) from error
        arrived_ns = time.monotonic_ns()
        camera_ns = None if frame.pts is None or frame.time_base is None else round(frame.pts * frame.time_base * 10**9)
        if (frame.width, frame.height) != self.frame_size:
            raise DeviceLost(f"changed its frames to {frame.width} × {frame.height}")
        self._count(camera_ns)
        if frame.is_corrupt:
            return Broken(arrived_ns=arrived_ns, number=self._number, detail=f"{self.name} gave a damaged picture")
        image = as_bgr(frame.to_ndarray(format="bgr24"))
        return Grabbed(image=image, arrived_ns=arrived_ns, number=self._number, camera_ns=camera_ns)

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open(self) -> None:
        timeout_s = self._config.timeout_s
        options = {"rtsp_transport": self._config.transport, "fflags": "nobuffer", "max_delay": "100000"}
        try:
            self._container = av.open(self._config.url, options=options, timeout=(max(timeout_s, 5.0), timeout_s))
        except (FFmpegError, EOFError) as error:
            raise SourceError(f"{self.name} cannot be opened: {_why(error)}") from error
        if not self._container.streams.video:
            self.close()
            raise SourceError(f"{self.name} has no video in its stream")
        stream = self._container.streams.video[0]
        stream.thread_type = "SLICE"  # threads that each take a frame would hold as many back
        stream.codec_context.flags |= Flags.low_delay
        self._frames = self._decoded()
        self._number = 0
        self._newest_ns: int | None = None
        self._pauses: deque[int] = deque(maxlen=MEMORY)

    def _decoded(self) -> Iterator[VideoFrame]:
        assert self._container is not None
        yield from self._container.decode(video=0)

    def _count(self, camera_ns: int | None) -> None:
        """Number the frame by its time."""
        before, pauses = self._newest_ns, self._pauses
        if camera_ns is None or before is None:
            self._newest_ns, self._number = camera_ns, self._number + 1
            return
        pause = camera_ns - before
        if pause <= 0:
            return
        lost = _left_out(pause, pauses)
        pauses.append(pause // (lost + 1))
        self._newest_ns, self._number = camera_ns, self._number + 1 + lost


def open_rtsp(config: RtspSource) -> LiveSource:
    """Raises SourceError when the stream cannot be opened."""
    return LiveSource(lambda: RtspDevice(config))


def _left_out(pause: int, before: Collection[int]) -> int:
    """Frames lost in a pause; 0 unless those before it, at least MEMORY, were nearly all of one length."""
    if len(before) < MEMORY:
        return 0
    usual = median(before)
    steady = sum(abs(each - usual) <= JITTER * usual for each in before)
    return max(0, round(pause / usual) - 1) if steady >= STEADY * len(before) else 0


def _why(error: BaseException) -> str:
    """In words, without the address and the password in it."""
    if isinstance(error, av.error.ExitError):
        return "is silent"
    if isinstance(error, av.error.InvalidDataError):
        return "it answers, and sends nothing that can be read"
    if isinstance(error, StopIteration | EOFError):
        return "ended its stream"
    return str(getattr(error, "strerror", None) or error)
