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
ASKED_FOR: Final = 150
"""Parts after the last: what was lost on the way is asked for again by then."""


def paced(recording: Path, count: int = PARTS, settle_s: float = SETTLE_S, threads: int = 0) -> dict[str, Any]:
    """The latencies of so many parts. Raises InspectorError where the programs do not come up, or fall silent."""
    with tempfile.TemporaryDirectory(prefix="inspector-") as temporary:
        folder = Path(temporary)
        config = configured(folder, recording, threads=threads)
        with (
            program(folder, "run", "--alone"),
            closing(Subscriber(config.wire, config.station.name, "bridge")) as wire,
            program(folder, "view"),
        ):
            _wait_for(config.viewer.port)
            with sockets(config, 1):
                verdicts = _heard(wire, count, settle_s)
    latency_ms = np.array([verdict.latency_ms for verdict in verdicts])
    figures = percentiles(latency_ms)
    return {
        "parts": len(verdicts),
        "parts_per_second": RATE,
        "outcomes": dict(Counter(verdict.outcome for verdict in verdicts)),
        "lost": count - len(verdicts),
        "arrival_to_published_ms": figures,
        "score_ms": percentiles(np.array([verdict.stages_ms.get("score", 0.0) for verdict in verdicts])),
        "goals": [{"goal": "arrival to published, p99", "at_most_ms": GOAL_P99_MS, "ms": figures["p99"],
                   "met": figures["p99"] <= GOAL_P99_MS}],
    }  # fmt: skip


def _heard(wire: Subscriber, count: int, settle_s: float) -> list[Verdict]:
    """The verdicts of so many parts in a row, beginning when the line has settled; fewer where some are lost."""
    found: dict[int, Verdict] = {}
    first = newest = 0
    last = time.monotonic()
    settled = last + settle_s
    while not first or (len(found) < count and newest < first + count + ASKED_FOR):
        for item in wire.receive(0.1):
            if isinstance(item, VerdictReceived):
                seq = item.verdict.seq
                if seq > newest:
                    newest, last = seq, time.monotonic()
                    first = first or (seq if last > settled else 0)
                if first and first <= seq < first + count:
                    found[seq] = item.verdict
        if time.monotonic() > last + PATIENCE_S:
            raise InspectorError(f"no further part's verdict for {PATIENCE_S:.0f} s, after {len(found)} of {count}")
    return [found[seq] for seq in sorted(found)]


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
