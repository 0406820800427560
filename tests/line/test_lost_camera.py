"""A camera that is switched off under a running line: who listens knows why, and the line goes on by itself."""

import threading
from pathlib import Path

from inspector.config import RtspSource
from inspector.sources import open_source
from tests.fakes import ScriptedScorer, ScriptedSource
from tests.line.lines import PATIENCE_S, Line
from tests.sources.cameras import RtspCamera, rtsp_camera


def switch_off_and_on(line: Line, camera: RtspCamera) -> None:
    """Each step as soon as a listener knows of the one before."""
    try:
        line.heard.wait_for_verdict(5)
        camera.off()
        line.heard.wait_for_state("not_ready")
        camera.on()
        with line.heard.changed:
            assert line.heard.changed.wait_for(lambda: states(line)[2:] and states(line)[-1] == "ready", PATIENCE_S)
        line.heard.wait_for_verdict(len(line.heard.verdicts) + 3)
    finally:
        line.stop.set()


def states(line: Line) -> list[str]:
    return [detail for _, detail in line.heard.told("state")]


def test_a_line_whose_camera_dies_is_not_ready_says_why_and_is_ready_again_when_it_is_back(tmp_path: Path) -> None:
    line = Line(tmp_path)
    with rtsp_camera() as camera:
        source = open_source(RtspSource(url=camera.url, timeout_s=0.5))
        hand = threading.Thread(target=switch_off_and_on, args=(line, camera))
        hand.start()
        stream = ScriptedSource(source.frames(line.stop), live=True, paced=True, frame_size=source.frame_size)
        line.run(stream, ScriptedScorer(threshold=256, frame_size=source.frame_size))
        hand.join()
        source.close()
    name = f"rtsp camera {camera.url}"
    told = states(line)
    assert told[0] == "ready"
    assert told[1].startswith(f"not_ready: {name} ")
    assert all(detail.startswith("not_ready: ") and detail.endswith("; opening it again") for detail in told[1:-3])
    assert told[-3:] == ["ready", "stopping", "ended"]
    assert set(line.heard.outcomes) <= {"pass", "missed", "stopped", "overrun"}
