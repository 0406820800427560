"""A picture that is not worth judging costs its part a verdict, with the reading said; a drift is said in time."""

import threading
from pathlib import Path

from inspector.messages import Part
from inspector.scoring.examine import Examination
from tests.fakes import ScriptedScorer, ScriptedSource, frame
from tests.line.lines import PATIENCE_S, Line


class Wary(ScriptedScorer):
    """Finds dark pictures unfit, and a drift from the third part on."""

    def examine(self, part: Part) -> Examination:
        light = float(part.image[0, 0, 0])
        drifting = ("maintenance: pictures are getting dark",) if part.seq >= 3 else ()
        return Examination(unfit="dark" if light < 20 else "", readings={"light": light}, drifting=drifting)


def test_an_unfit_picture_is_not_inspected_and_its_reading_is_an_event(tmp_path: Path) -> None:
    line = Line(tmp_path)
    summary = line.run([frame(50), frame(10), frame(150), frame(50)], Wary())
    assert line.heard.outcomes == ["pass", "health", "fail", "pass"]
    (event,) = (event for event in line.heard.events if event.kind == "health")
    assert (event.seq, event.detail, event.facts) == (2, "dark", {"light": "10"})
    assert summary.counts["not_inspected.health"] == 1


def test_an_unfit_picture_that_was_looked_at_too_late_leaves_the_line_running(tmp_path: Path) -> None:
    line = Line(tmp_path)
    looking = threading.Event()

    class Slow(Wary):
        def examine(self, part: Part) -> Examination:
            assert looking.wait(PATIENCE_S)
            return super().examine(part)

    def footage():
        yield frame(10)
        line.heard.wait_for_verdict(1, reason="late")
        looking.set()
        line.heard.wait_for(lambda: bool(line.heard.told("health")))
        yield frame(50)
        line.heard.wait_for_verdict(2)

    line.run(ScriptedSource(footage(), paced=True), Slow(), deadline_ms=500)
    assert line.heard.outcomes[0] == "late"
    assert line.heard.told("health") == [(1, "dark")]


def test_a_drift_is_said_in_the_heartbeat_and_leaves_the_line_ready(tmp_path: Path) -> None:
    line = Line(tmp_path)

    def footage():
        for _ in range(3):
            yield frame(50)
        line.heard.wait_for_verdict(3)
        seen = len(line.heard.healths)
        with line.heard.changed:
            assert line.heard.changed.wait_for(lambda: len(line.heard.healths) > seen + 1, 20)

    line.run(footage(), Wary())
    (told,) = {health.reasons for health in line.heard.healths if health.state == "ready" and health.reasons}
    assert told == ("maintenance: pictures are getting dark",)
    assert line.heard.told("maintenance") == [(None, "maintenance: pictures are getting dark")]
