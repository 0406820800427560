"""Recording beside the line: all that the source gave and all that came of it, and the line does not notice."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from inspector.config import RecordingSource
from inspector.line import record
from inspector.line.record import Recorder
from inspector.messages import Frame, Missed, Silence
from inspector.sources.recording import Recording, read_index
from inspector.sources.rolling import Limits
from inspector.wire.subscribe import Subscriber, VerdictReceived
from tests.fakes import ScriptedScorer, ScriptedSource, frame, missed
from tests.line.lines import Line
from tests.programs import listen, running, write_config
from tests.washers import fit_small, washers, write_pictures

ALL = Limits(free_bytes=0)


@pytest.fixture
def no_station(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody is there to be heard, so that to wait for it would only take time."""
    monkeypatch.setattr(record, "HEARD_S", 0.0)
    monkeypatch.setattr(record, "LAST_S", 0.0)


def segments(out: Path) -> list[Path]:
    return sorted(out.iterdir())


@pytest.fixture
def line(tmp_path: Path) -> Line:
    (tmp_path / "wire").mkdir()
    return Line(tmp_path / "wire")


def test_what_the_source_gave_and_what_came_of_it_is_recorded(line: Line, tmp_path: Path) -> None:
    given: list[Frame | Missed] = [frame(97), frame(98), missed(2), frame(101), frame(102)]
    out = tmp_path / "rec"
    with closing(Recorder(out, ALL, line.wire, "line1")) as recorder:
        source = ScriptedSource(given)
        station = line.station(recorder.tap(source), ScriptedScorer())  # type: ignore[arg-type]
        run_heard(line, station)
    (segment,) = segments(out)
    assert (recorder.recorded, recorder.dropped) == (4, 0)
    entries = read_index(segment)
    frames = [each for each in given if isinstance(each, Frame)]
    assert [(e.counter, e.exposed_ns, e.arrived_ns) for e in entries] == [
        (each.counter, each.exposed_ns, each.arrived_ns) for each in frames
    ]
    replayed = list(Recording(RecordingSource(path=str(segment), speed=0)).frames(threading.Event()))
    told = [each.reason if isinstance(each, Missed) else each.counter for each in replayed]
    assert told == [1, 2, "camera", 5, 6]
    for before, after in zip(frames, (each for each in replayed if isinstance(each, Frame)), strict=True):
        np.testing.assert_array_equal(before.image, after.image)
    verdicts = [json.loads(text) for text in (segment / "verdicts.jsonl").read_text().splitlines()]
    assert [each["seq"] for each in verdicts] == [1, 2, 3, 4, 5, 6]
    assert [each["outcome"] for each in verdicts] == [verdict.outcome for verdict in line.heard.verdicts]
    assert verdicts[0]["exposed_ns"] == frames[0].exposed_ns


def run_heard(line: Line, station: object) -> None:
    over = threading.Event()
    listener = threading.Thread(target=line.listen, args=(over,))
    listener.start()
    try:
        station.run(line.stop, time.monotonic(), line.healths.append)  # type: ignore[attr-defined]
    finally:
        over.set()
        listener.join()


@pytest.mark.usefixtures("no_station")
def test_frames_without_room_are_dropped_and_counted_in_the_index(line: Line, tmp_path: Path) -> None:
    out = tmp_path / "rec"
    with closing(Recorder(out, ALL, line.wire, "line1", room=frame(1).image.nbytes)) as recorder:
        first = frame(1)
        recorder.take(first)
        for counter in range(2, 50):
            recorder.take(frame(counter))
    (segment,) = segments(out)
    lines = [json.loads(text) for text in (segment / "index.jsonl").read_text().splitlines()]
    dropped = sum(each.get("dropped", 0) for each in lines)
    assert recorder.dropped == dropped > 0
    assert recorder.recorded + dropped == 49


@pytest.mark.usefixtures("no_station")
def test_the_line_goes_first_and_silence_is_no_picture(line: Line, tmp_path: Path) -> None:
    taken: list[object] = []

    class Watching(Recorder):
        def take(self, seen: Frame | Missed) -> None:
            taken.append(seen)

    with closing(Watching(tmp_path / "rec", ALL, line.wire, "line1")) as recorder:
        given = [frame(1), Silence(arrived_ns=0), frame(2)]
        frames = recorder.tap(ScriptedSource(given)).frames(threading.Event())  # type: ignore[arg-type]
        assert next(frames) is given[0]
        assert taken == []  # not before the line asks for the next one
        assert [*frames] == given[1:]
    assert taken == [given[0], given[2]]


def test_a_disk_that_takes_nothing_costs_the_recording_not_the_run(line: Line, tmp_path: Path) -> None:
    (tmp_path / "rec").touch()
    with closing(Recorder(tmp_path / "rec", ALL, line.wire, "line1")) as recorder:
        station = line.station(recorder.tap(ScriptedSource([frame(n) for n in range(1, 11)])), ScriptedScorer())  # type: ignore[arg-type]
        run_heard(line, station)
    assert (recorder.recorded, recorder.dropped) == (0, 10)
    assert "rec" in recorder.trouble
    assert len(line.heard.verdicts) == 10


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_small(tmp_path_factory.mktemp("recipes") / "washer").recipe.folder


@pytest.fixture
def ear(recipe: Path, tmp_path: Path) -> Iterator[Subscriber]:
    write_pictures(tmp_path / "parts", washers(20))
    source = {"type": "folder", "path": "parts", "fps": 20, "loop": True}
    config = write_config(tmp_path, recipe, source=source, wire={"wait_for": ["bridge"]}, viewer={"start": False})
    with closing(Subscriber(config.wire, "washers", "bridge")) as ear:
        yield ear


def test_killed_it_leaves_a_recording_that_can_be_read_up_to_the_last_second(ear: Subscriber, tmp_path: Path) -> None:
    with running("record", "--alone", folder=tmp_path) as program:
        heard = listen(ear, lambda item: isinstance(item, VerdictReceived) and item.verdict.seq == 40)
        program.send(signal.SIGKILL)
        program.finish()
    newest = max(item.verdict.seq for item in heard if isinstance(item, VerdictReceived))
    (segment,) = segments(tmp_path / "rec")
    source = Recording(RecordingSource(path=str(segment), speed=0))
    frames = list(source.frames(threading.Event()))
    assert all(isinstance(each, Frame) for each in frames)
    assert newest - 20 <= len(frames) <= newest + 20  # 20 a second
    lines = (segment / "verdicts.jsonl").read_text().splitlines()
    assert len(lines) >= newest - 20


def test_recorded_beside_the_whole_table_and_replayed(ear: Subscriber, tmp_path: Path) -> None:
    ear.close()
    (tmp_path / "config.yaml").write_text(
        (tmp_path / "config.yaml").read_text().replace('"loop": true', '"loop": false')
    )
    with running("record", "--out", "mine", "--summary", "summary.json", folder=tmp_path) as program:
        assert program.finish() == 0
    assert "recorded 20 frames; 0 dropped" in program.output
    (segment,) = segments(tmp_path / "mine")
    again = tmp_path / "again.json"
    with running("replay", str(segment), "--speed", "0", "--summary", str(again), folder=tmp_path) as program:
        assert program.finish() == 0
    before, after = (json.loads(path.read_text()) for path in (tmp_path / "summary.json", again))
    assert [before[key] for key in ("parts", "pass", "fail")] == [after[key] for key in ("parts", "pass", "fail")]
