"""What every live camera has in common: its frames accounted for, its silence said, and opened anew when it is lost.

A camera family is a Device: how it is opened and how one picture is had from it. Everything that decides what may be
judged is here, once.
"""

import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from inspector.errors import SourceError
from inspector.messages import Frame, Image, Missed, Reason, Seen, Silence
from inspector.sources.clock import ClockMap
from inspector.sources.frame_ids import CountsAnew, FrameIds

GRAB_S: Final = 0.2
"""A device is asked for a picture for so long at a time, so that a stop is heard."""
STOP_S: Final = 0.25
"""How soon a stop is heard while a camera is being opened."""
QUIET_S: Final = 1.0
"""How often silence is said."""
BACK_OFF_S: Final = (0.2, 5.0)
"""First and longest pause before a camera is opened anew; each is twice the one before, until it gives a picture."""
STALE_S: Final = 1.0
"""A picture that is older than this when it arrives is not of what is under the camera now."""
FROZEN_S: Final = 5.0
"""A camera that repeats one picture for so long is opened anew."""


class CameraAbsent(SourceError):  # noqa: N818 (it says what it is)
    """Nobody answers at a camera's address; a camera that is still starting does not."""


class DeviceLost(Exception):  # noqa: N818 (it says what happened)
    """The camera has to be opened anew; the text says what it did."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grabbed:
    """One picture, its memory no longer the driver's."""

    image: Image
    arrived_ns: int
    """Monotonic, taken directly after the driver returned."""
    number: int | None = None
    """The driver's frame number, or the stream's; None where there is none that says that a frame is a new one."""
    camera_ns: int | None = None
    """The camera's clock at the exposure, in nanoseconds since anything; None where it has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """A picture that the driver gave up on."""

    arrived_ns: int
    number: int | None = None
    reason: Reason = "missed"
    detail: str = ""
    """Why, in words that are the same each time it happens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting as an opened camera has it."""

    key: str
    """In the configuration."""
    value: str
    allowed: str = ""
    """What it takes, for people; empty when that is not known."""


class Device(Protocol):
    """One opened camera. The thread that grabs owns it."""

    @property
    def name(self) -> str:
        """What people call it: its type, and its address or number."""

    @property
    def frame_size(self) -> tuple[int, int]:
        """Width and height of its frames, in pixels."""

    @property
    def patience_s(self) -> float | None:
        """Silence longer than this is a loss; None for a camera that waits for its trigger."""

    @property
    def ids(self) -> FrameIds:
        """A new follower of its frame numbers."""

    def settings(self) -> Sequence[Setting]:
        """The settings that can be configured, as they are now."""

    def start(self) -> None:
        """Deliver from now on; pictures from before are given up. Raises DeviceLost."""

    def grab(self, wait_s: float) -> Grabbed | Broken | None:
        """The next picture; None when none came within `wait_s` or so. Raises DeviceLost."""

    def close(self) -> None:
        """Give the camera back; may be called twice. Raises nothing."""


class LiveSource:
    """A Source of a camera that is opened anew, again and again with BACK_OFF_S between, whenever it is lost.

    Never ends by itself. A frame that was given before or that is old when it arrives is Missed (stale); numbers left
    out and pictures broken on the way are Missed too. Given before is a number that does not go on, and where no number
    says more, as without numbers or on the first picture after a loss, the same bytes. A number that goes on over the
    same bytes is a still scene: a codec makes equal pictures of it.
    """

    live = True
    paced = True

    def __init__(self, opened: Callable[[], Device], waits: bool = False) -> None:
        """opened: opens the camera with its settings, or raises SourceError, which is raised here the first time.

        With `waits` a camera that is absent is lost from the start instead, and its frame_size None until it is there.
        """
        self._opened = opened
        self._device: Device | None = None
        self._name = "the camera"
        self._lost = ""
        self.frame_size: tuple[int, int] | None = None
        try:
            self._take(opened())
        except CameraAbsent as error:
            if not waits:
                raise
            self._lost = _again(str(error))
        self._counter = 0
        self._pause_s = BACK_OFF_S[0]
        self._image: Image | None = None
        self._repeating_ns: int | None = None

    def frames(self, stop: threading.Event) -> Iterator[Seen]:
        """See Source. `counter` goes on over losses; its gaps are the frames known to be lost. Asked for again after
        `close`, it opens the camera again."""
        lost = "" if self._device is not None else self._lost or _again(f"{self._name} was closed")
        while not stop.is_set():
            if self._device is not None:
                lost = yield from self._delivered(self._device, stop, lost)
            if not stop.is_set():
                lost = yield from self._brought_back(stop, lost)

    def settings(self) -> Sequence[Setting]:
        """The camera's settings as they are now; none while it is lost."""
        return () if self._device is None else self._device.settings()

    def close(self) -> None:
        """Give the camera back; may be called twice."""
        device, self._device = self._device, None
        if device is not None:
            device.close()

    def _delivered(self, device: Device, stop: threading.Event, lost: str) -> Generator[Seen, None, str]:
        """What the opened camera gives; returns why it is lost. `lost`: why it was, until it shows that it is not."""
        ids, clock = device.ids, ClockMap()
        silent_ns, said_ns = 0, time.monotonic_ns()
        try:
            device.start()
            while not stop.is_set():
                asked_ns = time.monotonic_ns()
                grabbed = device.grab(GRAB_S)
                now_ns = time.monotonic_ns()
                if grabbed is not None:
                    silent_ns, said_ns = 0, now_ns
                    for seen in self._accounted(grabbed, ids, clock):
                        lost = "" if isinstance(seen, Frame) else lost
                        yield seen
                    self._require_new_pictures(now_ns)
                    continue
                silent_ns += now_ns - asked_ns  # what the line took for the last picture is not the camera's silence
                if device.patience_s is not None and silent_ns > device.patience_s * 1e9:
                    raise DeviceLost(f"gave no picture for {device.patience_s:g} s")
                if now_ns - said_ns >= QUIET_S * 1e9:
                    said_ns = now_ns
                    yield Silence(arrived_ns=now_ns, lost="" if device.patience_s is None else lost)
        except (DeviceLost, CountsAnew) as error:
            return _again(f"{device.name} {error}")
        return lost

    def _brought_back(self, stop: threading.Event, lost: str) -> Generator[Seen, None, str]:
        """Say that the camera is lost, close it, and open it anew until it opens; returns why it was lost."""
        gone, self._device = self._device, None
        while True:
            pause_s, self._pause_s = self._pause_s, min(2 * self._pause_s, BACK_OFF_S[1])
            while pause_s > 0:
                yield Silence(arrived_ns=time.monotonic_ns(), lost=lost)
                if stop.wait(min(pause_s, QUIET_S)):
                    self._device = gone  # for `close`
                    return lost
                pause_s -= QUIET_S
            opening = _Opening(self._opened, gone)
            while not (opening.over.wait(STOP_S) or stop.is_set()):
                yield Silence(arrived_ns=time.monotonic_ns(), lost=lost)
            gone, device = None, opening.taken()
            if device is None:
                if stop.is_set():
                    return lost
                lost = _again(opening.fault)
            elif self.frame_size not in (None, device.frame_size):
                gone = device
                sizes = f"{_size(device.frame_size)}, not {_size(self.frame_size)}"
                lost = _again(f"{self._name} came back with frames of {sizes}")
            else:
                self._take(device)
                return lost

    def _take(self, device: Device) -> None:
        self._device, self._name, self.frame_size, self._lost = device, device.name, device.frame_size, ""

    def _accounted(self, grabbed: Grabbed | Broken, ids: FrameIds, clock: ClockMap) -> Iterator[Frame | Missed]:
        """A picture as the frame it is, or as the loss; before it the frames whose numbers were left out."""
        goes_on = grabbed.number is not None and ids.begun
        gap = ids.lost_before(grabbed.number)
        if gap:
            yield self._missed(grabbed.arrived_ns, gap, "missed", f"frame numbers of {self._name} were left out")
        self._counter += 1 + (gap or 0)
        if isinstance(grabbed, Broken):
            yield self._missed(grabbed.arrived_ns, 1, grabbed.reason, grabbed.detail)
            return
        exposed_ns = clock.monotonic_ns(grabbed.camera_ns, grabbed.arrived_ns)
        again = "a frame number again" if gap is None else self._repeated(grabbed.image, goes_on)
        self._repeating_ns = (self._repeating_ns or grabbed.arrived_ns) if again else None
        old = grabbed.arrived_ns - exposed_ns > STALE_S * 1e9
        if stale := again or (f"a picture that was older than {STALE_S:g} s when it arrived" if old else ""):
            yield self._missed(grabbed.arrived_ns, 1, "stale", f"{self._name} gave {stale}")
            return
        self._pause_s = BACK_OFF_S[0]
        yield Frame(
            exposed_ns=_unix_ns(exposed_ns),
            arrived_ns=grabbed.arrived_ns,
            counter=self._counter,
            image=grabbed.image,
        )

    def _repeated(self, image: Image, goes_on: bool) -> str:
        """In words that a picture is the one before again; empty when it is not, or its number went on."""
        before, self._image = self._image, image
        return "the same picture again" if not goes_on and before is not None and _same(image, before) else ""

    def _require_new_pictures(self, now_ns: int) -> None:
        """Raise DeviceLost for a camera that is frozen."""
        since_ns = self._repeating_ns
        if since_ns is not None and now_ns - since_ns > FROZEN_S * 1e9:
            self._repeating_ns = None
            raise DeviceLost(f"repeats one picture for {FROZEN_S:g} s")

    def _missed(self, arrived_ns: int, count: int, reason: Reason, detail: str) -> Missed:
        return Missed(exposed_ns=_unix_ns(arrived_ns), arrived_ns=arrived_ns, count=count, reason=reason, detail=detail)


