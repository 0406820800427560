"""The `inspector` command: thin; what it does is in the rooms, imported when it is asked for."""

import argparse
import faulthandler
import json
import math
import os
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loguru import logger

from inspector import STARTED, __version__
from inspector.config import CAMERAS, Config, NoPlc, TrackedPlc, load, lossless, override
from inspector.errors import ConfigError, HangError, InspectorError
from inspector.log import logged
from inspector.process import Stop, die_with, own_command

if TYPE_CHECKING:
    from inspector.line.record import Recorder

DEFAULT_CONFIG = "config.yaml"
RECORDED = {
    "segment_mb": (500.0, "a segment of the recording ends when its pictures take so much"),
    "segment_minutes": (10.0, "or after so long"),
    "keep_mb": (20_000.0, "the oldest segments are removed when all take more"),
    "keep_hours": (168.0, "or when they are older"),
    "free_mb": (1000.0, "so much of the disk stays free"),
}
"""What bounds a recording: option -> its default, and what it says."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. An InspectorError is one line on stderr; other faults show where."""
    options = _parser().parse_args(arguments)
    if options.parent is not None:
        die_with(options.parent)
    try:
        return int(options.command(options))
    except InspectorError as error:
        print(f"inspector: {error}", file=sys.stderr)
        if isinstance(error, HangError):
            sys.stderr.flush()
            os._exit(error.exit_code)  # an ordinary end would wait for the thread that does not come back
        return error.exit_code
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    except Exception:
        logger.exception("a fault in inspector itself; please report it")
        return InspectorError.exit_code


def _run(options: argparse.Namespace) -> int:
    config = _config(options)
    stop = Stop()
    with logged(config.station, "station" if options.alone else "supervisor"):
        _require_folder(options.summary)
        if options.parent is None:  # else the supervisor has looked
            _require_ports(config, viewer=config.viewer.start and not options.alone)
        return stop.code(_station(config, options, stop) if options.alone else _supervise(config, options, stop))


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
    for flag in ("source", "recipe", "summary", "replay", "record", *RECORDED):
        if (value := getattr(options, flag, None)) is not None:
            here += [f"--{flag.replace('_', '-')}", str(value)]
    command = own_command("run", *here, "--alone", "--started", str(STARTED))
    station = Program(name="station", command=command, restart=Restart.WHEN_FAULTY, silent_s=SILENT_S)
    return supervise(station, beside, stop, lambda: stop.signal or signal.SIGINT)


def _station(config: Config, options: argparse.Namespace, stop: Stop) -> int:
    from inspector.console import Terminal
    from inspector.line.present import Presenter
    from inspector.line.recipes import with_recipe_in_force
    from inspector.line.station import run_station

    faulthandler.enable()  # where each thread stood is said when the process crashes, or is told to abort
    presenter = Presenter(with_recipe_in_force(config), Terminal())
    with _recorder(config, options) as recorder:
        summary = run_station(config, stop, options.started or STARTED, presenter.heartbeat, recorder)
    if options.summary is not None:
        _write(Path(options.summary), json.dumps(summary.as_json(), indent=2) + "\n")
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


def _replay(options: argparse.Namespace) -> int:
    from inspector.console import Terminal, counting, say

    options.source = options.footage
    if not (options.verify or options.update or options.against):
        options.replay = 1.0 if options.speed is None else options.speed
        options.alone, options.started = False, None
        return _run(options)
    from inspector.line.flips import compare
    from inspector.line.flips_page import page
    from inspector.line.verify import update, verify

    config, speed, stop, terminal = _config(options), options.speed or 0.0, Stop(), Terminal()
    with logged(config.station, "replay"), counting("parts") as count:
        if options.against:
            _require_folder(options.report)
            compared = compare(config, Path(options.against), stop, count)
            _write(Path(options.report), page(compared))
            say(terminal, {"flips": f"{len(compared.flips)} of {compared.parts} parts", "look at": options.report})
        elif options.update:
            said, close = update(config, speed, stop, count)
            say(terminal, {"expected": said})
            for line in close:
                print(f"inspector: close call: {line}", file=sys.stderr)
        else:
            say(terminal, {"verified": verify(config, speed, stop, count)})
    return stop.code(0)


