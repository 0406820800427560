"""`inspector check`: what would run, or which camera there is."""

import argparse
from pathlib import Path

from inspector.commands.options import (
    Commands,
    command,
    configuration,
    pair,
    require_ports,
    with_recipe,
    with_source,
)
from inspector.config import CAMERAS


def add_check(commands: Commands) -> None:
    """`inspector check`."""
    added = command(commands, "check", check, "Say what would run, grab one frame, judge it.")
    with_source(added)
    with_recipe(added)
    added.add_argument("--camera", metavar="TYPE", choices=CAMERAS, help="find a camera and its values: %(choices)s")
    added.add_argument(
        "--with", metavar="KEY=VALUE", dest="given", type=pair, action="append", default=[],
        help="with --camera: a key of its source section; may be repeated",
    )  # fmt: skip
    added.add_argument("--picture", metavar="FILE", default="camera.png", help="with --camera; default: camera.png")


def check(options: argparse.Namespace) -> int:
    """Say it a line each; raises an error for what would not run."""
    from inspector.console import Terminal, say

    terminal = Terminal()
    if options.camera is not None:
        from inspector.line.check_camera import check_camera

        for finding in check_camera(options.camera, dict(options.given), Path(options.picture)):
            say(terminal, {finding.what: finding.found})
        return 0
    from inspector.line.check import check as look

    config = configuration(options)
    for finding in look(config):
        say(terminal, {finding.what: finding.found})
    require_ports(config, viewer=config.viewer.start)
    return 0
