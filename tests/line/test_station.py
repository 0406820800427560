"""The line as a whole, on real threads and sockets: each part has its one verdict, in order, whatever happens."""

import math
import random
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
from loguru import logger

from inspector.config import Config, FolderSource, PresenceTrigger, ScoringConfig
from inspector.errors import ConfigError, DeviceLost, HangError, InspectorError, SourceError
from inspector.line import pictures, seeing, workers
from inspector.line import station as station_module
from inspector.line.station import run_station
from inspector.messages import Followed, Frame, Missed, Part, Seen
from inspector.wire.subscribe import OverlaySubscriber
from tests.fakes import SIZE, ScriptedScorer, ScriptedSource, frame, missed, silence
from tests.line.lines import PATIENCE_S, Line
from tests.triggers.belts import LINE, PART, Thing, footage, frames, scene

GOOD, BAD = 50, 150
"""Pixel values whose scores lie below and above the fake scorer's threshold."""


@pytest.fixture
def line(tmp_path: Path) -> Line:
    return Line(tmp_path)


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What is logged, with its level."""
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line).strip()), format="{level} {message}")
    yield lines
    logger.remove(sink)


class Gate:
    """A scorer that stands still, at a part of the test's choice, until it is let go."""

    def __init__(self, at: int = 1) -> None:
        self.at = at
        self.entered = threading.Event()
        self.open = threading.Event()

    def __call__(self, part: Part) -> float:
        if part.seq == self.at:
            self.entered.set()
            assert self.open.wait(PATIENCE_S)
        return float(part.image[0, 0, 0])


def test_each_part_of_a_finite_source_is_judged_in_order_and_the_run_ends(line: Line):
    summary = line.run((frame(value) for value in (GOOD, BAD, GOOD, GOOD)), truth={str(GOOD): True, str(BAD): True})
    assert line.heard.outcomes == ["pass", "fail", "pass", "pass"]
    bad = line.heard.verdicts[1]
    assert (bad.station, bad.mode, bad.part, bad.recipe, bad.score) == ("line1", "replay", str(BAD), "fake-recipe", BAD)
    assert [(d.x, d.y, d.width, d.height) for d in bad.defects] == [(16, 8, 8, 8)]
    assert [event.detail for event in line.heard.events] == ["ready", "ended"]
    assert (summary.misses, summary.false_rejects) == (3, 0)
    assert line.healths[-1].counts["pass"] == 3
    assert line.healths[-1].state == "ended"


def test_the_stages_of_a_part_add_up_to_its_latency(line: Line):
    line.run([frame(GOOD)])
    [verdict] = line.heard.verdicts
    assert list(verdict.stages_ms) == ["queue", "score", "decide", "publish"]
    assert sum(verdict.stages_ms.values()) == pytest.approx(verdict.latency_ms, abs=0.01)


def test_more_parts_than_slots_wait_for_the_scorer_when_they_can(line: Line):
    line.run((frame(value % 200) for value in range(150)), slots=2)
    assert len(line.heard.verdicts) == 150
    assert set(line.heard.outcomes) == {"pass", "fail"}


@pytest.mark.parametrize(("overflow", "judged"), [("drop_oldest", {1, 10}), ("drop_newest", {1, 2}), (None, {1, 10})])
def test_a_live_source_that_is_too_fast_costs_verdicts_of_overrun_in_their_places(
    line: Line, overflow: str | None, judged: set[int]
):
    gate = Gate()

    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        assert gate.entered.wait(PATIENCE_S)
        for _ in range(9):
            yield frame(GOOD)
        gate.open.set()

    summary = line.run(ScriptedSource(script(), live=True), ScriptedScorer(gate), slots=2, overflow=overflow)
    assert line.heard.outcomes == ["pass" if seq in judged else "overrun" for seq in range(1, 11)]
    assert {v.mode for v in line.heard.verdicts} == {"live"}
    assert summary.as_json()["not_inspected"] == {"overrun": 8}


