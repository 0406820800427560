"""A sensor that froze behind a frame counter which goes on: no part is judged from its picture; a still scene is."""

import threading
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import PylonSource, ScoringConfig
from inspector.messages import Image
from inspector.scoring.scorer import open_scorer
from inspector.sources import open_source
from tests.fakes import ScriptedSource
from tests.line.lines import Line
from tests.sources.cameras import needs_pylon
from tests.washers import fit_clear, washer, write_pictures


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_clear(tmp_path_factory.mktemp("recipe") / "washers")


def heard_of(pictures: list[Image], recipe: Path, folder: Path) -> Line:
    """A line that judges eight pictures of pylon's own emulated camera, which shows these one after the other."""
    needs_pylon()
    shown = write_pictures(folder / "shown", pictures)
    source = open_source(PylonSource(interface="emulation", pictures=str(shown), fps=10))
    line = Line(folder)

    def watch() -> None:
        line.heard.wait_for_verdict(8)
        line.stop.set()

    hand = threading.Thread(target=watch)
    hand.start()
    stream = ScriptedSource(source.frames(line.stop), live=True, paced=True, frame_size=source.frame_size)
    try:
        line.run(stream, open_scorer(ScoringConfig(recipe=str(recipe), device="cpu", threads=1)), deadline_ms=5000)
    finally:
        hand.join()
        source.close()
    return line


def test_each_picture_after_the_first_is_not_inspected_and_the_event_says_that_it_is_frozen(
    recipe: Path, tmp_path: Path
) -> None:
    heard = heard_of([washer(40)], recipe, tmp_path).heard
    judged = [outcome for outcome in heard.outcomes if outcome not in ("stopped", "overrun")]
    assert judged[0] == "pass"
    assert set(judged[1:]) == {"health"}
    told = heard.told("health")
    assert told[0][0] == 2
    assert {detail for _, detail in told} == {"frozen: the picture is the one before it, pixel by pixel"}


def test_a_scene_that_stands_still_is_judged_since_the_sensors_noise_goes_on(recipe: Path, tmp_path: Path) -> None:
    still = cv2.GaussianBlur(washer(40), (0, 0), 2)
    noise = np.random.default_rng(3)
    shown = [np.clip(still + noise.normal(0, 4, still.shape), 0, 255).astype(np.uint8) for _ in range(6)]
    heard = heard_of(shown, recipe, tmp_path).heard
    assert set(heard.outcomes) <= {"pass", "stopped", "overrun"}
    assert heard.outcomes.count("pass") >= 7
    assert heard.told("health") == []
