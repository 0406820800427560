"""A network camera's stream through PyAV: FFmpeg's demuxer and decoder, with the stream's own times.

OpenCV's reader is not used for it: after a stall it hands out old frames, and says nothing of the camera being gone.
"""

import time
from collections.abc import Iterator
from typing import Final

from inspector.config import RtspSource, source_words
from inspector.errors import SourceError
from inspector.sources.frame_ids import FrameIds
from inspector.sources.images import as_bgr
from inspector.sources.live import Broken, CameraAbsent, DeviceLost, Grabbed, LiveSource, Setting
from inspector.sources.stream_times import StreamTimes

try:
    import av
    from av.codec.context import Flags
    from av.container import InputContainer
    from av.error import FFmpegError, HTTPClientError, InvalidDataError
    from av.video.frame import VideoFrame
except ImportError as error:
    raise SourceError('source.type rtsp needs PyAV: pip install "inspector[rtsp]"') from error

IDLE_S: Final = 0.5
"""A stream that nobody read for so long is opened anew: what waits in its socket is old."""
KEY_FRAME_S: Final = 5.0
"""After a loss the next key frame is waited for so long; then the stream is opened anew, which begins with one."""
LEARN_S: Final = 1.0
"""A stream is read for so long at most before its first picture is judged."""


class RtspDevice:
    """An opened stream; raises SourceError when it cannot be opened or gives no picture.

    A stream numbers no frames: StreamTimes does, by their times; a frame without one has no number. What comes after a
    loss is made from what is missing, up to the next key frame, and so is lost too. The first pictures after opening
    tell the stream's rate, and are given up.
    """

    def __init__(self, config: RtspSource) -> None:
        self._config = config
        self.name = source_words(config)
        self.patience_s: float | None = config.timeout_s
        self._container: InputContainer | None = None
        self.frame_size: tuple[int, int] = self._open()
        self._read_s = time.monotonic()

    @property
    def ids(self) -> FrameIds:
        return FrameIds()

    def settings(self) -> list[Setting]:
        return []  # they are the camera's own affair

    def start(self) -> None:
        if time.monotonic() - self._read_s > IDLE_S:
            self.close()
            try:
                size = self._open()
            except SourceError as error:
                raise DeviceLost(f"did not stay: {error}") from error
            self._require(size)

    def grab(self, wait_s: float) -> Grabbed | Broken | None:  # noqa: ARG002
        """See Device; waits as long as timeout_s, since a read that was broken off leaves the stream unreadable."""
        try:
            frame = next(self._frames)
        except (FFmpegError, StopIteration, EOFError) as error:
            raise DeviceLost(_why(error)) from error
        arrived_ns = time.monotonic_ns()
        if frame is None:
            self._times.lose()
            self._whole = False
            return self._broken(arrived_ns, None)
        self._require((frame.width, frame.height))
        camera_ns = _time_ns(frame)
        lost = self._times.count(camera_ns)
        number = None if camera_ns is None else self._times.number
        self._whole = not frame.is_corrupt and (bool(frame.key_frame) or (self._whole and not lost))
        if not self._whole:
            return self._broken(arrived_ns, number)
        self._whole_ns = arrived_ns
        image = as_bgr(frame.to_ndarray(format="bgr24"))
        return Grabbed(image=image, arrived_ns=arrived_ns, number=number, camera_ns=camera_ns)

    def _broken(self, arrived_ns: int, number: int | None) -> Broken:
        """A picture that is damaged, or made from one that was lost: a decoder fills in what it lacks, in silence.

        Raises DeviceLost where there is no key frame to start over from.
        """
        if arrived_ns - self._whole_ns > KEY_FRAME_S * 1e9:
            raise DeviceLost(f"sent no key frame for {KEY_FRAME_S:g} s after a picture was lost")
        return Broken(arrived_ns=arrived_ns, number=number, detail=f"{self.name} lost a picture and those made from it")

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _open(self) -> tuple[int, int]:
        """Open the stream; returns the size of its frames."""
        timeout_s = self._config.timeout_s
        options = {
            "rtsp_transport": self._config.transport,
            "fflags": "nobuffer",
            "max_delay": "100000",
            "analyzeduration": "300000",
        }
        try:
            self._container = av.open(self._config.url, options=options, timeout=(max(timeout_s, 5.0), timeout_s))
        except (FFmpegError, EOFError) as error:
            kind = SourceError if isinstance(error, HTTPClientError) else CameraAbsent
            raise kind(f"{self.name} cannot be opened: {_why(error)}") from error
        if not self._container.streams.video:
            self.close()
            raise SourceError(f"{self.name} has no video in its stream")
        stream = self._container.streams.video[0]
        stream.thread_type = "SLICE"  # threads that each take a frame would hold as many back
        stream.codec_context.flags |= Flags.low_delay
        self._frames = self._decoded()
        self._times = StreamTimes()
        try:
            size = self._learn()
        except (FFmpegError, StopIteration, EOFError) as error:
            self.close()
            raise SourceError(f"{self.name} gives no picture: {_why(error)}") from error
        self._whole, self._whole_ns = self._times.gapless, time.monotonic_ns()
        return size

    def _learn(self) -> tuple[int, int]:
        """Read until the stream's rate is known, a second at most; returns the size of its frames."""
        until = time.monotonic() + LEARN_S
        while True:
            frame = next(self._frames)
            if frame is not None:
                self._times.count(_time_ns(frame))
                if self._times.learnt or time.monotonic() > until:
                    return frame.width, frame.height

    def _require(self, size: tuple[int, int]) -> None:
        if size != self.frame_size:
            raise DeviceLost(f"changed its frames to {size[0]} × {size[1]}")

    def _decoded(self) -> Iterator[VideoFrame | None]:
        """The frames; None for data that cannot be decoded."""
        assert self._container is not None
        for packet in self._container.demux(video=0):
            try:
                yield from packet.decode()
            except InvalidDataError:
                yield None


def open_rtsp(config: RtspSource, waits: bool = False) -> LiveSource:
    """Raises SourceError when the stream cannot be opened."""
    return LiveSource(lambda: RtspDevice(config), waits)


def _time_ns(frame: VideoFrame) -> int | None:
    """The stream's own time of a frame; None where it has none."""
    return None if frame.pts is None or frame.time_base is None else round(frame.pts * frame.time_base * 10**9)


def _why(error: BaseException) -> str:
    """In words, without the address and the password in it."""
    if isinstance(error, av.error.ExitError):
        return "is silent"
    if isinstance(error, InvalidDataError):
        return "it answers, and sends nothing that can be read"
    if isinstance(error, StopIteration | EOFError):
        return "ended its stream"
    return str(getattr(error, "strerror", None) or error)
