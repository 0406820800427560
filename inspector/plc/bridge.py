"""`inspector bridge`: hear the station, decide each part once, drive the output, and leave it safe."""

import math
import threading
import time
from contextlib import closing

from loguru import logger

from inspector.config import Config, ConsolePlc, NoPlc, WireConfig
from inspector.plc.beat import Beat
from inspector.plc.console import ConsoleOutput
from inspector.plc.decisions import Totals
from inspector.plc.ledger import Ledger
from inspector.plc.output import Output
from inspector.wire.subscribe import Contradiction, Gap, Malformed, NewRun, Received, Subscriber

LOOP_S = 0.1
"""How long the bridge waits for a message, at most, before it looks at the clock and at `stop`."""
LAST_S = 0.5
"""Told to stop, it decides what has already come, for so long at most: a station's last verdicts, say."""


def run_bridge(config: Config, stop: threading.Event) -> int:
    """Drive the configured PLC until `stop` is set; returns the exit code."""
    if isinstance(config.plc, NoPlc):
        print("inspector bridge: there is nothing to drive, since plc.type is null; `type: console` shows decisions")
        return 0
    with closing(ConsoleOutput()) as output:
        totals = drive(config.wire, config.station.name, config.plc, output, stop)
    print(f"bridge: {totals}")
    return 0


def drive(
    wire: WireConfig,
    station: str,
    plc: ConsolePlc,
    output: Output,
    stop: threading.Event,
) -> Totals:
    """The bridge's loop: receive, decide, act. It outlives the station, and stays for its next run."""
    ledger = Ledger(plc.accept_replay, plc.timeout_ms / 1000)
    wait_s = min(LOOP_S, plc.timeout_ms / 4000)
    shown = ledger.ready(time.monotonic())
    output.ready(shown)
    stop_by, over = math.inf, False
    with closing(Beat(wire, station)) as beat, closing(Subscriber(wire, station, "bridge")) as subscriber:
        while not over:
            stopping = stop.is_set()
            received = subscriber.receive(wait_s)
            now = time.monotonic()
            for decision in ledger.take(received, now):
                output.decide(decision)
            if (readiness := ledger.ready(now)) != shown:
                shown = readiness
                output.ready(shown)
            beat.tell(shown, ledger.totals, now)
            _log(received)
            stop_by = min(stop_by, now + LAST_S) if stopping else stop_by
            over = stopping and (not received or now >= stop_by)
    for decision in ledger.close():
        output.decide(decision)
    return ledger.totals


def _log(received: list[Received]) -> None:
    for item in received:
        match item:
            case NewRun(run=run, previous=previous):
                logger.info("run {} of the station{}", run, f", after {previous}" if previous else "")
            case Gap(run=run, first=first, last=last):
                logger.warning("run {}: verdicts {} to {} are lost", run, first, last)
            case Contradiction(stands=stands, refused=refused):
                both = f"{stands.outcome}, which stands, and {refused.outcome}"
                logger.error("run {}: part {} has two verdicts, {}", stands.run, stands.seq, both)
            case Malformed(what=what, error=error):
                logger.warning("not understood, on {}: {}", what, error)
            case _:
                pass