class _Opening:
    """A camera being opened in a thread of its own, after the lost one is closed.

    Some drivers take many seconds to find that nobody answers; meanwhile silence must be said and a stop heard. One
    that opens when nobody waits for it any more is closed again.
    """

    def __init__(self, opened: Callable[[], Device], lost: Device | None) -> None:
        self.over = threading.Event()
        self.fault = ""
        """Why it did not open, in words."""
        self._opened = opened
        self._lost = lost
        self._device: Device | None = None
        self._wanted = True
        self._lock = threading.Lock()
        threading.Thread(target=self._open, name="opening", daemon=True).start()

    def taken(self) -> Device | None:
        """The camera, now the caller's; None when it is not open. Nobody waits for it from now on."""
        with self._lock:
            self._wanted = False
            return self._device

    def _open(self) -> None:
        try:
            if self._lost is not None:
                self._lost.close()
            device = self._opened()
        except Exception as error:  # whatever a driver raises, this attempt is over and the next one may do better
            self.fault = str(error) if isinstance(error, SourceError) else f"{type(error).__name__}: {error}"
        else:
            with self._lock:
                self._device = device
                unwanted = not self._wanted
            if unwanted:
                device.close()
        self.over.set()


def misfit(arrived_ns: int, number: int | None, name: str, size: tuple[int, int]) -> Broken:
    """A picture that has not the size (width, height) which its camera said it has."""
    detail = f"{name} gave a picture that is not {_size(size)}, as it said"
    return Broken(arrived_ns=arrived_ns, number=number, reason="size", detail=detail)


def _unix_ns(monotonic_ns: int) -> int:
    """The Unix time of a moment just past."""
    return time.time_ns() - (time.monotonic_ns() - monotonic_ns)


def _same(one: Image, other: Image) -> bool:
    """Whether two pictures are equal, byte for byte; those of a real sensor differ in the first rows looked at."""
    return one.shape == other.shape and np.array_equal(one[::61], other[::61]) and np.array_equal(one, other)


def _again(lost: str) -> str:
    return f"{lost}; opening it again"


def _size(size: tuple[int, int] | None) -> str:
    return "any size" if size is None else f"{size[0]} × {size[1]}"
