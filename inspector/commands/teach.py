"""`inspector teach`: a recipe from good parts."""

import argparse
import shlex
import sys
from pathlib import Path

from inspector.commands.options import (
    DEFAULT_CONFIG,
    Commands,
    command,
    configuration,
    count,
    not_negative,
    numbers,
    rectangle,
    with_source,
)
from inspector.errors import unwritable
from inspector.log import logged
from inspector.process import Stop


def add_teach(commands: Commands) -> None:
    """`inspector teach`."""
    added = command(commands, "teach", teach, "Fit a recipe from good parts, seen as the line will see them.")
    with_source(added)
    added.add_argument("--out", metavar="FOLDER", default="banks/taught", help="the recipe; default: banks/taught")
    added.add_argument("--parts", metavar="N", type=count, default=100, help="good parts to take; default: 100")
    added.add_argument(
        "--every", metavar="S", type=not_negative, default=0.0, help="at least so many seconds between two parts"
    )
    added.add_argument(
        "--leave-out",
        metavar="N,N",
        type=numbers,
        default=frozenset(),
        help="parts that are not good, by their numbers",
    )
    added.add_argument("--region", metavar="X,Y,W,H", type=rectangle, help="judge only this part of the picture")
    added.add_argument("--ignore", metavar="MASK.png", help="what is white in it rejects no part (a date code, say)")
    added.add_argument("--min-defect-area", metavar="PX2", type=not_negative, default=0.0, help="smaller defects pass")
    added.add_argument("--any-size", action="store_true", help="take pictures of different sizes")


def teach(options: argparse.Namespace) -> int:
    """Take parts, fit, and say what to look at and how to run it."""
    from inspector.console import Terminal, progress_bars
    from inspector.line import teach as teaching

    config = configuration(options)
    lesson = teaching.Lesson(
        out=Path(options.out),
        parts=options.parts,
        every_s=options.every,
        leave_out=options.leave_out,
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
                taught = teaching.teach(config, lesson, stop, progress)
        except KeyboardInterrupt:
            print("inspector: stopped before the recipe was fitted; nothing was written", file=sys.stderr)
            return stop.code(0)
        except OSError as error:  # of a file that is written: reading has errors of its own
            raise unwritable(error) from error
        teaching.report(taught, shlex.join([*again, "--recipe", options.out]), Terminal())
    return stop.code(0)
