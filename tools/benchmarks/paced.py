"""Thirty parts a second through the whole line, its viewer open: from a part's arrival until its verdict is published.

Real programs, as `inspector run` starts them: the station on the bundled recording, whose pictures it decodes itself,
the viewer, and a follower on the viewer's socket that takes all it is sent. Verdicts are heard as a bridge hears them.
"""

import socket
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import numpy as np

from inspector.errors import InspectorError
from inspector.messages import Verdict
from inspector.wire.subscribe import Subscriber, VerdictReceived
from tools.benchmarks.trial import percentiles
from tools.viewer_load import RATE, configured, program, sockets

PARTS: Final = 10_000
GOAL_P99_MS: Final = 30.0
SETTLE_S: Final = 3.0
PATIENCE_S: Final = 120.0


def paced(recording: Path, count: int = PARTS, settle_s: float = SETTLE_S, threads: int = 0) -> dict[str, Any]:
    """The latencies of so many parts. Raises InspectorError where the programs do not come up, or fall silent."""
    with tempfile.TemporaryDirectory(prefix="inspector-") as temporary:
        folder = Path(temporary)
        config = configured(folder, recording, threads)
        with (
            program(folder, "run", "--alone"),
            closing(Subscriber(config.wire, config.station.name, "bridge")) as wire,
            program(folder, "view"),
        ):
            _wait_for(config.viewer.port)
            with sockets(config, 1):
                _heard(wire, 1, settle_s)
                verdicts = _heard(wire, count)
    latency_ms = np.array([verdict.latency_ms for verdict in verdicts])
    numbers = {(verdict.run, verdict.seq) for verdict in verdicts}
    first, last = verdicts[0], verdicts[-1]
    figures = percentiles(latency_ms)
    return {
        "parts": len(verdicts),
        "parts_per_second": RATE,
        "outcomes": dict(Counter(verdict.outcome for verdict in verdicts)),
        "lost": last.seq - first.seq + 1 - len(numbers) if first.run == last.run else None,
        "arrival_to_published_ms": figures,
        "score_ms": percentiles(np.array([verdict.stages_ms.get("score", 0.0) for verdict in verdicts])),
        "goals": [{"goal": "arrival to published, p99", "at_most_ms": GOAL_P99_MS, "ms": figures["p99"],
                   "met": figures["p99"] <= GOAL_P99_MS}],
    }  # fmt: skip


def _heard(wire: Subscriber, count: int, settle_s: float = 0.0) -> list[Verdict]:
    """The next verdicts, at least so many, and all that come within so many seconds."""
    found: list[Verdict] = []
    begun = last = time.monotonic()
    while len(found) < count or time.monotonic() - begun < settle_s:
        new = [item.verdict for item in wire.receive(0.1) if isinstance(item, VerdictReceived)]
        found += new
        last = time.monotonic() if new else last
        if time.monotonic() - last > PATIENCE_S:
            raise InspectorError(f"no verdict for {PATIENCE_S:.0f} s, after {len(found)} of {count}")
    return found[:count] if not settle_s else found


def _wait_for(port: int) -> None:
    """Until the viewer listens there."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError as error:
            if time.monotonic() > until:
                raise InspectorError(f"the viewer did not listen on port {port} within {PATIENCE_S:.0f} s") from error
            time.sleep(0.05)