def _teach(options: argparse.Namespace) -> int:
    from inspector.console import Terminal, progress_bars
    from inspector.line.teach import Lesson, report, teach

    config = _config(options)
    lesson = Lesson(
        out=Path(options.out),
        parts=options.parts,
        every_s=options.every,
        region=options.region,
        ignore=Path(options.ignore) if options.ignore else None,
        min_defect_area=options.min_defect_area,
        any_size=options.any_size,
    )
    again = ["inspector", "run"]
    again += [] if options.config == DEFAULT_CONFIG else ["-c", options.config]
    again += [] if options.source is None else ["--source", options.source]
    stop = Stop()
    with logged(config.station, "teach"):
        try:
            with progress_bars() as progress:
                taught = teach(config, lesson, stop, progress)
        except KeyboardInterrupt:
            print("inspector: stopped before the recipe was fitted; nothing was written", file=sys.stderr)
            return stop.code(0)
        report(taught, shlex.join([*again, "--recipe", options.out]), Terminal())
    return stop.code(0)


def _bridge(options: argparse.Namespace) -> int:
    from inspector.plc.bridge import run_bridge

    config, stop = _config(options), Stop()
    if options.selftest:
        return _selftest(config)
    with logged(config.station, "bridge"):
        return run_bridge(config, stop)


def _selftest(config: Config) -> int:
    from inspector.plc.selftest import run_selftest

    if not isinstance(config.plc, TrackedPlc):
        raise ConfigError("plc.type is console or null; a self-test needs a PLC: modbus, modbus_server or opcua")
    return run_selftest(config.plc)


def _view(options: argparse.Namespace) -> int:
    from inspector.viewer import elsewhere
    from inspector.viewer.view import run_viewer

    os.nice(5)  # where the cores are all taken, looking waits, not judging
    stop = Stop()
    if options.station is None:
        config = _config(options)
    else:  # from a machine that may have no configuration of its own
        there = Path(options.config).exists() or options.config != DEFAULT_CONFIG
        config = elsewhere.at(_config(options) if there else elsewhere.plain(), options.station, options.name)
    with logged(config.station, "viewer"):
        return run_viewer(config, stop)


def _store(options: argparse.Namespace) -> int:
    from inspector.store.keep import run_store

    config, stop = _config(options), Stop()
    with logged(config.station, "store"):
        return run_store(config, stop)


def _verify_log(options: argparse.Namespace) -> int:
    from inspector.store.inspect_log import verify_log

    print(verify_log(_config(options), options.head, options.pictures))
    return 0


def _export_log(options: argparse.Namespace) -> int:
    from inspector.store.inspect_log import export_log

    count = export_log(_config(options), options.csv, tuple(options.kind))
    print(f"{count} entries", file=sys.stderr)
    return 0


def _check(options: argparse.Namespace) -> int:
    from inspector.console import Terminal, say
    from inspector.line.check import check

    if options.camera is not None:
        return _check_camera(options)
    config, terminal = _config(options), Terminal()
    for finding in check(config):
        say(terminal, {finding.what: finding.found})
    _require_ports(config, viewer=config.viewer.start)
    return 0


def _keys(options: argparse.Namespace) -> int:
    from inspector.wire.keys import make_pair, make_set

    folder = Path(options.folder)
    for path in make_pair(folder, options.pair) if options.pair else make_set(folder):
        print(path)
    if not options.pair:
        print(
            f"wire: {{keys: {options.folder}}} in config.yaml uses them; docs/wire.md says what goes to other machines"
        )
    return 0


def _check_camera(options: argparse.Namespace) -> int:
    from inspector.console import Terminal, say
    from inspector.line.check_camera import check_camera

    terminal = Terminal()
    for finding in check_camera(options.camera, dict(options.given), Path(options.picture)):
        say(terminal, {finding.what: finding.found})
    return 0


