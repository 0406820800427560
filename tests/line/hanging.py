"""A station of its own process whose scorer hangs or whose driver piles pictures up; run by tests/line/test_hangs.py.

python -m tests.line.hanging FOLDER released|held|never
"""

import ctypes
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from inspector.errors import InspectorError
from inspector.messages import Frame, Part
from tests.fakes import ScriptedScorer, ScriptedSource, frame
from tests.line.lines import Line

HANG_AT = 5


def main(folder: Path, hang: str) -> int:
    """Pictures come as fast as their numbers do on stdin, which buffers them as a driver does."""

    def pictures() -> Iterator[Frame]:
        while os.read(0, 1):
            yield frame(50)

    def score(part: Part) -> float:
        if part.seq == HANG_AT and hang == "released":
            time.sleep(1000)
        if part.seq == HANG_AT and hang == "held":
            ctypes.PyDLL(None).sleep(1000)  # a call in C that keeps Python's lock: no thread of ours runs any more
        return 1.0

    line = Line(folder)
    station = line.station(ScriptedSource(pictures(), live=True), ScriptedScorer(score), hang_s=0.5, slots=64)
    try:
        station.run(threading.Event(), time.monotonic(), lambda health: None)
    except InspectorError as error:
        print(error, file=sys.stderr)
        os._exit(error.exit_code)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2]))
