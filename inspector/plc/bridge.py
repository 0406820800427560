"""`inspector bridge`: hear the station, decide each part once, drive the output, and leave it safe."""

import math
import threading
import time
from contextlib import closing

from loguru import logger

from inspector.config import Config, ConsolePlc, NoPlc, TrackedPlc, WireConfig
from inspector.plc.beat import Beat
from inspector.plc.console import ConsoleOutput
from inspector.plc.decisions import Totals
from inspector.plc.ledger import Ledger
from inspector.plc.link import open_link
from inspector.plc.output import Output
from inspector.plc.plc import Plc
from inspector.plc.unhurried import Unhurried
from inspector.wire.subscribe import Contradiction, Gap, Malformed, NewRun, Received, Subscriber

LOOP_S = 0.1
"""How long the bridge waits for a message, at most, before it looks at the clock and at `stop`."""
TRACKED_LOOP_S = 0.01
"""The same with a belt to follow: the PLC's readings are looked at so often."""
LAST_S = 0.5
"""Told to stop, it decides what has already come, for so long at most: a station's last verdicts, say."""


def run_bridge(config: Config, stop: threading.Event) -> int:
    """Drive the configured PLC until `stop` is set; returns the exit code."""
    wire, station, plc = config.wire, config.station.name, config.plc
    if isinstance(plc, NoPlc):
        print("inspector bridge: there is nothing to drive, since plc.type is null; `type: console` shows decisions")
        return 0
    with closing(ConsoleOutput()) as output:
        if isinstance(plc, TrackedPlc):
            if plc.actuate == "pulse":
                logger.warning(
                    "plc.actuate is pulse: what the bridge does not reject passes, so safety rests on the PLC, "
                    "which must divert while HEARTBEAT stands or EPOCH_ECHO differs (docs/plc.md)"
                )
            with closing(Unhurried(output)) as shown:
                totals = drive_plc(wire, station, plc, shown, stop)
        else:
            totals = drive(wire, station, plc, output, stop)
    print(f"bridge: {totals}")
    return 0


def drive_plc(wire: WireConfig, station: str, plc: TrackedPlc, output: Output, stop: threading.Event) -> Totals:
    """Drive a PLC over its protocol. Raises ConfigError for what cannot be used."""
    with closing(open_link(plc)) as link, closing(Plc(plc, wire, station, link)) as line:
        return _loop(wire, station, line.ledger, line, TRACKED_LOOP_S, output, stop)


def drive(wire: WireConfig, station: str, plc: ConsolePlc, output: Output, stop: threading.Event) -> Totals:
    """Show decisions where there is no PLC."""
    ledger = Ledger(plc.accept_replay, plc.timeout_ms / 1000)
    return _loop(wire, station, ledger, None, min(LOOP_S, plc.timeout_ms / 4000), output, stop)


def _loop(
    wire: WireConfig,
    station: str,
    ledger: Ledger,
    plc: Plc | None,
    wait_s: float,
    output: Output,
    stop: threading.Event,
) -> Totals:
    """Receive, decide, act. It outlives the station, and stays for its next run."""
    shown = ledger.ready(time.monotonic())
    output.ready(shown)
    stop_by, over = math.inf, False
    with (
        closing(Beat(wire, station)) as beat,
        closing(Subscriber(wire, station, "bridge", greet=plc is None)) as subscriber,
    ):
        while not over:
            stopping = stop.is_set()
            received = subscriber.receive(wait_s)
            now = time.monotonic()
            decisions = ledger.take(received, now, plc.samples() if plc else ())
            readiness = plc.readiness(now) if plc else ledger.ready(now)
            if plc is not None:
                plc.write_ahead(decisions)
                plc.act(decisions, readiness, now)
                subscriber.greet(plc.in_step(now))  # a station that waits for its bridge takes no part before
            for decision in decisions:
                output.decide(decision)
            if readiness != shown:
                shown = readiness
                output.ready(shown)
            beat.tell(shown, ledger.totals, now)
            _log(received)
            stop_by = min(stop_by, now + LAST_S) if stopping else stop_by
            over = stopping and (not received or now >= stop_by)
    left = ledger.close()
    if plc is not None:
        plc.write_ahead(left)
    for decision in left:
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
