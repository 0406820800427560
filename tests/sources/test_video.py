import threading
from pathlib import Path

import numpy as np
import pytest

from inspector.config import VideoSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed
from inspector.sources.video import Video
from tests.sources.footage import HEIGHT, WIDTH, account, number_of, take, write_video

FOOTAGE = Path(__file__).parents[3] / "shared" / "data" / "video"
CONTAINERS = [("a.avi", "MJPG"), ("a.avi", "FFV1"), ("a.mp4", "mp4v"), ("a.mkv", "FFV1")]


def video(path: Path, speed: float = 0.0, loop: bool = False) -> Video:
    return Video(VideoSource(path=str(path), speed=speed, loop=loop))


def damaged(path: Path) -> Path:
    """The same file, a tenth of it zeroed a little before its middle."""
    data = bytearray(path.read_bytes())
    length = len(data) // 10
    data[4 * length : 5 * length] = bytes(length)
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(("name", "fourcc"), CONTAINERS)
def test_every_frame_comes_once_in_order(tmp_path: Path, name: str, fourcc: str) -> None:
    source = video(write_video(tmp_path / name, fourcc, 25))
    assert source.frame_size == (WIDTH, HEIGHT)
    seen = take(source)
    assert [number_of(each.image) for each in seen if isinstance(each, Frame)] == list(range(25))
    assert [each.counter for each in seen if isinstance(each, Frame)] == list(range(1, 26))
    assert [each.name for each in seen][::24] == ["000001", "000025"]
    assert not any(isinstance(each, Missed) for each in seen)


def test_images_are_contiguous_bgr(tmp_path: Path) -> None:
    frame = take(video(write_video(tmp_path / "a.avi", "MJPG", 2)))[0]
    assert isinstance(frame, Frame)
    assert frame.image.shape == (HEIGHT, WIDTH, 3)
    assert frame.image.dtype == np.uint8
    assert frame.image.flags.c_contiguous


@pytest.mark.parametrize(("name", "fourcc"), [each for each in CONTAINERS if each[0] != "a.mp4"])
@pytest.mark.parametrize("share", [0.6, 0.8])
def test_what_a_truncated_video_lacks_is_missed_at_the_end(
    tmp_path: Path, name: str, fourcc: str, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_video(tmp_path / name, fourcc, 25)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    *frames, lost = take(video(path))
    assert frames
    assert all(isinstance(each, Frame) for each in frames)
    assert isinstance(lost, Missed)
    assert lost.reason == "camera"
    assert lost.name == f"{len(frames) + 1:06d}"
    assert len(frames) + lost.count == 25
    assert capfd.readouterr().err == ""  # FFmpeg says nothing of its own


@pytest.mark.parametrize(("name", "fourcc"), CONTAINERS)
def test_frames_damaged_in_the_middle_are_accounted_for(tmp_path: Path, name: str, fourcc: str) -> None:
    path = write_video(tmp_path / name, fourcc, 25)
    seen = take(video(damaged(path)))
    assert account(seen) == 25
    assert any(isinstance(each, Missed) and each.reason == "camera" for each in seen)


def test_frames_after_a_damaged_place_follow_the_loss(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", "mp4v", 25)
    seen = take(video(damaged(path)))
    place = next(index for index, each in enumerate(seen) if isinstance(each, Missed))
    assert 0 < place < len(seen) - 1
    assert isinstance(seen[-1], Frame)
    assert seen[-1].counter == 25


@pytest.mark.parametrize(
    ("content", "fault"),
    [(b"", r"a\.mp4 is empty"), (b"hello " * 99, "cannot be opened as a video"), (b"cut", "cannot be opened")],
)
def test_what_is_no_video_is_named(
    tmp_path: Path, content: bytes, fault: str, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(SourceError, match=fault) as caught:
        video(tmp_path / "a.mp4")
    assert "\n" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_an_mp4_cut_short_while_it_was_written_cannot_be_opened(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", "mp4v", 25)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(SourceError, match="cut short, damaged, or not a video"):
        video(path)


def test_a_video_without_a_decodable_frame_cannot_be_opened(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mp4", "mp4v", 3)
    data = path.read_bytes()
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    path.write_bytes(data[:begin] + bytes(end - begin) + data[end:])
    with pytest.raises(SourceError, match=r"no frame of .* can be decoded"):
        video(path)


def test_a_missing_video_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.mp4 does not exist"):
        video(tmp_path / "nowhere.mp4")


def test_a_loop_restarts_the_names_and_goes_on_counting(tmp_path: Path) -> None:
    seen = take(video(write_video(tmp_path / "a.avi", "MJPG", 3), loop=True), at_most=8)
    assert [each.name for each in seen] == [f"{1 + index % 3:06d}" for index in range(8)]
    assert [each.counter for each in seen if isinstance(each, Frame)] == list(range(1, 9))


def test_a_loop_keeps_the_rate_over_its_seam(tmp_path: Path) -> None:
    seen = take(video(write_video(tmp_path / "a.avi", "MJPG", 2, fps=50), speed=1, loop=True), at_most=5)
    assert seen[4].arrived_ns - seen[0].arrived_ns >= 79e6  # four periods of 20 ms


def test_stop_ends_a_waiting_video_at_once(tmp_path: Path) -> None:
    source = video(write_video(tmp_path / "a.avi", "MJPG", 2, fps=25), speed=0.0001)
    assert source.paced
    stop = threading.Event()
    frames = source.frames(stop)
    next(frames)
    timer = threading.Timer(0.02, stop.set)
    timer.start()
    assert list(frames) == []
    timer.join()


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="needs ../shared/data/video")
@pytest.mark.parametrize(
    ("name", "size", "frames"),
    [("white_bottles_first.mp4", (832, 464), 660), ("bolt-multi-size-detection.gif", (480, 270), 37)],
)
def test_every_frame_of_real_footage_is_seen(name: str, size: tuple[int, int], frames: int) -> None:
    source = video(FOOTAGE / name)
    assert source.frame_size == size
    seen = 0
    for each in source.frames(threading.Event()):
        assert isinstance(each, Frame)
        seen += 1
        assert each.counter == seen
    assert seen == frames
