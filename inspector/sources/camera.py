"""A USB or V4L2 camera through OpenCV."""

import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import cv2

from inspector.config import CameraSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed
from inspector.sources.images import as_bgr

REOPEN_AFTER = 5
"""Failed reads in a row after which the camera is opened anew."""
BACK_OFF_S = (0.2, 5.0)
"""First and longest pause before opening it anew; each is twice the one before."""
TOLERANCE = 0.01
"""By which a driver may round a setting."""

_MANUAL_EXPOSURE = 1.0  # V4L2_EXPOSURE_MANUAL: else the driver ignores an exposure

# a read of a V4L2 camera that stopped returns after this many seconds (10 otherwise), so that `stop` is heard
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "1")


class Capture(Protocol):
    """What is used of cv2.VideoCapture."""

    def isOpened(self) -> bool: ...  # noqa: N802
    def read(self) -> tuple[bool, Any]: ...
    def get(self, key: int, /) -> float: ...
    def set(self, key: int, value: float, /) -> bool: ...
    def release(self) -> None: ...


class Camera:
    """Never ends by itself: a failed read is Missed (camera); after REOPEN_AFTER of them in a row the camera is opened
    anew, again and again with BACK_OFF_S between, each vain attempt another Missed, so that its silence shows.

    Raises SourceError when it cannot be opened, gives no picture, or its driver refuses a setting.
    """

    live = True
    paced = True

    def __init__(self, config: CameraSource, opened: Callable[[int | str], Capture] | None = None) -> None:
        """opened: opens the device, as cv2.VideoCapture does; tests give a camera of their own."""
        self._config = config
        self._opened = opened or _open_device
        self._capture = self._opened(config.device)
        try:
            if not self._capture.isOpened():
                raise SourceError(f"source.device {config.device} cannot be opened; {_devices(config.device)}")
            _apply(self._capture, config)
            done, picture = self._capture.read()
            if not done:
                raise SourceError(f"source.device {config.device} opens but gives no picture; is another program "
                                  "using it, or is it on too weak a USB port?")  # fmt: skip
        except SourceError:
            self.close()
            raise
        height, width = picture.shape[:2]
        self.frame_size: tuple[int, int] | None = (width, height)

    def frames(self, stop: threading.Event) -> Iterator[Frame | Missed]:
        """See Source. `counter` counts reads, so that its gaps are the frames missed; `exposed_ns` is the arrival."""
        counter = failed = 0
        pause_s = BACK_OFF_S[0]
        while not stop.is_set():
            done, picture = self._capture.read()
            arrived_ns, exposed_ns = time.monotonic_ns(), time.time_ns()
            counter += 1
            if done:
                failed, pause_s = 0, BACK_OFF_S[0]
                yield Frame(exposed_ns=exposed_ns, arrived_ns=arrived_ns, counter=counter, image=as_bgr(picture))
                continue
            failed += 1
            yield Missed(exposed_ns=exposed_ns, arrived_ns=arrived_ns, count=1, reason="camera")
            if failed >= REOPEN_AFTER:
                if stop.wait(pause_s):
                    return
                pause_s = min(2 * pause_s, BACK_OFF_S[1])
                failed = 0 if self._reopen() else REOPEN_AFTER

    def close(self) -> None:
        """Give the device back; may be called twice."""
        self._capture.release()

    def _reopen(self) -> bool:
        """Whether the camera is back, with its settings; one that came back without them is not."""
        self._capture.release()
        self._capture = self._opened(self._config.device)
        try:
            if self._capture.isOpened():
                _apply(self._capture, self._config)
                return True
        except SourceError:
            self._capture.release()
        return False


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
