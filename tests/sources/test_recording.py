import json
import threading
from pathlib import Path

import numpy as np
import pytest

from inspector.config import RecordingSource
from inspector.errors import SourceError
from inspector.messages import Frame, Missed
from inspector.sources.recording import Entry, Recording, RecordingWriter, read_index
from tests.sources.footage import HEIGHT, WIDTH, picture, take

START_NS = 1_764_547_200_000_000_000


def record(folder: Path, counters: list[int], period_ms: int = 500, **settings: object) -> Path:
    with RecordingWriter(folder, **settings) as writer:  # type: ignore[arg-type]
        for counter in counters:
            writer.write(picture(counter), START_NS + counter * period_ms * 1_000_000, counter)
    return folder


def replay(folder: Path, speed: float = 0.0, loop: bool = False) -> Recording:
    return Recording(RecordingSource(path=str(folder), speed=speed, loop=loop))


def test_what_is_written_is_what_is_replayed(tmp_path: Path) -> None:
    source = replay(record(tmp_path / "r", [1, 2, 3]))
    assert source.frame_size == (WIDTH, HEIGHT)
    seen = take(source)
    assert [each.name for each in seen] == ["000001.webp", "000002.webp", "000003.webp"]
    for each in seen:
        assert isinstance(each, Frame)
        np.testing.assert_array_equal(each.image, picture(each.counter))
        assert each.exposed_ns > START_NS  # counts as exposed when it is played


def test_the_index_is_one_json_line_a_frame(tmp_path: Path) -> None:
    record(tmp_path / "r", [7, 8], extension=".png")
    lines = (tmp_path / "r" / "index.jsonl").read_text().splitlines()
    assert json.loads(lines[1]) == {"file": "000002.png", "counter": 8, "exposed_ns": START_NS + 4_000_000_000}
    assert read_index(tmp_path / "r")[0] == Entry(file="000001.png", counter=7, exposed_ns=START_NS + 3_500_000_000)


def test_a_lower_quality_makes_smaller_files(tmp_path: Path) -> None:
    for extension in (".webp", ".jpg"):
        best, low = (record(tmp_path / f"{extension}{q}", [1], extension=extension, quality=q) for q in (None, 20))
        name = f"frames/000001{extension}"
        assert (low / name).stat().st_size < (best / name).stat().st_size / 2


def test_each_frame_is_readable_as_soon_as_it_is_written(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r") as writer:
        for counter in (1, 2):
            writer.write(picture(counter), START_NS, counter)
            assert len(take(replay(tmp_path / "r"))) == counter  # as if the writer were killed here


def test_a_recording_is_never_overwritten(tmp_path: Path) -> None:
    record(tmp_path / "r", [1])
    with pytest.raises(SourceError, match="holds a recording already"):
        RecordingWriter(tmp_path / "r")


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SourceError, match=r"cannot write to .*file/r"):
        RecordingWriter(tmp_path / "file" / "r")


def test_frames_the_camera_lost_replay_as_lost(tmp_path: Path) -> None:
    seen = take(replay(record(tmp_path / "r", [1, 2, 5])))
    assert [type(each) for each in seen] == [Frame, Frame, Missed, Frame]
    lost, last = seen[2], seen[3]
    assert isinstance(lost, Missed)
    assert isinstance(last, Frame)
    assert (lost.count, lost.reason) == (2, "missed")
    assert last.counter == 5


def test_an_unreadable_frame_is_missed_and_the_run_goes_on(tmp_path: Path) -> None:
    record(tmp_path / "r", [1, 2, 3])
    (tmp_path / "r" / "frames" / "000001.webp").write_bytes(b"")
    (tmp_path / "r" / "frames" / "000002.webp").unlink()
    source = replay(tmp_path / "r")
    assert source.frame_size == (WIDTH, HEIGHT)
    seen = take(source)
    assert [(each.reason, each.name) for each in seen if isinstance(each, Missed)] == [
        ("camera", "000001.webp"),
        ("camera", "000002.webp"),
    ]
    assert [each.counter for each in seen if isinstance(each, Frame)] == [3]


def test_a_recording_without_a_readable_frame_cannot_be_opened(tmp_path: Path) -> None:
    record(tmp_path / "r", [1])
    (tmp_path / "r" / "frames" / "000001.webp").write_bytes(b"no picture")
    with pytest.raises(SourceError, match="none of the 1 frames"):
        replay(tmp_path / "r")


