"""A USB or V4L2 camera through OpenCV."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import cv2

from inspector.config import CameraSource, source_words
from inspector.errors import SourceError
from inspector.sources.frame_ids import FrameIds
from inspector.sources.images import as_bgr
from inspector.sources.live import Broken, CameraAbsent, DeviceLost, Grabbed, LiveSource, Setting

REOPEN_AFTER = 5
"""Failed reads in a row after which the camera is opened anew."""
IDLE_S = 0.5
"""What was not read for so long has old pictures in its buffers."""
BUFFERS = 4
"""As many as OpenCV asks V4L2 for."""
TOLERANCE = 0.01
"""By which a driver may round a setting."""

_MANUAL_EXPOSURE = 1.0  # V4L2_EXPOSURE_MANUAL: else the driver ignores an exposure

# a read of a V4L2 camera that stopped returns after this many seconds (10 otherwise), so that `stop` is heard
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")


class Capture(Protocol):
    """What is used of cv2.VideoCapture."""

    def isOpened(self) -> bool: ...  # noqa: N802
    def read(self) -> tuple[bool, Any]: ...
    def grab(self) -> bool: ...
    def get(self, key: int, /) -> float: ...
    def set(self, key: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


class CameraDevice:
    """A camera opened with its settings. OpenCV numbers no frames; where the driver stamps them, that is used.

    Raises SourceError when it cannot be opened, gives no picture, or its driver refuses a setting.
    """

    def __init__(self, config: CameraSource, opened: Callable[[int | str], Capture]) -> None:
        self.name = source_words(config)
        self.patience_s: float | None = config.timeout_s
        self._failed = 0
        self._capture = opened(config.device)
        try:
            if not self._capture.isOpened():
                raise CameraAbsent(f"source.device {config.device} cannot be opened; {_devices(config.device)}")
            _apply(self._capture, config)
            done, picture = self._capture.read()
            if not done:
                raise CameraAbsent(f"source.device {config.device} opens but gives no picture; is another program "
                                   "using it, or is it on too weak a USB port?")  # fmt: skip
        except SourceError:
            self.close()
            raise
        self._read_s = time.monotonic()
        self.frame_size: tuple[int, int] = (picture.shape[1], picture.shape[0])

    @property
    def ids(self) -> FrameIds:
        return FrameIds()

    def settings(self) -> list[Setting]:
        get = self._capture.get
        return [
            Setting(key="pixel_format", value=_letters(get(cv2.CAP_PROP_FOURCC))),
            Setting(key="width", value=str(self.frame_size[0])),
            Setting(key="height", value=str(self.frame_size[1])),
            Setting(key="fps", value=f"{get(cv2.CAP_PROP_FPS):g}"),
            Setting(key="exposure", value=f"{get(cv2.CAP_PROP_EXPOSURE):g}"),
            Setting(key="gain", value=f"{get(cv2.CAP_PROP_GAIN):g}"),
        ]

    def start(self) -> None:
        """Give up what the driver kept since the first picture."""
        if time.monotonic() - self._read_s > IDLE_S:
            for _ in range(BUFFERS):
                self._capture.grab()

    def grab(self, wait_s: float) -> Grabbed | Broken | None:
        """See Device. A read waits as long as the driver does, 1 s at most; one that fails at once lost a frame."""
        begun_ns = time.monotonic_ns()
        done, picture = self._capture.read()
        arrived_ns = time.monotonic_ns()
        if not done and arrived_ns - begun_ns > wait_s * 1e9:
            return None
        if not done:
            self._failed += 1
            if self._failed > REOPEN_AFTER:
                raise DeviceLost(f"failed to give a picture {REOPEN_AFTER} times in a row")
            return Broken(arrived_ns=arrived_ns, reason="camera", detail=f"{self.name} failed to give a picture")
        self._failed = 0
        stamped_ms = self._capture.get(cv2.CAP_PROP_POS_MSEC)
        camera_ns = round(stamped_ms * 1e6) if stamped_ms > 0 else None
        return Grabbed(image=as_bgr(picture), arrived_ns=arrived_ns, camera_ns=camera_ns)

    def close(self) -> None:
        self._capture.release()


def open_camera(
    config: CameraSource, waits: bool = False, opened: Callable[[int | str], Capture] | None = None
) -> LiveSource:
    """opened: opens the device, as cv2.VideoCapture does; tests give a camera of their own. Raises SourceError."""
    return LiveSource(lambda: CameraDevice(config, opened or _open_device), waits)


def _open_device(device: int | str) -> Capture:
    return cv2.VideoCapture(device, cv2.CAP_V4L2 if sys.platform == "linux" else cv2.CAP_ANY)


def _apply(capture: Capture, config: CameraSource) -> None:
    """Set what the configuration asks for, then read it back: drivers refuse in silence.

    The order matters: the format limits the sizes, the size limits the rates.
    """
    if config.exposure is not None:
        capture.set(cv2.CAP_PROP_AUTO_EXPOSURE, _MANUAL_EXPOSURE)
    wanted: dict[str, tuple[int, float | None]] = {
        "pixel_format": (cv2.CAP_PROP_FOURCC, _fourcc(config.pixel_format)),
        "width": (cv2.CAP_PROP_FRAME_WIDTH, config.width),
        "height": (cv2.CAP_PROP_FRAME_HEIGHT, config.height),
        "fps": (cv2.CAP_PROP_FPS, config.fps),
        "exposure": (cv2.CAP_PROP_EXPOSURE, config.exposure),
        "gain": (cv2.CAP_PROP_GAIN, config.gain),
    }
    asked = {name: (key, value) for name, (key, value) in wanted.items() if value is not None}
    for key, value in asked.values():
        capture.set(key, value)
    for name, (key, value) in asked.items():
        got = capture.get(key)
        exact = name in ("pixel_format", "width", "height")
        if abs(got - value) > (0 if exact else TOLERANCE * abs(value)):
            shown = _letters(got) if name == "pixel_format" else f"{got:g}"
            raise SourceError(f"source.{name} is {getattr(config, name)}, but camera {config.device} stays at {shown}; "
                              "give a value it has, or null to leave it as it is")  # fmt: skip


def _fourcc(letters: str | None) -> int | None:
    return None if letters is None else int.from_bytes(letters.encode("ascii", "replace"), "little")


def _letters(fourcc: float) -> str:
    return int(max(0, fourcc)).to_bytes(8, "little")[:4].decode("ascii", "replace").strip("\0") or "none"


def _devices(device: int | str) -> str:
    """What there is instead, for the person who has to plug something in."""
    here = sorted(str(path) for path in Path("/dev").glob("video*"))
    if not here:
        return "this machine has no camera (no /dev/video*)"
    if (f"/dev/video{device}" if isinstance(device, int) else device) in here:
        return "it is there: is another program using it, may this user read it (group video)?"
    return f"this machine has {', '.join(here)}"