def test_a_long_line_behind_one_slow_part_comes_out_at_once_and_in_order(line: Line):
    gate, count = Gate(), 4 * workers.BATCH

    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        assert gate.entered.wait(PATIENCE_S)
        for _ in range(count - 1):
            yield frame(GOOD)
        gate.open.set()

    line.run(ScriptedSource(script(), live=True), ScriptedScorer(gate), slots=2)
    assert len(line.heard.verdicts) == count
    sent_ms = [v.exposed_ns / 1e6 + v.latency_ms for v in line.heard.verdicts]
    assert sent_ms[-1] - sent_ms[0] < 1000 * workers.HEARTBEAT_S, "each batch waited for the next heartbeat"


def test_what_a_scorer_raises_costs_one_part_each_and_is_said_once(line: Line):
    def score(part: Part) -> float:
        if part.seq in (2, 3):
            raise RuntimeError("out of memory")
        return 1.0

    line.run([frame(GOOD) for _ in range(4)], ScriptedScorer(score))
    assert line.heard.outcomes == ["pass", "error", "error", "pass"]
    assert line.heard.told("score_error") == [(2, "RuntimeError: out of memory")]
    assert line.healths[-1].counts["score_error"] == 2


@pytest.mark.parametrize("score", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_an_error_not_a_pass(line: Line, score: float):
    line.run([frame(GOOD)], ScriptedScorer(lambda part: score))
    assert line.heard.outcomes == ["error"]
    assert line.heard.verdicts[0].score is None


def test_pictures_that_could_not_be_read_keep_their_places(line: Line):
    line.run([frame(GOOD), missed(2, "camera"), frame(GOOD), missed(1, "missed")])
    assert line.heard.outcomes == ["pass", "camera", "camera", "pass", "missed"]


def test_a_picture_of_another_size_is_not_judged_and_both_sizes_are_named(line: Line):
    line.run([frame(GOOD), frame(GOOD, size=(64, 48)), frame(GOOD)])
    assert line.heard.outcomes == ["pass", "size", "pass"]
    assert line.heard.told("size") == [(2, "a picture is 64 × 48, the recipe expects 40 × 32")]


def test_a_recipe_for_any_size_takes_what_fits_the_limit(line: Line):
    sizes = [(40, 32), (64, 48), (2000, 1000)]
    source = ScriptedSource([frame(GOOD, size) for size in sizes], frame_size=None)
    line.run(source, ScriptedScorer(frame_size=None), max_megapixels=1.0)
    assert line.heard.outcomes == ["pass", "pass", "size"]


def test_a_part_that_is_not_judged_by_its_deadline_is_late_then_and_its_score_an_event(line: Line):
    gate = Gate()

    def script() -> Iterator[Frame]:
        yield frame(BAD)
        line.heard.wait_for_verdict(1, reason="late")  # out while the scorer still stands
        assert not gate.open.is_set()
        gate.open.set()

    line.run(ScriptedSource(script(), paced=True), ScriptedScorer(gate), deadline_ms=60)
    assert line.heard.outcomes == ["late"]
    assert line.heard.told("late_score") == [(1, "fail, score 150 at threshold 100")]
    assert 60 <= line.heard.verdicts[0].latency_ms < 60 + 150


def test_parts_that_are_late_before_their_turn_are_not_scored_and_the_line_catches_up(line: Line):
    gate = Gate()
    scored: list[int] = []

    def score(part: Part) -> float:
        scored.append(part.seq)
        return gate(part)

    def script() -> Iterator[Frame]:
        for _ in range(3):
            yield frame(GOOD)
        line.heard.wait_for_verdict(3, reason="late")
        gate.open.set()
        line.heard.wait_for_verdict(3)
        yield frame(GOOD)

    line.run(ScriptedSource(script(), paced=True), ScriptedScorer(score), deadline_ms=500)
    assert line.heard.outcomes == ["late", "late", "late", "pass"]
    assert scored == [1, 4]


def test_no_deadline_is_enforced_on_what_is_replayed_at_full_speed(line: Line):
    gate = Gate()

    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        threading.Timer(0.05, gate.open.set).start()

    line.run(ScriptedSource(script(), paced=False), ScriptedScorer(gate), deadline_ms=1)
    assert line.heard.outcomes == ["pass"]


def test_a_stop_in_the_middle_judges_what_was_taken(line: Line):
    def script() -> Iterator[Frame]:
        for number in range(1, 1000):
            yield frame(GOOD)
            if number == 5:
                line.stop.set()

    summary = line.run(ScriptedSource(script(), live=True), slots=16, overflow="block")
    assert summary.parts >= 5
    assert set(line.heard.outcomes) <= {"pass", "stopped"}
    assert [event.detail for event in line.heard.events] == ["ready", "stopping", "ended"]


def test_a_stop_before_an_empty_belt_ends_the_run(line: Line):
    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        line.heard.wait_for_verdict(1)
        line.stop.set()

    line.run(ScriptedSource(script(), live=True, endless=True))
    assert line.heard.outcomes == ["pass"]


def test_what_is_not_judged_soon_after_a_stop_is_published_as_stopped(line: Line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(station_module, "STOP_S", 0.1)
    gate = Gate(at=2)

    def script() -> Iterator[Frame]:
        for _ in range(4):
            yield frame(GOOD)
        line.stop.set()
        threading.Thread(target=lambda: (line.heard.wait_for_verdict(4), gate.open.set())).start()

    line.run(ScriptedSource(script(), live=True, endless=True), ScriptedScorer(gate))
    assert line.heard.outcomes == ["pass", "stopped", "stopped", "stopped"]
    assert line.heard.told("late_score") == [(2, "pass, score 50 at threshold 100")]


def test_a_scorer_that_hangs_at_the_stop_is_named_and_its_parts_are_published(
    line: Line, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(station_module, "STOP_S", 0.1)
    monkeypatch.setattr(station_module, "HANG_S", 0.2)
    gate = Gate(at=2)

    def script() -> Iterator[Frame]:
        for _ in range(3):
            yield frame(GOOD)
        assert gate.entered.wait(PATIENCE_S)
        line.stop.set()

    try:
        with pytest.raises(InspectorError, match="inspection did not stop within") as raised:
            line.run(ScriptedSource(script(), live=True, endless=True), ScriptedScorer(gate))
    finally:
        gate.open.set()
        _await_end_of_workers()
    assert raised.value.exit_code == 70
    assert line.heard.outcomes == ["pass", "stopped", "stopped"]
    assert line.heard.healths[-1].reasons == ("the inspection thread hangs",)


@pytest.mark.parametrize("live", [True, False])
def test_a_scorer_that_hangs_is_found_though_the_source_has_ended_and_its_parts_are_published(line: Line, live: bool):
    gate = Gate(at=2)
    try:
        with pytest.raises(HangError, match=r"the scorer hangs: it has not come back for 0.3 s") as raised:
            line.run(ScriptedSource([frame(GOOD) for _ in range(3)], live=live), ScriptedScorer(gate), hang_s=0.3)
    finally:
        gate.open.set()
        _await_end_of_workers()
    assert raised.value.exit_code == 70
    assert line.heard.outcomes == ["pass", "error", "error"]
    assert line.heard.healths[-1].reasons == ("the scorer hangs: it has not come back for 0.3 s (line.hang_s)",)


def test_a_part_is_late_at_its_deadline_though_the_scorer_never_comes_back(line: Line):
    gate, hang_s = Gate(at=1), 1.5

    def script() -> Iterator[Frame]:
        yield frame(GOOD)  # made when it is asked for: one made before would be late before its turn came

    source = ScriptedSource(script(), paced=True, live=True, endless=True)
    try:
        with pytest.raises(HangError, match="the scorer hangs"):
            line.run(source, ScriptedScorer(gate), deadline_ms=300, hang_s=hang_s)
    finally:
        gate.open.set()
        _await_end_of_workers()
    assert gate.entered.is_set()
    [verdict] = line.heard.verdicts
    assert verdict.reason == "late"
    assert 300 <= verdict.latency_ms < 1000 * hang_s, "published when the scorer was given up, not at its deadline"


def test_a_live_driver_that_fails_is_asked_again_and_the_line_is_not_ready_meanwhile(
    line: Line, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(seeing, "BACK_OFF_S", (0.4, 0.4))
    rounds = iter(range(100))

    class Failing(ScriptedSource):
        def frames(self, stop: threading.Event) -> Iterator[Frame | Missed]:
            yield frame(GOOD)
            if next(rounds) < 2:
                raise ZeroDivisionError("driver")

    line.run(Failing([], live=True))
    assert line.heard.outcomes == ["pass"] * 3
    unready = [health for health in line.heard.healths if health.state == "not_ready"]
    assert unready[0].reasons == ("the source failed: ZeroDivisionError: driver; asking it again",)
    assert line.healths[-1].counts["source_error"] == 2
    assert [detail for _, detail in line.heard.told("source_error")] == [unready[0].reasons[0]]


def test_a_live_driver_that_says_nothing_makes_the_line_not_ready_until_it_speaks_and_the_log_warns(
    line: Line, monkeypatch: pytest.MonkeyPatch, told: list[str]
):
    monkeypatch.setattr(station_module, "QUIET_S", 0.3)

    def script() -> Iterator[Frame]:
        line.heard.wait_for(lambda: any(health.state == "not_ready" for health in line.heard.healths))
        until = time.monotonic() + PATIENCE_S
        while line.heard.healths[-1].state != "ready" and time.monotonic() < until:
            yield frame(GOOD)  # one may not do: on a busy machine it is quiet again before the heartbeat has left
            time.sleep(0.02)

    line.run(ScriptedSource(script(), live=True))
    unready = next(health for health in line.heard.healths if health.state == "not_ready")
    assert unready.reasons == ("the source's driver has said nothing for 0.3 s",)
    warned = {text for text in told if text.startswith("WARNING")}
    assert warned == {"WARNING state: not_ready: the source's driver has said nothing for 0.3 s"}
    assert told.count("INFO state: ready") >= 2


def test_a_live_driver_that_never_comes_back_ends_the_run_with_70(line: Line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(station_module, "DRIVER_HANG_S", 0.3)
    answers = threading.Event()

    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        answers.wait(PATIENCE_S)

    source = ScriptedSource(script(), live=True)
    try:
        with pytest.raises(HangError, match=r"driver hangs: it has not come back for 0.3 s"):
            line.run(source)
        assert not source.closed
    finally:
        answers.set()
        _await_end_of_workers()
    assert line.heard.outcomes == ["pass"]


def test_a_driver_that_hangs_at_the_stop_is_named_and_left_alone(line: Line, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(station_module, "HANG_S", 0.2)
    answers = threading.Event()

    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        line.stop.set()
        answers.wait(PATIENCE_S)

    source = ScriptedSource(script(), live=True)
    try:
        with pytest.raises(InspectorError, match="capture did not stop within"):
            line.run(source)
        assert not source.closed, "a driver must not be closed under a thread that is inside it"
    finally:
        answers.set()
        _await_end_of_workers()
    assert line.heard.outcomes == ["pass"]


def test_a_driver_that_breaks_ends_the_run_with_exit_code_70_after_the_last_verdict(line: Line):
    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        raise ZeroDivisionError("driver")

    with pytest.raises(InspectorError, match=r"the capture thread failed: ZeroDivisionError: driver \(") as raised:
        line.run(script())
    assert raised.value.exit_code == 70
    assert line.heard.outcomes == ["pass"]
    assert "ZeroDivisionError" in line.heard.healths[-1].reasons[0]


def test_a_gpu_that_is_lost_ends_the_run_with_exit_code_70_and_passes_nothing(line: Line):
    def score(part: Part) -> float:
        if part.seq > 1:
            raise DeviceLost("the GPU failed")
        return 1.0

    with pytest.raises(DeviceLost, match="the GPU failed") as raised:
        line.run([frame(GOOD) for _ in range(3)], ScriptedScorer(score))
    assert raised.value.exit_code == 70
    assert line.heard.outcomes == ["pass", "error", "error"]


def test_a_publication_that_breaks_ends_the_run_and_says_why(line: Line, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: object) -> None:
        raise ValueError("no verdict")

    monkeypatch.setattr(workers.report, "verdict", fail)
    line.wire = msgspec.structs.replace(line.wire, wait_for=())
    source = ScriptedSource([frame(GOOD)], endless=True)
    with pytest.raises(InspectorError, match="the publication thread failed: ValueError: no verdict"):
        line.station(source, ScriptedScorer()).run(line.stop, time.monotonic(), line.healths.append)
    assert source.closed


def test_a_terminal_that_went_away_stops_no_line(line: Line):
    def fail(health: object) -> None:
        raise BrokenPipeError

    line.wire = msgspec.structs.replace(line.wire, wait_for=())
    station = line.station(ScriptedSource([frame(GOOD), frame(BAD)]), ScriptedScorer())
    assert station.run(line.stop, time.monotonic(), fail).parts == 2


def test_a_source_that_says_why_it_ends_is_quoted_with_its_own_exit_code(line: Line):
    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        raise SourceError("camera 0 was unplugged")

    with pytest.raises(SourceError, match=r"^camera 0 was unplugged$"):
        line.run(script())
    assert line.heard.outcomes == ["pass"]


def test_a_port_in_use_is_a_configuration_error_and_no_part_is_taken(line: Line):
    taken: list[int] = []

    def script() -> Iterator[Frame]:
        taken.append(1)
        yield frame(GOOD)

    def occupied() -> Iterator[Frame]:
        yield frame(GOOD)
        other = line.station(ScriptedSource(script()), ScriptedScorer())
        with pytest.raises(ConfigError, match=r"wire\.(verdicts|overlays) is"):
            other.run(threading.Event(), time.monotonic(), lambda health: None)
        assert not taken

    line.wire = msgspec.structs.replace(line.wire, verdicts=_free_port(), recovery=_free_port(), overlays=_free_port())
    line.run(occupied())


def test_nobody_who_does_not_come_is_waited_for_longer_than_configured(tmp_path: Path):
    line = Line(tmp_path)
    line.wire = msgspec.structs.replace(line.wire, wait_s=0.1)
    station = line.station(ScriptedSource([frame(GOOD)]), ScriptedScorer())
    summary = station.run(threading.Event(), time.monotonic(), line.healths.append)
    assert summary.parts == 1
    assert summary.ready_s >= 0.1
    assert line.healths[-1].counts["unheard"] == 1


def test_while_the_camera_is_lost_the_line_is_not_ready_and_says_why_and_takes_no_part(line: Line):
    def script() -> Iterator[Seen]:
        yield frame(GOOD)
        line.heard.wait_for_verdict(1)
        yield silence()  # an empty belt: nothing is wrong
        for _ in range(3):
            yield silence("camera 0 is unplugged")
        line.heard.wait_for_state("not_ready")
        yield missed(1)
        yield frame(GOOD)
        line.heard.wait_for_verdict(3)
        yield silence("it is unplugged again")
        yield silence()  # it is back, triggered by the line and waiting for a part

    line.run(ScriptedSource(script(), live=True))
    assert line.heard.outcomes == ["pass", "camera", "pass"]
    states = [detail for _, detail in line.heard.told("state")]
    gone = ["not_ready: camera 0 is unplugged", "ready", "not_ready: it is unplugged again", "ready"]
    assert states == ["ready", *gone, "ended"]


def test_what_happened_to_lost_frames_is_told_once_and_counted(line: Line):
    line.run([replace(missed(2, "missed"), detail="packets went missing")] * 3)
    assert line.heard.outcomes == ["missed"] * 6
    assert line.heard.told("lost_frames") == [(None, "packets went missing")]
    assert line.healths[-1].counts["lost_frames"] == 3


@pytest.mark.parametrize("seed", range(6))
def test_whatever_comes_every_part_has_one_verdict_in_its_place(line: Line, seed: int):
    """Losses, wrong sizes, failing and slow scores, deadlines, a full ring and a stop at any moment, at once."""
    chance = random.Random(seed)
    live, until = chance.random() < 0.5, chance.choice([40, 10**9])

    def score(part: Part) -> float:
        if chance.random() < 0.2:
            raise RuntimeError("scorer")
        time.sleep(chance.choice([0, 0, 0.001, 0.02]))
        return chance.choice([1.0, 150.0, math.nan])

    def script() -> Iterator[Frame | Missed]:
        for number in range(120):
            if number == until:
                line.stop.set()
            time.sleep(chance.choice([0, 0, 0, 0.005]))
            yield chance.choice([frame(GOOD), frame(GOOD), frame(GOOD, size=(8, 8)), missed(3)])

    source = ScriptedSource(script(), live=live, paced=chance.random() < 0.5)
    summary = line.run(source, ScriptedScorer(score), slots=chance.choice([2, 8]), deadline_ms=chance.choice([5, 40]))
    assert summary.parts == line.healths[-1].taken > 30


def test_a_stop_before_the_first_part_takes_none(line: Line):
    line.stop.set()
    assert line.run([frame(GOOD)]).parts == 0
    assert (line.healths[-1].state, line.healths[-1].taken) == ("ended", 0)


def test_a_configured_station_judges_a_folder_and_counts_what_it_missed(
    line: Line, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "pictures"
    for name, value in (("good/1.png", GOOD), ("good/2.png", BAD), ("hole/3.png", GOOD)):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / name), np.full((32, 40, 3), value, np.uint8))
    (folder / "hole" / "4.png").write_bytes(b"")
    monkeypatch.setattr(station_module, "open_scorer", lambda config: ScriptedScorer())
    config = Config(
        source=FolderSource(path=str(folder)),
        scoring=ScoringConfig(recipe="not used"),
        wire=msgspec.structs.replace(line.wire, wait_for=()),
    )
    told = run_station(config, threading.Event(), time.monotonic(), line.healths.append).as_json()
    assert (told["parts"], told["pass"], told["fail"], told["not_inspected"]) == (4, 2, 1, {"camera": 1})
    assert told["truth"] == {"misses": 1, "false_rejects": 1, "image_auroc": 0.25}
    assert line.healths[-1].state == "ended"


def test_viewers_get_the_parts_picture_with_its_map_and_previews_between_parts(line: Line):
    seen: list[str] = []
    done = threading.Event()

    def watch() -> None:
        subscriber = OverlaySubscriber(line.wire)
        limit = time.monotonic() + PATIENCE_S
        while set(seen) < {"part", "preview"} and time.monotonic() < limit:
            if (overlay := subscriber.receive(0.05)) is not None:
                seen.append(overlay.kind)
                assert overlay.map_size == ((5, 4) if overlay.kind == "part" else (0, 0))
        subscriber.close()
        done.set()

    def script() -> Iterator[Frame | Missed]:
        while not done.wait(0.02):
            yield frame(BAD)
            yield frame(BAD, size=(64, 48))  # goes to no scorer: what remains to show is the frame itself

    watcher = threading.Thread(target=watch)
    watcher.start()
    line.run(script(), overlay_fps=20)
    watcher.join(PATIENCE_S)
    assert set(seen) == {"part", "preview"}


def test_while_a_trigger_follows_parts_previews_tell_where_they_are_and_by_which_number(line: Line):
    told: list[Followed] = []
    done = threading.Event()

    def watch() -> None:
        with closing(OverlaySubscriber(line.wire)) as subscriber:
            limit = time.monotonic() + PATIENCE_S
            while not any(part.seq for part in told) and time.monotonic() < limit:
                if (overlay := subscriber.receive(0.05)) and overlay.scene:
                    told.extend(overlay.scene.parts)
        done.set()

    def script() -> Iterator[Frame]:
        things = [Thing(at=-60 - 150 * n) for n in range(40)]
        for seen in frames(footage(scene(), things, [4.0 * n for n in range(1500)])):
            if done.wait(0.005):
                return
            yield replace(seen, arrived_ns=time.monotonic_ns())

    watcher = threading.Thread(target=watch)
    watcher.start()
    line.trigger = PresenceTrigger(line=LINE, part=PART, looks="brighter")
    line.run(script(), ScriptedScorer(frame_size=None), preview_fps=60)
    watcher.join(PATIENCE_S)
    assert any(part.seq for part in told)


def test_a_picture_that_cannot_be_drawn_moves_no_verdict(line: Line, monkeypatch: pytest.MonkeyPatch):
    tried = threading.Event()

    def fail(shown: object, identity: object) -> None:
        tried.set()
        raise ValueError("cannot be drawn")

    def script() -> Iterator[Frame]:
        yield frame(GOOD)
        assert tried.wait(PATIENCE_S)
        yield frame(GOOD)

    monkeypatch.setattr(pictures, "draw", fail)
    line.run(script())
    assert line.heard.outcomes == ["pass", "pass"]
    assert [detail for _, detail in line.heard.told("overlay_error")] == ["ValueError: cannot be drawn"]


def test_the_frame_size_in_the_fakes_is_what_the_sources_say():
    assert ScriptedSource([]).frame_size == SIZE == ScriptedScorer().frame_size


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"tcp://127.0.0.1:{probe.getsockname()[1]}"


def _await_end_of_workers() -> None:
    for thread in threading.enumerate():
        if thread.name.startswith("inspector-"):
            thread.join(PATIENCE_S)
