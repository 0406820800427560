"""`inspector run` and `inspector record`: the station, and beside it the bridge, the store and the viewer."""

import argparse
import faulthandler
import json
import signal
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from inspector import STARTED
from inspector.commands.options import (
    Commands,
    command,
    configuration,
    not_negative,
    require_folder,
    require_ports,
    with_recipe,
    with_source,
    write,
)
from inspector.config import Config, NoPlc
from inspector.log import LogFile, logged
from inspector.process import Stop, own_command

if TYPE_CHECKING:
    from inspector.line.record import Recorder

RECORDED = {
    "segment_mb": (500.0, "a segment of the recording ends when its pictures take so much"),
    "segment_minutes": (10.0, "or after so long"),
    "keep_mb": (20_000.0, "the oldest segments are removed when all take more"),
    "keep_hours": (168.0, "or when they are older"),
    "free_mb": (1000.0, "so much of the disk stays free"),
}
"""What bounds a recording: option -> its default, and what it says."""


def add_run(commands: Commands) -> None:
    """`inspector run`."""
    added = command(
        commands, "run", run, "Run the station, and beside it the bridge, the store and the viewer as configured."
    )
    _with_run(added)
    added.add_argument("--replay", type=float, help=argparse.SUPPRESS)
    added.add_argument("--record", help=argparse.SUPPRESS)
    for name in RECORDED:
        added.add_argument(_flag(name), type=float, help=argparse.SUPPRESS)


def add_record(commands: Commands) -> None:
    """`inspector record`."""
    added = command(
        commands, "record", run, "Run the station as `run` does, and record what the camera gives, without loss."
    )
    _with_run(added)
    added.add_argument("--out", dest="record", metavar="FOLDER", default="rec", help="default: rec")
    for name, (default, says) in RECORDED.items():
        unit = name.partition("_")[2].upper()
        told = f"{says}; default: {default:g}"
        added.add_argument(_flag(name), metavar=unit, type=not_negative, default=default, help=told)


def run(options: argparse.Namespace) -> int:
    """Supervise the programs or, with --alone, be the station."""
    config = configuration(options)
    stop = Stop()
    with logged(config.station, "station" if options.alone else "supervisor") as file:
        require_folder(options.summary)
        if options.parent is None:  # else the supervisor has looked
            require_ports(config, viewer=config.viewer.start and not options.alone)
        return stop.code(_station(config, options, stop, file) if options.alone else _supervise(config, options, stop))


def _supervise(config: Config, options: argparse.Namespace, stop: Stop) -> int:
    from inspector.line.supervise import SILENT_S, Program, Restart, supervise

    here = ["-c", options.config]
    beside = []
    if not isinstance(config.plc, NoPlc) and config.plc.start:
        beside.append(Program(name="bridge", command=own_command("bridge", *here), restart=Restart.ALWAYS))
    if config.store is not None and config.store.start:
        beside.append(Program(name="store", command=own_command("store", *here), restart=Restart.ALWAYS))
    if config.viewer.start:
        beside.append(Program(name="viewer", command=own_command("view", *here), restart=Restart.ALWAYS))
    for name in ("source", "recipe", "summary", "replay", "record", *RECORDED):
        if (value := getattr(options, name, None)) is not None:
            here += [_flag(name), str(value)]
    alone = own_command("run", *here, "--alone", "--started", str(STARTED))
    station = Program(name="station", command=alone, restart=Restart.WHEN_FAULTY, silent_s=SILENT_S)
    return supervise(station, beside, stop, lambda: stop.signal or signal.SIGINT)


def _station(config: Config, options: argparse.Namespace, stop: Stop, file: LogFile | None) -> int:
    from inspector.console import Terminal
    from inspector.line.present import Presenter
    from inspector.line.recipes import with_recipe_in_force
    from inspector.line.station import run_station

    faulthandler.enable()  # where each thread stood is said when the process crashes, or is told to abort
    presenter = Presenter(with_recipe_in_force(config), Terminal())
    with _recorder(config, options) as recorder:
        summary = run_station(config, stop, options.started or STARTED, presenter.heartbeat, recorder, file)
    if options.summary is not None:
        write(Path(options.summary), json.dumps(summary.as_json(), indent=2) + "\n")
    presenter.summary(summary)
    return 0


@contextmanager
def _recorder(config: Config, options: argparse.Namespace) -> "Iterator[Recorder | None]":
    if getattr(options, "record", None) is None:
        yield None
        return
    from inspector.line.record import Recorder
    from inspector.sources.rolling import Limits

    limits = Limits(
        segment_bytes=options.segment_mb * 1e6,
        segment_s=options.segment_minutes * 60,
        keep_bytes=options.keep_mb * 1e6,
        keep_s=options.keep_hours * 3600,
        free_bytes=options.free_mb * 1e6,
    )
    with closing(Recorder(Path(options.record), limits, config.wire, config.station.name)) as recorder:
        yield recorder


def _with_run(added: argparse.ArgumentParser) -> None:
    with_source(added)
    with_recipe(added)
    added.add_argument("--summary", metavar="FILE", help="write what the run came to as JSON")
    added.add_argument("--alone", action="store_true", help="the station only, in this process; for systemd")
    added.add_argument("--started", type=float, help=argparse.SUPPRESS)


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"
