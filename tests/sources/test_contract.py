"""What every source promises, asked of each of them with the real thing behind it."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pytest

from inspector.config import (
    CameraSource,
    FolderSource,
    GenicamSource,
    GigeSource,
    PylonSource,
    RecordingSource,
    RtspSource,
    VideoSource,
)
from inspector.messages import Frame, Missed, Seen
from inspector.sources import Source, open_source
from inspector.sources.camera import open_camera
from inspector.sources.recording import RecordingWriter
from tests.sources.cameras import gige_camera, needs_pylon, producer, rtsp_camera
from tests.sources.footage import picture, write_picture, write_video
from tests.sources.test_camera import FakeCapture

Opened: TypeAlias = Callable[[Path], Iterator[Source]]

ENOUGH = 12


def folder(path: Path) -> Iterator[Source]:
    for number in range(3):
        write_picture(path / f"{number}.png", picture(number))
    yield open_source(FolderSource(path=str(path), fps=100, loop=True))


def video(path: Path) -> Iterator[Source]:
    yield open_source(VideoSource(path=str(write_video(path / "a.avi", "MJPG", 5, fps=50)), loop=True))


def recording(path: Path) -> Iterator[Source]:
    with RecordingWriter(path / "recording") as writer:
        for number in (1, 2, 4):
            writer.write(picture(number), number * 20_000_000, number)
    yield open_source(RecordingSource(path=str(path / "recording"), loop=True))


def camera(path: Path) -> Iterator[Source]:
    yield open_camera(CameraSource(), opened=lambda _: FakeCapture([picture(number) for number in range(20)]))


def camera_for_real(path: Path) -> Iterator[Source]:
    if not (devices := sorted(Path("/dev").glob("video*"))):
        pytest.skip("this machine has no camera (no /dev/video*)")
    yield open_source(CameraSource(device=str(devices[0])))


def rtsp(path: Path) -> Iterator[Source]:
    with rtsp_camera() as served:
        yield open_source(RtspSource(url=served.url))


def genicam(path: Path) -> Iterator[Source]:
    yield open_source(GenicamSource(producer=producer(), device="0"))


def pylon(path: Path) -> Iterator[Source]:
    needs_pylon()
    yield open_source(PylonSource(interface="emulation", width=320, height=240, fps=100, pixel_format="BayerRG8"))


def gige(path: Path) -> Iterator[Source]:
    with gige_camera():
        yield open_source(GigeSource(address="127.0.0.1", width=256, height=128, packet_size=1400))


@pytest.mark.parametrize("opened", [folder, video, recording, camera, camera_for_real, rtsp, genicam, pylon, gige])
def test_every_source_keeps_the_contract(opened: Opened, tmp_path: Path) -> None:
    with contextmanager(opened)(tmp_path) as source:
        stop, seen, begun_ns = threading.Event(), [], time.monotonic_ns()
        with at_the_end_closed_twice(source):
            for each in source.frames(stop):
                seen.append(each)
                if sum(isinstance(one, Frame) for one in seen) == ENOUGH:
                    stop.set()
                    told_ns = time.monotonic_ns()
            assert time.monotonic_ns() - told_ns < 1e9, "a stop is not heard at once"
    check(source, seen, begun_ns)


@contextmanager
def at_the_end_closed_twice(source: Source) -> Iterator[None]:
    try:
        yield
    finally:
        source.close()
        source.close()


def check(source: Source, seen: list[Seen], begun_ns: int) -> None:
    frames = [each for each in seen if isinstance(each, Frame)]
    assert len(frames) == ENOUGH, "more came after the stop"
    for frame in frames:
        assert (frame.image.dtype, frame.image.shape[2]) == (np.uint8, 3)
        assert frame.image.flags.c_contiguous
        assert not frame.image.flags.writeable
        assert source.frame_size in (None, frame.image.shape[1::-1])
        # two clocks: what arrived now was exposed a moment ago, and never after it arrived
        age_ns = (time.time_ns() - frame.exposed_ns) - (time.monotonic_ns() - frame.arrived_ns)
        assert -2e6 <= age_ns < 1e9
    assert all(begun_ns <= one.arrived_ns <= other.arrived_ns for one, other in pairwise(frames))
    assert all(one.exposed_ns < other.exposed_ns for one, other in pairwise(frames))
    if source.live:
        assert not any(np.array_equal(one.image, other.image) for one, other in pairwise(frames))
    # the gaps in the counter are what is said to be missed, between those two frames
    for one, other in pairwise(frames):
        between = seen[seen.index(one) + 1 : seen.index(other)]
        assert other.counter - one.counter - 1 == sum(each.count for each in between if isinstance(each, Missed))
