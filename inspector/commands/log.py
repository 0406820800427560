"""`inspector log`: what the store has written, verified or as a table."""

import argparse
import sys

from inspector.commands.options import Commands, command, configuration


def add_log(commands: Commands) -> None:
    """`inspector log verify` and `export`."""
    log = commands.add_parser("log", help="Verify or export the log.", description="Verify or export the log.")
    logs = log.add_subparsers(required=True, metavar="COMMAND")
    added = command(logs, "verify", verify, "Whether the log is as it was written; exit code 5 where it is not.")
    added.add_argument("--head", metavar="ID:HASH", help="noted earlier; default: what the running station tells")
    added.add_argument("--pictures", action="store_true", help="look at the evidence, too, which takes longer")
    added = command(logs, "export", export, "Write the log as a table.")
    added.add_argument("--csv", metavar="FILE", required=True, help="- for standard output")
    added.add_argument("--kind", metavar="K", action="append", default=[], help="only these entries, such as verdict")


def verify(options: argparse.Namespace) -> int:
    """Walk the chain."""
    from inspector.store.inspect_log import verify_log

    print(verify_log(configuration(options), options.head, options.pictures))
    return 0


def export(options: argparse.Namespace) -> int:
    """Write the table."""
    from inspector.store.inspect_log import export_log

    entries = export_log(configuration(options), options.csv, tuple(options.kind))
    print(f"{entries} entries", file=sys.stderr)
    return 0
