"""Network cameras: PyAV against a real RTSP server on loopback that stalls, dies and comes back."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from inspector.config import RtspSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed, Seen, Silence
from inspector.sources import open_source
from tests.sources.cameras import RtspCamera, needs_rtsp, rtsp_camera
from tests.sources.footage import take

TIMEOUT_S = 0.5


@pytest.fixture(autouse=True)
def _rtsp() -> None:
    needs_rtsp()


def watch(camera: RtspCamera, stop: threading.Event) -> Iterator[Seen]:
    source = open_source(RtspSource(url=camera.url, timeout_s=TIMEOUT_S))
    try:
        yield from source.frames(stop)
    finally:
        source.close()


@pytest.mark.parametrize("codec", ["h264", "jpeg"])
def test_exposures_have_the_streams_own_distances(codec: str) -> None:
    with rtsp_camera(codec) as camera:
        source = open_source(RtspSource(url=camera.url))
        assert source.frame_size == (160, 120)
        frames = [each for each in take(source, 20) if isinstance(each, Frame)]
    steps_ms = [(later.exposed_ns - frame.exposed_ns) / 1e6 for frame, later in pairwise(frames[8:])]
    assert steps_ms == pytest.approx([1000 / 30] * len(steps_ms), abs=3)  # whatever the arrivals' jitter
    assert len(frames) == 20


def test_frames_that_the_camera_left_out_are_missed() -> None:
    with rtsp_camera(drop=20) as camera:
        seen = take(open_source(RtspSource(url=camera.url)), 62)
    lost = [(index, each.count, each.reason) for index, each in enumerate(seen) if isinstance(each, Missed)]
    assert {(count, reason) for _, count, reason in lost} == {(1, "missed")}
    assert 2 <= len(lost) <= 3
    assert all(later[0] - one[0] == 20 for one, later in pairwise(lost))


def test_a_camera_that_stalls_dies_and_comes_back_is_lost_meanwhile_and_says_why() -> None:
    stop, lost, begun = threading.Event(), [], time.monotonic()
    with rtsp_camera() as camera:
        for seen in watch(camera, stop):
            assert time.monotonic() - begun < 30
            if isinstance(seen, Silence) and seen.lost not in lost:
                lost.append(seen.lost)
            if isinstance(seen, Frame):
                if lost:
                    stop.set()
                elif camera.process.poll() is None:
                    os.kill(camera.process.pid, signal.SIGSTOP)  # as a camera behind a switch that hangs
            elif lost and camera.process.poll() is None and len(lost) == 1:
                camera.off()
            elif len(lost) == 2 and camera.process.poll() is not None:
                camera.on()
    name = f"rtsp camera {camera.url}"
    assert lost[0] == f"{name} is silent; opening it again"
    assert lost[1].startswith(f"{name} cannot be opened: ")


def test_a_stop_is_heard_while_a_dead_camera_is_opened() -> None:
    stop, heard = threading.Event(), []
    with rtsp_camera() as camera:
        for seen in watch(camera, stop):
            if isinstance(seen, Frame) and not heard:
                heard.append(0.0)
                os.kill(camera.process.pid, signal.SIGSTOP)
            if isinstance(seen, Silence) and "silent" in seen.lost and not stop.is_set():
                heard.append(time.monotonic())
                threading.Timer(0.5, stop.set).start()  # by then it is being opened, which takes seconds to fail
    assert time.monotonic() - heard[1] < 1.5


@pytest.mark.parametrize(
    ("path", "fault"),
    [("/other", "cannot be opened: Server returned 404 Not Found"), ("", "cannot be opened: Connection refused")],
)
def test_what_cannot_be_opened_says_why_and_keeps_the_password_to_itself(path: str, fault: str) -> None:
    with rtsp_camera() as camera:
        address = camera.url.removeprefix("rtsp://").removesuffix("/camera")
        if not path:
            camera.off()
        with pytest.raises(SourceError) as told:
            open_source(RtspSource(url=f"rtsp://user:secret@{address}{path}"))
        if not path:
            camera.on()
    assert str(told.value) == f"rtsp camera rtsp://user:***@{address}{path} {fault}"
