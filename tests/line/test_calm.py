"""While a line runs its process is set so that nothing of its own holds up a verdict; afterwards it is as it was."""

import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from inspector.errors import InspectorError
from inspector.line.calm import SWITCH_S
from inspector.messages import Frame, Part
from tests.fakes import ScriptedScorer, frame
from tests.line.lines import Line


@pytest.fixture
def two_threads() -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    yield
    cv2.setNumThreads(before)


@pytest.mark.usefixtures("two_threads")
@pytest.mark.parametrize("broken", [False, True])
def test_opencv_has_no_helpers_and_threads_change_quickly_while_parts_are_judged(tmp_path: Path, broken: bool):
    line, seen, before = Line(tmp_path), set(), sys.getswitchinterval()

    def score(part: Part) -> float:
        seen.add((cv2.getNumThreads(), round(sys.getswitchinterval(), 6)))
        return 1.0

    def script() -> Iterator[Frame]:
        yield frame()
        if broken:
            raise ZeroDivisionError("driver")

    if broken:
        with pytest.raises(InspectorError):
            line.run(script(), ScriptedScorer(score))
    else:
        line.run(script(), ScriptedScorer(score))
    assert seen == {(1, SWITCH_S)}
    assert (cv2.getNumThreads(), sys.getswitchinterval()) == (2, before)
