"""The benchmark of the line, in its short form: that it runs and counts right, not how fast this machine is."""

from pathlib import Path

import numpy as np
import pytest

from inspector.config import LineConfig
from inspector.line import ring as ring_module
from inspector.messages import Image
from tools.benchmarks import isolation
from tools.benchmarks.isolation import CASES
from tools.benchmarks.metronome import Metronome, Preloaded
from tools.benchmarks.null_scorer import NullScorer
from tools.benchmarks.paced import paced
from tools.benchmarks.resident import resident_mb
from tools.benchmarks.trial import percentiles, trial

SIZE = (640, 512)


@pytest.fixture(scope="module")
def images() -> list[Image]:
    return [np.full((SIZE[1], SIZE[0], 3), value, np.uint8) for value in (10, 20, 30)]


def test_a_trial_hears_of_every_part_and_of_its_times(images: list[Image], tmp_path: Path):
    source = Metronome(images, 60, 200)
    line = LineConfig(slots=64)  # room for all: a machine that is taken by others drops none
    run = trial(source, NullScorer(SIZE, reject_every=10), tmp_path, roles=("wakeup",), line=line)
    assert run.rules() == {"parts": 60, "verdicts": 60, "duplicates": 0, "gaps": 0, "lost": 0}
    assert (~run.passed).sum() == 6
    overhead_ms = source.late_ms + run.latency_ms - run.score_ms
    assert (overhead_ms > 0).all()
    assert (run.received_ms > source.arrived_ms + run.latency_ms - 1).all(), "read before it was sent"
    assert set(percentiles(overhead_ms)) == {"p50", "p95", "p99", "max"}
    assert len(run.wakeup_ms) > 10
    assert resident_mb() > 10


def test_beside_a_stopped_viewer_a_stopped_store_and_five_viewers_every_part_has_its_verdict(
    images: list[Image], tmp_path: Path
):
    source = Metronome(images, 120, 150, burst=10)
    scorer = NullScorer(SIZE, reject_every=2)
    run = trial(source, scorer, tmp_path, roles=("store", "viewers"), stopped=("store",), line=LineConfig(slots=32))
    assert run.rules() == {"parts": 120, "verdicts": 120, "duplicates": 0, "gaps": 0, "lost": 0}
    assert (~run.passed).sum() == 60, "none was dropped"
    assert run.odd.get("recovered", 0) == 0


def test_with_the_viewer_open_parts_at_their_pace_are_all_heard_of_and_held_against_the_goal():
    came = paced(Path("recordings/flange"), count=30, settle_s=0.1, threads=1)
    assert (came["parts"], came["lost"], sum(came["outcomes"].values())) == (30, 0, 30)
    figures, (goal,) = came["arrival_to_published_ms"], came["goals"]
    assert figures["max"] >= figures["p99"] >= figures["p50"] > 0
    assert goal["met"] == (figures["p99"] <= 30)


def test_beside_a_bridge_whose_plc_is_off_and_a_disk_that_blocks_nothing_is_lost(
    images: list[Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    cases = {name: CASES[name] for name in ("undisturbed", "disk_blocks", "plc_off")}
    monkeypatch.setattr(isolation, "CASES", cases)
    came = isolation.isolation(NullScorer(SIZE, reject_every=2), images, 100, 1, 30, tmp_path)
    for name in cases:
        rules = {rule: came[name][rule] for rule in ("parts", "verdicts", "duplicates", "gaps", "lost")}
        assert rules == {"parts": 30, "verdicts": 30, "duplicates": 0, "gaps": 0, "lost": 0}, name
        assert came[name]["evidence_dropped"] == 0
    assert came["undisturbed"]["p99_moved_ms"] == 0


def test_a_picture_is_copied_once_and_the_ring_allocates_nothing_after_its_start(
    images: list[Image], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """What the scorer reads lies in the memory that the ring had from the start, where one copy brought it."""
    slots: list[np.ndarray] = []
    read: set[int] = set()
    copies: list[int] = []
    copyto = np.copyto

    class Ring(ring_module.FrameRing):
        def __init__(self, *arguments: object) -> None:
            super().__init__(*arguments)  # type: ignore[arg-type]
            slots.extend(self._slots)

    def counted(target: np.ndarray, source: np.ndarray) -> None:
        copies.append(source.nbytes)
        copyto(target, source)

    class Reading(NullScorer):
        def score(self, part):  # type: ignore[no-untyped-def]
            read.add(part.image.__array_interface__["data"][0])
            return super().score(part)

    monkeypatch.setattr("inspector.line.station.FrameRing", Ring)
    monkeypatch.setattr(ring_module.np, "copyto", counted)
    run = trial(
        Preloaded(images, 200), Reading(SIZE), tmp_path, line=LineConfig(overflow="block", slots=4, overlay_fps=0)
    )
    assert run.rules()["lost"] == 0
    assert copies == [images[0].nbytes] * 200
    assert read <= {slot.__array_interface__["data"][0] for slot in slots}
    assert len(slots) == 4
