import threading
import time
from pathlib import Path

import pytest

from inspector.config import FolderSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed
from inspector.sources.folder import Folder
from tests.sources.footage import number_of, picture, take, write_picture


def folder(path: Path, fps: float = 0.0, loop: bool = False) -> Folder:
    return Folder(FolderSource(path=str(path), fps=fps, loop=loop))


def test_pictures_come_in_natural_order_named_by_their_relative_path(tmp_path: Path) -> None:
    names = ["2.png", "10.png", "b/1.bmp", "b/9/x.png", "b/10/x.png"]
    for number, name in enumerate(names):
        write_picture(tmp_path / name, picture(number))
    seen = take(folder(tmp_path))
    assert [each.name for each in seen] == names
    assert [number_of(each.image) for each in seen if isinstance(each, Frame)] == [0, 1, 2, 3, 4]
    assert [each.counter for each in seen if isinstance(each, Frame)] == [1, 2, 3, 4, 5]


def test_what_is_hidden_or_no_picture_is_not_looked_at(tmp_path: Path) -> None:
    write_picture(tmp_path / "a.PNG", picture(0))
    write_picture(tmp_path / ".hidden.png", picture(1))
    write_picture(tmp_path / ".cache" / "b.png", picture(1))
    (tmp_path / "notes.txt").touch()
    (tmp_path / "folder.png").mkdir()
    assert [each.name for each in take(folder(tmp_path))] == ["a.PNG"]


def test_an_unreadable_picture_is_missed_and_the_run_goes_on(tmp_path: Path) -> None:
    write_picture(tmp_path / "1.png", picture(1))
    (tmp_path / "2.png").touch()
    write_picture(tmp_path / "3.jpg", picture(3))
    whole = (tmp_path / "3.jpg").read_bytes()
    (tmp_path / "3.jpg").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "4.png").write_bytes(bytes(500))
    write_picture(tmp_path / "5.png", picture(5))
    seen = take(folder(tmp_path))
    assert [each.counter for each in seen if isinstance(each, Frame)] == [1, 5]
    lost = [(each.count, each.reason, each.name) for each in seen if isinstance(each, Missed)]
    assert lost == [(1, "camera", name) for name in ("2.png", "3.jpg", "4.png")]


def test_a_disk_that_is_taken_away_costs_its_pictures_and_no_more(tmp_path: Path) -> None:
    for number in range(4):
        write_picture(tmp_path / "disk" / f"{number}.png", picture(number))
    frames = folder(tmp_path / "disk").frames(threading.Event())
    assert isinstance(next(frames), Frame)
    (tmp_path / "disk").rename(tmp_path / "away")
    assert [(each.reason, each.name) for each in frames if isinstance(each, Missed)] == [
        ("camera", "1.png"), ("camera", "2.png"), ("camera", "3.png"),
    ]  # fmt: skip


def test_a_loop_restarts_the_names_and_goes_on_counting(tmp_path: Path) -> None:
    for number in range(3):
        write_picture(tmp_path / f"{number}.png", picture(number))
    seen = take(folder(tmp_path, loop=True), at_most=7)
    assert [each.name[0] for each in seen] == list("0120120")
    assert [each.counter for each in seen if isinstance(each, Frame)] == [1, 2, 3, 4, 5, 6, 7]


def test_a_folder_without_pictures_is_named_with_what_was_looked_for(tmp_path: Path) -> None:
    (tmp_path / "a.txt").touch()
    with pytest.raises(SourceError, match=rf"{tmp_path} holds no picture; looked for \.png, \.jpg") as caught:
        folder(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="nowhere does not exist"):
        folder(tmp_path / "nowhere")
    with pytest.raises(SourceError, match=r"a\.png is not a folder"):
        folder(write_picture(tmp_path / "a.png", picture(0)))


def test_a_folder_is_in_real_time_only_at_a_rate_and_never_live(tmp_path: Path) -> None:
    write_picture(tmp_path / "1.png", picture(1))
    assert not folder(tmp_path).paced
    assert folder(tmp_path, fps=2).paced
    assert not folder(tmp_path).live
    assert folder(tmp_path).frame_size is None


def test_frames_are_stamped_when_released_not_when_decoded(tmp_path: Path) -> None:
    for number in range(4):
        write_picture(tmp_path / f"{number}.png", picture(number))
    before = time.monotonic_ns(), time.time_ns()
    seen = take(folder(tmp_path, fps=50))
    after = time.monotonic_ns(), time.time_ns()
    arrived = [each.arrived_ns for each in seen]
    assert before[0] <= arrived[0] <= arrived[-1] <= after[0]
    assert before[1] <= seen[0].exposed_ns <= seen[-1].exposed_ns <= after[1]
    assert arrived[3] - arrived[0] >= 59e6  # three periods of 20 ms, not counted from the decoder's time


def test_stop_ends_a_waiting_source_at_once(tmp_path: Path) -> None:
    for number in range(2):
        write_picture(tmp_path / f"{number}.png", picture(number))
    stop, first = threading.Event(), threading.Event()
    source = folder(tmp_path, fps=0.001)
    seen = []

    def run() -> None:
        for each in source.frames(stop):
            seen.append(each)
            first.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert first.wait(10)
    stop.set()
    thread.join(5)
    assert not thread.is_alive()
    assert len(seen) == 1
