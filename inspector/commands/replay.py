"""`inspector replay`: recorded footage through the line, to look at, to verify, or to compare recipes by."""

import argparse
import sys
from pathlib import Path

from inspector.commands.options import (
    Commands,
    command,
    configuration,
    not_negative,
    require_folder,
    with_recipe,
    write,
)
from inspector.commands.run import run
from inspector.errors import ConfigError
from inspector.log import logged
from inspector.process import Stop


def add_replay(commands: Commands) -> None:
    """`inspector replay`."""
    added = command(
        commands, "replay", replay, "Run recorded footage through the line, every frame of it, and no deadline."
    )
    added.add_argument("footage", metavar="S", nargs="?", help="a recording, a video or a folder; default: configured")
    with_recipe(added)
    added.add_argument("--summary", metavar="FILE", help="write what the run came to as JSON")
    added.add_argument(
        "--speed", metavar="N", type=not_negative,
        help="1: in real time, the default; 0: as fast as it can be judged, the default of what follows",
    )  # fmt: skip
    asked = added.add_mutually_exclusive_group()
    asked.add_argument("--verify", action="store_true", help="compare with the expected verdicts; exit code 5")
    asked.add_argument("--update", action="store_true", help="write down what comes as what is expected")
    asked.add_argument("--against", metavar="RECIPE", help="report each part that this recipe would judge otherwise")
    added.add_argument("--report", metavar="FILE", default="flips.html", help="of --against; default: flips.html")


def replay(options: argparse.Namespace) -> int:
    """Run the line on footage; or only its scorer, where verdicts are to be compared.

    Raises ConfigError for an update of a recording that is not named.
    """
    options.source = options.footage
    if options.update and not options.footage:  # an empty $REC must not write over the configured recording's
        raise ConfigError("--update writes into a recording, so name it: inspector replay REC --update")
    if not (options.verify or options.update or options.against):
        options.replay = 1.0 if options.speed is None else options.speed
        options.alone, options.started = False, None
        return run(options)
    from inspector.console import Terminal, counting, say
    from inspector.line.flips import compare
    from inspector.line.flips_page import page
    from inspector.line.verify import update, verify

    config, speed, stop, terminal = configuration(options), options.speed or 0.0, Stop(), Terminal()
    with logged(config.station, "replay"), counting("parts") as count:
        if options.against:
            require_folder(options.report)
            compared = compare(config, Path(options.against), stop, count)
            write(Path(options.report), page(compared))
            say(terminal, {"flips": f"{len(compared.flips)} of {compared.parts} parts", "look at": options.report})
        elif options.update:
            said, close = update(config, speed, stop, count)
            say(terminal, {"expected": said})
            for line in close:
                print(f"inspector: close call: {line}", file=sys.stderr)
        else:
            say(terminal, {"verified": verify(config, speed, stop, count)})
    return stop.code(0)
