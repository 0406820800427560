"""A recording without end: it rolls by size and age, and its oldest segments go."""

import os
import time
from pathlib import Path

import numpy as np
import pytest

from inspector.errors import SourceError
from inspector.messages import Frame, Missed
from inspector.sources.recording import read_index, read_lines
from inspector.sources.rolling import Limits, RollingRecording
from tests.sources.footage import picture


def frame(counter: int) -> Frame:
    return Frame(exposed_ns=counter * 1000, arrived_ns=counter, counter=counter, image=picture(counter))


def noise(counter: int) -> Frame:
    """A frame that no codec shrinks: 30 kB."""
    image = np.random.default_rng(counter).integers(0, 256, (100, 100, 3), np.uint8)
    return Frame(exposed_ns=counter * 1000, arrived_ns=counter, counter=counter, image=image)


def segments(out: Path) -> list[Path]:
    return sorted(out.iterdir())


def counters(segment: Path) -> list[int]:
    return [entry.counter for entry in read_index(segment)]


def test_a_segment_ends_when_it_is_large(tmp_path: Path) -> None:
    rolling = RollingRecording(tmp_path, Limits(segment_bytes=80_000, free_bytes=0))
    for counter in range(1, 8):
        rolling.write(noise(counter))
    assert [counters(each) for each in segments(tmp_path)] == [[1, 2, 3], [4, 5, 6], [7]]
    rolling.give_up()


def test_a_segment_ends_when_it_is_long(tmp_path: Path) -> None:
    now = [0.0]
    rolling = RollingRecording(tmp_path, Limits(segment_s=10, free_bytes=0), clock=lambda: now[0])
    for counter in range(1, 6):
        rolling.write(frame(counter))
        now[0] += 4
    assert [counters(each) for each in segments(tmp_path)] == [[1, 2, 3], [4, 5]]
    rolling.give_up()


def test_a_verdict_lies_with_its_frame_also_when_it_comes_after_the_next_segment_began(tmp_path: Path) -> None:
    rolling = RollingRecording(tmp_path, Limits(segment_bytes=50_000, free_bytes=0))
    for counter in range(1, 4):
        rolling.write(noise(counter))
    for counter in range(1, 4):
        rolling.verdict(b"%d" % counter, counter * 1000)
    rolling.give_up()
    assert [(each / "verdicts.jsonl").read_text().split() for each in segments(tmp_path)] == [["1", "2"], ["3"]]


def test_losses_are_in_the_index(tmp_path: Path) -> None:
    rolling = RollingRecording(tmp_path, Limits(free_bytes=0))
    rolling.write(frame(1))
    rolling.lost(Missed(exposed_ns=5, arrived_ns=5, count=3, reason="camera"))
    rolling.dropped(2, 6)
    rolling.give_up()
    (segment,) = segments(tmp_path)
    assert len(read_lines(segment)) == 2
    assert '{"dropped": 2, "exposed_ns": 6}' in (segment / "index.jsonl").read_text()


def test_beyond_the_limit_the_oldest_segments_go_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    rolling = RollingRecording(tmp_path, Limits(segment_bytes=50_000, keep_bytes=200_000, free_bytes=0))
    for counter in range(1, 21):
        rolling.write(noise(counter))
        there = [each for each in segments(tmp_path) if each.name != "mine"]
        assert sum(file.stat().st_size for each in there for file in each.rglob("*.png")) < 200_000
    rolling.give_up()
    assert [counters(each) for each in there] == [[15, 16], [17, 18], [19, 20]]
    assert (tmp_path / "mine").is_dir()


def test_segments_that_are_too_old_go(tmp_path: Path) -> None:
    limits = Limits(segment_bytes=1, keep_s=3600, free_bytes=0)
    before = RollingRecording(tmp_path, limits)
    for counter in (1, 2):
        before.write(frame(counter))
    before.give_up()
    old = segments(tmp_path)[0]
    os.utime(old / "index.jsonl", (time.time() - 3601,) * 2)
    after = RollingRecording(tmp_path, limits)
    after.write(frame(3))
    after.give_up()
    assert [counters(each) for each in segments(tmp_path)] == [[2], [3]]


def test_a_disk_that_is_nearly_full_costs_the_oldest(tmp_path: Path) -> None:
    disk = [10]  # room for so many segments
    limits = Limits(segment_bytes=1000, free_bytes=1e6)
    rolling = RollingRecording(tmp_path, limits, free=lambda _: 1_000_000 + 1000 * (disk[0] - len(segments(tmp_path))))
    for counter in (1, 2, 3):
        rolling.write(noise(counter))
    disk[0] = 2
    rolling.write(noise(4))
    assert [counters(each) for each in segments(tmp_path)] == [[3], [4]]
    disk[0] = 0  # somebody else takes it
    with pytest.raises(SourceError, match="1 MB stay free"):
        rolling.write(noise(5))
    rolling.give_up()


def test_a_segment_that_was_killed_before_it_had_an_index_is_no_obstacle(tmp_path: Path) -> None:
    (tmp_path / "20260101T000000-0001").mkdir()
    rolling = RollingRecording(tmp_path, Limits(free_bytes=0))
    rolling.write(frame(1))
    rolling.give_up()
    assert counters(segments(tmp_path)[-1]) == [1]


def test_a_folder_that_cannot_be_written_is_named_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / "out").touch()
    rolling = RollingRecording(tmp_path / "out", Limits(free_bytes=0))
    with pytest.raises(SourceError, match="cannot write"):
        rolling.write(frame(1))
    rolling.give_up()
    (tmp_path / "out").unlink()
    rolling.write(frame(2))
    rolling.give_up()
    assert [counters(each) for each in segments(tmp_path / "out")] == [[2]]