def _config(options: argparse.Namespace) -> Config:
    """The configuration with the command line's overrides."""
    config = load(Path(options.config))
    if getattr(options, "recipe", None) is not None:
        config = override(config, recipe=options.recipe)
    if getattr(options, "source", None) is not None:
        from inspector.sources.choose import source_from_argument

        config = override(config, source=source_from_argument(options.source))
    if getattr(options, "replay", None) is not None:
        config = lossless(config, options.replay)
    return config


def _require_ports(config: Config, viewer: bool) -> None:
    """Raise ConfigError for a port that is in use, before anything starts."""
    from inspector.line.ports import require_free
    from inspector.viewer.listen import bind

    require_free(config.wire)
    if viewer:
        bind(config.viewer).close()


def _require_folder(summary: str | None) -> None:
    """Raise ConfigError before the run for what could not be written after it."""
    if summary is not None and not Path(summary).absolute().parent.is_dir():
        raise ConfigError(f"cannot write {summary}: there is no folder {Path(summary).parent}")


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not (equals and key.isidentifier()):
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: KEY=VALUE, such as exposure_us=5000")
    return key, value


def _rectangle(text: str) -> tuple[int, int, int, int]:
    numbers = [int(number) if number.strip().isdecimal() else -1 for number in text.split(",")]
    if len(numbers) != 4 or min(numbers) < 0 or 0 in numbers[2:]:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: X,Y,WIDTH,HEIGHT in pixels, such as 100,50,640,480")
    x, y, width, height = numbers
    return x, y, width, height


def _parts(text: str) -> int:
    if not (text.isdecimal() and int(text) > 0):
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a whole number, at least 1")
    return int(text)


