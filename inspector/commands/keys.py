"""`inspector keys`: who may listen to the wire, and who may command."""

import argparse
from pathlib import Path

from inspector.commands.options import Commands, command


def add_keys(commands: Commands) -> None:
    """`inspector keys`."""
    added = command(commands, "keys", keys, "Make keys for the wire: who may listen, who may command.")
    added.add_argument("folder", metavar="FOLDER", nargs="?", default="keys", help="default: keys")
    added.add_argument("--pair", metavar="NAME", help="one pair only, NAME.secret and NAME.public, for another machine")


def keys(options: argparse.Namespace) -> int:
    """Make a station's set, or one more pair."""
    from inspector.wire.keys import make_pair, make_set

    folder = Path(options.folder)
    for path in make_pair(folder, options.pair) if options.pair else make_set(folder):
        print(path)
    if not options.pair:
        print(
            f"wire: {{keys: {options.folder}}} in config.yaml uses them; docs/wire.md says what goes to other machines"
        )
    return 0
