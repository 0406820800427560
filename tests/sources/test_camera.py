import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from inspector.config import CameraSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed, Silence
from inspector.sources import camera as camera_module
from inspector.sources.camera import open_camera
from tests.sources.footage import HEIGHT, WIDTH, number_of, picture, take


class FakeCapture:
    """A camera behind cv2.VideoCapture's interface: takes settings as far as its driver knows them, and gives the
    pictures (None: a failed read) of its script, then fails for ever, as an unplugged camera does."""

    def __init__(self, script: list[Any], opens: bool = True, keeps: dict[int, float] | None = None) -> None:
        self.script: Iterator[Any] = iter(script)
        self.opens = opens
        self.settings: dict[int, float] = {}
        self.order: list[int] = []
        self.keeps = keeps or {}
        self.released = 0

    def isOpened(self) -> bool:  # noqa: N802
        return self.opens

    def read(self) -> tuple[bool, Any]:
        image = None if self.released else next(self.script, None)
        return image is not None, image

    def grab(self) -> bool:
        return self.read()[0]

    def get(self, key: int, /) -> float:
        return self.keeps.get(key, self.settings.get(key, 0.0))

    def set(self, key: int, value: float, /) -> bool:
        self.order.append(key)
        self.settings[key] = value
        return True

    def release(self) -> None:
        self.released += 1


class Bench:
    """Opens one FakeCapture after the other, as a camera is plugged in again."""

    def __init__(self, *captures: FakeCapture) -> None:
        self.waiting = list(captures)
        self.opened: list[FakeCapture] = []

    def __call__(self, device: int | str) -> FakeCapture:
        self.opened.append(self.waiting.pop(0) if self.waiting else FakeCapture([], opens=False))
        return self.opened[-1]