def test_a_loop_goes_on_counting_and_keeps_its_gaps(tmp_path: Path) -> None:
    seen = take(replay(record(tmp_path / "r", [5, 7]), loop=True), at_most=6)
    assert [each.counter if isinstance(each, Frame) else "lost" for each in seen] == [1, "lost", 3, 4, "lost", 6]


def test_the_recorded_distances_are_kept_at_any_speed(tmp_path: Path) -> None:
    record(tmp_path / "r", [1, 2, 3, 4], period_ms=500)
    seen = take(replay(tmp_path / "r", speed=25))
    assert seen[3].arrived_ns - seen[0].arrived_ns >= 59e6  # 1.5 s at 25 times the speed
    assert replay(tmp_path / "r", speed=25).paced
    assert not replay(tmp_path / "r", speed=0).paced


def test_stop_ends_a_waiting_replay_at_once(tmp_path: Path) -> None:
    source = replay(record(tmp_path / "r", [1, 2], period_ms=3_600_000), speed=1)
    stop = threading.Event()
    frames = source.frames(stop)
    next(frames)
    timer = threading.Timer(0.02, stop.set)
    timer.start()
    assert list(frames) == []
    timer.join()


def test_a_line_cut_off_at_the_end_is_not_counted(tmp_path: Path) -> None:
    record(tmp_path / "r", [1, 2])
    with (tmp_path / "r" / "index.jsonl").open("a") as index:
        index.write('{"file": "000003.we')
    assert len(read_index(tmp_path / "r")) == 2


def test_what_the_source_lost_replays_as_that_and_what_was_dropped_as_missed(tmp_path: Path) -> None:
    with RecordingWriter(tmp_path / "r") as writer:
        writer.write(picture(1), START_NS, 1, arrived_ns=77)
        writer.lost(2, "stale", START_NS + 1)  # old pictures again: the counter did not move
        writer.lost(1, "camera", START_NS + 2)
        writer.write(picture(3), START_NS + 3, 3)
        writer.dropped(4, START_NS + 4)
        writer.write(picture(8), START_NS + 5, 8)
    assert read_index(tmp_path / "r")[0].arrived_ns == 77
    assert [entry.counter for entry in read_index(tmp_path / "r")] == [1, 3, 8]
    seen = take(replay(tmp_path / "r"))
    told = [(each.count, each.reason) if isinstance(each, Missed) else "frame" for each in seen]
    assert told == ["frame", (2, "stale"), (1, "camera"), "frame", (4, "missed"), "frame"]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("not json", "index.jsonl:2 is not a frame: 'not json'"),
        ("[1]", "is not a frame"),
        ('{"lost": 1, "reason": "tired", "exposed_ns": 1}', "is not a frame"),
        ('{"file": "a.png", "counter": 1}', "is not a frame"),
        ('{"file": "../a.png", "counter": 1, "exposed_ns": 1}', "plain name"),
        ('{"file": "/etc/a.png", "counter": 1, "exposed_ns": 1}', "plain name"),
        ('{"file": "", "counter": 1, "exposed_ns": 1}', "plain name"),
        ('{"file": "..", "counter": 1, "exposed_ns": 1}', "plain name"),
        ('{"file": 1, "counter": 1, "exposed_ns": 1}', "plain name"),
        ('{"file": "a.png", "counter": "1", "exposed_ns": 1}', "\"counter\" is '1'; it must be a whole number"),
        ('{"file": "a.png", "counter": 1, "exposed_ns": 1.5}', '"exposed_ns" is 1.5'),
    ],
)
def test_a_damaged_line_is_named_by_its_number(tmp_path: Path, line: str, fault: str) -> None:
    (tmp_path / "index.jsonl").write_text(f'{{"file": "a.png", "counter": 1, "exposed_ns": 1}}\n{line}\n')
    with pytest.raises(SourceError) as caught:
        read_index(tmp_path)
    assert fault in str(caught.value)
    assert "\n" not in str(caught.value)


def test_what_is_no_recording_is_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"is not a recording: it has no index\.jsonl"):
        replay(tmp_path)
    (tmp_path / "index.jsonl").touch()
    with pytest.raises(SourceError, match="lists no frame"):
        replay(tmp_path)
