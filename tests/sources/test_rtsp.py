"""Network cameras: PyAV against a real RTSP server on loopback that stalls, dies and comes back."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import numpy as np
import pytest

from inspector.config import RtspSource
from inspector.errors import SourceError
from inspector.messages import Frame, Image, Missed, Seen, Silence
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


@pytest.mark.parametrize(("codec", "transport"), [("h264", "tcp"), ("jpeg", "udp")])
def test_exposures_have_the_streams_own_distances(codec: str, transport: Literal["tcp", "udp"]) -> None:
    with rtsp_camera(codec) as camera:
        source = open_source(RtspSource(url=camera.url, transport=transport))
        assert source.frame_size == (160, 120)
        frames = [each for each in take(source, 20) if isinstance(each, Frame)]
    steps_ms = [(later.exposed_ns - frame.exposed_ns) / 1e6 for frame, later in pairwise(frames[8:])]
    assert steps_ms == pytest.approx([1000 / 30] * len(steps_ms), abs=3)  # whatever the arrivals' jitter
    assert len(frames) == 20


def test_where_each_picture_stands_for_itself_only_those_left_out_are_missed() -> None:
    with rtsp_camera("jpeg", drop=20) as camera:
        seen = take(open_source(RtspSource(url=camera.url)), 62)
    lost = [(index, each.count, each.reason) for index, each in enumerate(seen) if isinstance(each, Missed)]
    assert {(count, reason) for _, count, reason in lost} == {(1, "missed")}
    assert 2 <= len(lost) <= 3
    assert all(later[0] - one[0] == 20 for one, later in pairwise(lost))


def test_what_is_made_from_a_lost_picture_is_missed_up_to_the_next_key_frame() -> None:
    with rtsp_camera("h264", drop=23) as camera:
        seen = take(open_source(RtspSource(url=camera.url)), 75)
    frames = [each for each in seen if isinstance(each, Frame)]
    details = {each.detail for each in seen if isinstance(each, Missed)}
    assert details == {f"rtsp camera {camera.url} lost a picture and those made from it",
                       f"frame numbers of rtsp camera {camera.url} were left out"}  # fmt: skip
    assert len(frames) > 30  # a key frame comes each half second
    # a decoder that lacks a picture shows all after it where they would be without it
    first, *later = frames[10:]  # by then it is known which of the stream's times is which of ours
    ages = [round((frame.exposed_ns - first.exposed_ns) * 30 / 1e9) for frame in later]
    off = [(moved(frame.image, first.image) - 4 * age) % 160 for frame, age in zip(later, ages, strict=True)]
    assert set(off) <= {0, 1, 159}


def test_a_scene_that_stands_still_is_judged_as_its_times_go_on() -> None:
    with rtsp_camera("still") as camera:
        frames = [each for each in take(open_source(RtspSource(url=camera.url)), 30) if isinstance(each, Frame)]
    assert any(np.array_equal(one.image, later.image) for one, later in pairwise(frames))
    assert len(frames) == 30


def moved(image: Image, before: Image) -> int:
    """By how many pixels the bars moved around to the left."""
    rows = [np.fft.fft(each[:60].mean(axis=0), axis=0) for each in (image, before)]
    return int(np.fft.ifft(rows[1] * rows[0].conj(), axis=0).real.sum(axis=1).argmax())


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


def test_a_camera_that_comes_back_with_another_codec_is_back_and_with_another_size_is_not() -> None:
    stop, told, begun = threading.Event(), [], time.monotonic()
    then = {
        "picture 160 × 120": [("jpeg", "0", "160"), ("h264", "0", "240"), ()],
        "came back with frames of 240 × 120, not 160 × 120; opening it again": [("h264", "0", "160")],
    }
    with rtsp_camera() as camera:
        lost = True
        for seen in watch(camera, stop):
            assert time.monotonic() - begun < 40
            if isinstance(seen, Frame) and lost:
                told.append(f"picture {seen.image.shape[1]} × {seen.image.shape[0]}")
            elif isinstance(seen, Silence) and "came back" in seen.lost and "came back" not in told[-1]:
                told.append(seen.lost.partition(f"{camera.url} ")[2])
            else:
                lost = lost or (isinstance(seen, Silence) and bool(seen.lost))
                continue
            lost = False
            camera.off()
            if settings := then[told[-1]].pop(0):
                camera.on(*settings)
            else:
                stop.set()
    right, wrong = then
    assert told == [right, right, wrong, right]


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


def test_a_camera_that_starts_after_the_line_is_waited_for() -> None:
    stop, lost = threading.Event(), []
    with rtsp_camera() as camera:
        camera.off()
        source = open_source(RtspSource(url=camera.url), waits=True)
        for seen in source.frames(stop):
            if isinstance(seen, Silence) and not lost:
                lost.append(seen.lost)
                camera.on()
            elif isinstance(seen, Frame):
                stop.set()
        source.close()
    assert lost == [f"rtsp camera {camera.url} cannot be opened: Connection refused; opening it again"]
    assert source.frame_size == (160, 120)


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