def _not_negative(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"{text!r}; allowed: a number, at least 0")
    return number


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inspector", description="Pass or fail for every part on a production line.")
    parser.add_argument("--version", action="version", version=f"inspector {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: object, help_: str, among: Any = commands) -> argparse.ArgumentParser:
        added: argparse.ArgumentParser = among.add_parser(name, help=help_, description=help_)
        added.set_defaults(command=run)
        added.add_argument("-c", "--config", metavar="FILE", default=DEFAULT_CONFIG, help=f"default: {DEFAULT_CONFIG}")
        added.add_argument("--parent", type=int, help=argparse.SUPPRESS)
        return added

    def with_source(added: argparse.ArgumentParser) -> None:
        added.add_argument("--source", metavar="S", help="a camera's number or rtsp://…, a video, folder or recording")

    def with_run(added: argparse.ArgumentParser) -> None:
        with_source(added)
        added.add_argument("--recipe", metavar="FOLDER", help="instead of the configured one")
        added.add_argument("--summary", metavar="FILE", help="write what the run came to as JSON")
        added.add_argument("--alone", action="store_true", help="the station only, in this process; for systemd")
        added.add_argument("--started", type=float, help=argparse.SUPPRESS)

    run = command("run", _run, "Run the station, and beside it the bridge, the store and the viewer as configured.")
    with_run(run)
    run.add_argument("--replay", type=float, help=argparse.SUPPRESS)
    run.add_argument("--record", help=argparse.SUPPRESS)
    for name in RECORDED:
        run.add_argument(f"--{name.replace('_', '-')}", type=float, help=argparse.SUPPRESS)

    record = command("record", _run, "Run the station as `run` does, and record what the camera gives, without loss.")
    with_run(record)
    record.add_argument("--out", dest="record", metavar="FOLDER", default="rec", help="default: rec")
    for name, (default, says) in RECORDED.items():
        flag, unit = f"--{name.replace('_', '-')}", name.partition("_")[2].upper()
        record.add_argument(
            flag, metavar=unit, type=_not_negative, default=default, help=f"{says}; default: {default:g}"
        )

    replay = command("replay", _replay, "Run recorded footage through the line, every frame of it, and no deadline.")
    replay.add_argument("footage", metavar="S", nargs="?", help="a recording, a video or a folder; default: configured")
    replay.add_argument("--recipe", metavar="FOLDER", help="instead of the configured one")
    replay.add_argument("--summary", metavar="FILE", help="write what the run came to as JSON")
    replay.add_argument(
        "--speed", metavar="N", type=_not_negative,
        help="1: in real time, the default; 0: as fast as it can be judged, the default of what follows",
    )  # fmt: skip
    asked = replay.add_mutually_exclusive_group()
    asked.add_argument("--verify", action="store_true", help="compare with the expected verdicts; exit code 5")
    asked.add_argument("--update", action="store_true", help="write down what comes as what is expected")
    asked.add_argument("--against", metavar="RECIPE", help="report each part that this recipe would judge otherwise")
    replay.add_argument("--report", metavar="FILE", default="flips.html", help="of --against; default: flips.html")

    teach = command("teach", _teach, "Fit a recipe from good parts, seen as the line will see them.")
    with_source(teach)
    teach.add_argument("--out", metavar="FOLDER", default="banks/taught", help="the recipe; default: banks/taught")
    teach.add_argument("--parts", metavar="N", type=_parts, default=100, help="good parts to take; default: 100")
    teach.add_argument(
        "--every", metavar="S", type=_not_negative, default=0.0, help="at least so many seconds between two parts"
    )
    teach.add_argument("--region", metavar="X,Y,W,H", type=_rectangle, help="judge only this part of the picture")
    teach.add_argument("--ignore", metavar="MASK.png", help="what is white in it rejects no part (a date code, say)")
    teach.add_argument("--min-defect-area", metavar="PX2", type=_not_negative, default=0.0, help="smaller defects pass")
    teach.add_argument("--any-size", action="store_true", help="take pictures of different sizes")

    bridge = command("bridge", _bridge, "Drive the PLC from the station's verdicts.")
    bridge.add_argument("--selftest", action="store_true", help="play the handshake against the PLC, and report")
    view = command("view", _view, "Serve the viewer's web page.")
    view.add_argument(
        "--station", metavar="tcp://HOST:PORT", help="look at a station elsewhere: where its verdicts are"
    )
    view.add_argument("--name", metavar="N", help="of that station, where it is not the configured one")
    keys = command("keys", _keys, "Make keys for the wire: who may listen, who may command.")
    keys.add_argument("folder", metavar="FOLDER", nargs="?", default="keys", help="default: keys")
    keys.add_argument("--pair", metavar="NAME", help="one pair only, NAME.secret and NAME.public, for another machine")
    command("store", _store, "Keep the log of verdicts and events, and the evidence pictures.")
    log = commands.add_parser("log", help="Verify or export the log.", description="Verify or export the log.")
    logs = log.add_subparsers(required=True, metavar="COMMAND")
    verify = command("verify", _verify_log, "Whether the log is as it was written; exit code 5 where it is not.", logs)
    verify.add_argument("--head", metavar="ID:HASH", help="noted earlier; default: what the running station tells")
    verify.add_argument("--pictures", action="store_true", help="look at the evidence, too, which takes longer")
    export = command("export", _export_log, "Write the log as a table.", logs)
    export.add_argument("--csv", metavar="FILE", required=True, help="- for standard output")
    export.add_argument("--kind", metavar="K", action="append", default=[], help="only these entries, such as verdict")
    check = command("check", _check, "Say what would run, grab one frame, judge it.")
    with_source(check)
    check.add_argument("--recipe", metavar="FOLDER", help="instead of the configured one")
    check.add_argument("--camera", metavar="TYPE", choices=CAMERAS, help="find a camera and its values: %(choices)s")
    check.add_argument(
        "--with", metavar="KEY=VALUE", dest="given", type=_pair, action="append", default=[],
        help="with --camera: a key of its source section; may be repeated",
    )  # fmt: skip
    check.add_argument("--picture", metavar="FILE", default="camera.png", help="with --camera; default: camera.png")
    return parser


if __name__ == "__main__":
    sys.exit(main())
