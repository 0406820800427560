"""The `inspector` command."""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

from loguru import logger

from inspector import __version__
from inspector.commands.beside import add_beside
from inspector.commands.check import add_check
from inspector.commands.keys import add_keys
from inspector.commands.log import add_log
from inspector.commands.replay import add_replay
from inspector.commands.run import add_record, add_run
from inspector.commands.teach import add_teach
from inspector.errors import HangError, InspectorError
from inspector.log import begin
from inspector.process import die_with

COMMANDS = (add_run, add_teach, add_check, add_record, add_replay, add_beside, add_log, add_keys)
"""In the order in which `inspector --help` lists them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. An InspectorError is one line on stderr; other faults show where."""
    options = _parser().parse_args(arguments)
    begin()
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="inspector", description="Pass or fail for every part on a production line.")
    parser.add_argument("--version", action="version", version=f"inspector {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