class Waits(threading.Event):
    """A stop event that keeps what it was asked to wait, and waits for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.asked.append(timeout)
        return self.is_set()


def test_frames_are_counted_stamped_and_live() -> None:
    source = open_camera(CameraSource(), opened=Bench(FakeCapture([picture(0), picture(1), picture(2)])))
    assert source.live
    assert source.paced
    assert source.frame_size == (WIDTH, HEIGHT)
    seen = take(source, at_most=2)  # the first picture proved that the camera works
    assert [each.counter for each in seen if isinstance(each, Frame)] == [1, 2]
    assert seen[0].arrived_ns <= seen[1].arrived_ns
    assert isinstance(seen[0], Frame)
    assert seen[0].name == ""


def test_grey_frames_become_bgr() -> None:
    grey = picture(1)[..., 0]
    (frame,) = take(open_camera(CameraSource(), opened=Bench(FakeCapture([grey, grey]))), at_most=1)
    assert isinstance(frame, Frame)
    np.testing.assert_array_equal(frame.image, np.dstack([grey] * 3))


def test_a_failed_read_is_missed_and_leaves_a_gap_in_the_counter() -> None:
    capture = FakeCapture([picture(0), picture(1), None, picture(2)])
    first, lost, second = take(open_camera(CameraSource(), opened=Bench(capture)), at_most=3)
    assert isinstance(first, Frame)
    assert isinstance(lost, Missed)
    assert isinstance(second, Frame)
    assert (lost.count, lost.reason) == (1, "camera")
    assert (first.counter, second.counter) == (1, 3)


def test_a_lost_camera_is_opened_anew_with_its_settings_and_the_back_off_doubles() -> None:
    again = FakeCapture([picture(7), picture(8)])
    gone = [FakeCapture([], opens=False) for _ in range(6)]
    bench = Bench(FakeCapture([picture(0)]), *gone, again)
    stop = Waits()
    source = open_camera(CameraSource(gain=3.0), opened=bench)
    seen = []
    for each in source.frames(stop):
        seen.append(each)
        if isinstance(each, Frame):
            stop.set()
    source.close()
    assert sum(stop.asked) == pytest.approx(0.2 + 0.4 + 0.8 + 1.6 + 3.2 + 5 + 5)
    assert max(stop.asked) == 1  # so that its silence is said each second
    assert sum(isinstance(each, Missed) for each in seen) == camera_module.REOPEN_AFTER
    told = [each.lost for each in seen if isinstance(each, Silence)]
    assert told[0] == "camera 0 failed to give a picture 5 times in a row; opening it again"
    assert told[-1] == "source.device 0 cannot be opened; this machine has no camera (no /dev/video*); opening it again"
    assert again.settings == {cv2.CAP_PROP_GAIN: 3.0}
    assert all(capture.released for capture in bench.opened)


def test_a_camera_back_without_its_settings_is_not_back() -> None:
    other = FakeCapture([picture(1)], keeps={cv2.CAP_PROP_GAIN: 0.0})
    right = FakeCapture([picture(2), picture(3)])
    bench = Bench(FakeCapture([picture(0)]), other, right)
    stop = Waits()
    source = open_camera(CameraSource(gain=3.0), opened=bench)
    for each in source.frames(stop):
        if isinstance(each, Frame):
            np.testing.assert_array_equal(each.image, picture(3))
            stop.set()
    source.close()
    assert other.released


def test_what_the_driver_kept_while_nobody_read_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera_module, "IDLE_S", 0.0)
    (frame,) = take(open_camera(CameraSource(), opened=Bench(FakeCapture([picture(number) for number in range(9)]))), 1)
    assert isinstance(frame, Frame)
    assert number_of(frame.image) == 1 + camera_module.BUFFERS


def test_the_drivers_time_of_a_frame_is_its_exposure() -> None:
    class Stamping(FakeCapture):
        """Stamps as the exposure begins; the third picture is 40 ms on its way, the others are here at once."""

        def read(self) -> tuple[bool, Any]:
            self.settings[cv2.CAP_PROP_POS_MSEC] = time.monotonic() * 1000
            done, image = super().read()
            if image is not None and number_of(image) == 2:
                time.sleep(0.04)
            return done, image

    one, late = take(open_camera(CameraSource(), opened=Bench(Stamping([picture(number) for number in range(3)]))), 2)
    for frame, age_ms in ((one, 0), (late, 40)):
        told = (time.time_ns() - frame.exposed_ns - (time.monotonic_ns() - frame.arrived_ns)) / 1e6
        assert told == pytest.approx(age_ms, abs=5)


def test_stop_ends_the_wait_for_a_lost_camera_at_once() -> None:
    source = open_camera(CameraSource(), opened=Bench(FakeCapture([picture(0)])))
    stop = threading.Event()
    missed = []
    for each in source.frames(stop):
        missed.append(each)
        if len(missed) == camera_module.REOPEN_AFTER:
            stop.set()  # the next step would be the wait
    source.close()
    assert len(missed) == camera_module.REOPEN_AFTER


def test_settings_are_applied_the_format_before_the_size_before_the_rate() -> None:
    capture = FakeCapture([picture(0)])
    wanted = CameraSource(pixel_format="MJPG", width=640, height=480, fps=30, exposure=120, gain=2)
    open_camera(wanted, opened=Bench(capture)).close()
    assert capture.order == [
        cv2.CAP_PROP_AUTO_EXPOSURE,
        cv2.CAP_PROP_FOURCC,
        cv2.CAP_PROP_FRAME_WIDTH,
        cv2.CAP_PROP_FRAME_HEIGHT,
        cv2.CAP_PROP_FPS,
        cv2.CAP_PROP_EXPOSURE,
        cv2.CAP_PROP_GAIN,
    ]
    assert capture.settings[cv2.CAP_PROP_FOURCC] == cv2.VideoWriter.fourcc(*"MJPG")


def test_what_is_null_is_left_as_the_camera_has_it() -> None:
    capture = FakeCapture([picture(0)])
    open_camera(CameraSource(), opened=Bench(capture)).close()
    assert capture.order == []


@pytest.mark.parametrize(
    ("wanted", "keeps", "fault"),
    [
        (CameraSource(width=1280), {cv2.CAP_PROP_FRAME_WIDTH: 640}, "source.width is 1280, but camera 0 stays at 640"),
        (CameraSource(fps=60), {cv2.CAP_PROP_FPS: 30}, "source.fps is 60, but camera 0 stays at 30"),
        (CameraSource(exposure=100), {cv2.CAP_PROP_EXPOSURE: 157}, "source.exposure is 100, but .* stays at 157"),
        (CameraSource(pixel_format="MJPG"), {cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*"YUYV")}, "stays at YUYV"),
        (CameraSource(pixel_format="MJPG"), {cv2.CAP_PROP_FOURCC: -1}, "stays at none"),
    ],
)
def test_a_refused_setting_is_named_with_what_the_camera_has(
    wanted: CameraSource, keeps: dict[int, float], fault: str
) -> None:
    capture = FakeCapture([picture(0)], keeps=keeps)
    with pytest.raises(SourceError, match=fault):
        open_camera(wanted, opened=Bench(capture))
    assert capture.released


def test_a_rate_rounded_by_the_driver_is_taken() -> None:
    open_camera(CameraSource(fps=30), opened=Bench(FakeCapture([picture(0)], keeps={cv2.CAP_PROP_FPS: 29.97}))).close()


def test_a_camera_that_gives_no_picture_is_named_and_released() -> None:
    capture = FakeCapture([])
    with pytest.raises(SourceError, match=r"source\.device 2 opens but gives no picture"):
        open_camera(CameraSource(device=2), opened=Bench(capture))
    assert capture.released


def test_no_camera_says_which_there_are(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"source\.device 97 cannot be opened; this machine has"):
        open_camera(CameraSource(device=97))  # for real

    monkeypatch.setattr(camera_module, "Path", lambda _: tmp_path)
    with pytest.raises(SourceError, match=r"this machine has no camera \(no /dev/video\*\)"):
        open_camera(CameraSource(device=0), opened=Bench())
    (tmp_path / "video4").touch()
    with pytest.raises(SourceError, match=f"this machine has {tmp_path}/video4"):
        open_camera(CameraSource(device=0), opened=Bench())
    with pytest.raises(SourceError, match="is another program using it"):
        open_camera(CameraSource(device=f"{tmp_path}/video4"), opened=Bench())


def test_a_camera_that_is_plugged_in_after_the_line_started_is_waited_for_and_named() -> None:
    dumb = FakeCapture([])  # opens before it can give a picture
    bench, stop, seen = Bench(FakeCapture([], opens=False), dumb, FakeCapture([picture(1), picture(2)])), Waits(), []
    source = open_camera(CameraSource(device=97), waits=True, opened=bench)
    assert source.frame_size is None
    for each in source.frames(stop):
        seen.append(each)
        if isinstance(each, Frame):
            stop.set()
    source.close()
    lost = list(dict.fromkeys(each.lost for each in seen if isinstance(each, Silence)))
    assert [line.split(";")[0] for line in lost] == [
        "source.device 97 cannot be opened",
        "source.device 97 opens but gives no picture",
    ]
    assert source.frame_size == (WIDTH, HEIGHT)
    assert all(capture.released for capture in bench.opened)
