"""One scoring path: the same picture has the same score at the line, in the tools and on each runtime.

That it is the right one: tests/scoring/test_oracle.py.
"""

import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import Config, FolderSource, ScoringConfig, StationConfig
from inspector.line.station import Station
from inspector.scoring.scorer import open_scorer
from inspector.sources import open_source
from inspector.triggers import open_trigger
from tests.line.lines import Line
from tests.washers import SMALL, burnt, fit_clear, washer
from tools import evaluate, optimize_threshold

PICTURES = {"good/a.png": washer(60), "good/b.png": washer(61), "spot/c.png": burnt(62), "spot/d.png": burnt(63)}


IGNORE = np.zeros((160, 200), bool)
IGNORE[:40, :60] = True
PLAIN = SMALL
NARROW = replace(SMALL, region=(20, 30, 170, 120), ignore=IGNORE, min_defect_area=60.0)
"""A part of the picture that is no square, some of it ignored, small defects passed."""


@pytest.fixture(scope="module", params=[PLAIN, NARROW], ids=["whole", "narrow"])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A recipe and labelled pictures in MVTec AD's layout."""
    folder = tmp_path_factory.mktemp("desk")
    fit_clear(folder / "recipe", request.param)
    for name, picture in PICTURES.items():
        (folder / "test" / name).parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(folder / "test" / name), picture)
    (folder / "config.yaml").write_text(
        f"source: {{type: folder, path: {folder}/test}}\n"
        f"scoring: {{recipe: {folder}/recipe, device: cpu, threads: 1}}\nstation: {{log_folder: null}}\n"
    )
    return folder


def at_the_line(desk: Path, runtime: str, wire: Path) -> np.ndarray:
    """Scores from the verdicts on the wire."""
    line = Line(wire)
    config = Config(
        source=FolderSource(path=str(desk / "test")),
        scoring=ScoringConfig(recipe=str(desk / "recipe"), device="cpu", runtime=runtime, threads=1),
        station=StationConfig(log_folder=None),
        wire=line.wire,
    )
    source, scorer = open_source(config.source), open_scorer(config.scoring)
    over = threading.Event()
    listener = threading.Thread(target=line.listen, args=(over,))
    listener.start()
    try:
        Station(config, source, open_trigger(config.trigger), scorer).run(
            line.stop, time.monotonic(), line.healths.append
        )
    finally:
        over.set()
        listener.join()
    assert [verdict.part for verdict in line.heard.verdicts] == list(PICTURES)
    assert line.heard.outcomes == ["pass", "pass", "fail", "fail"]
    return np.array([verdict.score for verdict in line.heard.verdicts])


def evaluated(desk: Path, monkeypatch: pytest.MonkeyPatch) -> np.ndarray:
    raw = desk / "raw.npz"
    arguments = ["evaluate", "-c", str(desk / "config.yaml"), "--data", str(desk), "--raw", str(raw)]
    monkeypatch.setattr(sys, "argv", arguments)
    evaluate.main()
    with np.load(raw) as arrays:
        return np.asarray(arrays["scores"])


def test_the_line_the_tools_and_both_runtimes_give_the_same_scores(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wires = [tmp_path / "ov", tmp_path / "torch"]
    for wire in wires:
        wire.mkdir()
    tools = evaluated(desk, monkeypatch)
    assert np.array_equal(at_the_line(desk, "openvino", wires[0]), tools)
    np.testing.assert_allclose(at_the_line(desk, "torch", wires[1]), tools, rtol=1e-3)


def test_optimize_threshold_cuts_the_scores_that_the_line_gives(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = at_the_line(desk, "openvino", tmp_path)
    chosen: list[float] = []
    monkeypatch.setattr(
        optimize_threshold, "write_report", lambda _, filed: chosen.append(filed.chosen.threshold.value)
    )
    arguments = ["optimize_threshold", "-c", str(desk / "config.yaml"), "--data", str(desk), "--rule", "f1_max"]
    monkeypatch.setattr(sys, "argv", [*arguments, "--report", str(tmp_path / "report.html")])
    optimize_threshold.main()
    assert chosen == [(scores[:2].max() + scores[2:].min()) / 2]
