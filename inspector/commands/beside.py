"""The programs beside the station: `inspector bridge`, `inspector store`, `inspector view`."""

import argparse
import os
from pathlib import Path

from inspector.commands.options import DEFAULT_CONFIG, Commands, command, configuration
from inspector.config import TrackedPlc
from inspector.errors import ConfigError
from inspector.log import logged
from inspector.process import Stop


def add_beside(commands: Commands) -> None:
    """`inspector bridge`, `store` and `view`."""
    added = command(commands, "bridge", bridge, "Drive the PLC from the station's verdicts.")
    added.add_argument("--selftest", action="store_true", help="play the handshake against the PLC, and report")
    command(commands, "store", store, "Keep the log of verdicts and events, and the evidence pictures.")
    added = command(commands, "view", view, "Serve the viewer's web page.")
    added.add_argument(
        "--station", metavar="tcp://HOST:PORT", help="look at a station elsewhere: where its verdicts are"
    )
    added.add_argument("--name", metavar="N", help="of that station, where it is not the configured one")


def bridge(options: argparse.Namespace) -> int:
    """Drive the PLC, or test the way to it."""
    from inspector.plc.bridge import run_bridge
    from inspector.plc.selftest import run_selftest

    config, stop = configuration(options), Stop()
    if options.selftest:
        if not isinstance(config.plc, TrackedPlc):
            raise ConfigError("plc.type is console or null; a self-test needs a PLC: modbus, modbus_server or opcua")
        return run_selftest(config.plc)
    with logged(config.station, "bridge"):
        return run_bridge(config, stop)


def store(options: argparse.Namespace) -> int:
    """Keep the log and the evidence."""
    from inspector.store.keep import run_store

    config, stop = configuration(options), Stop()
    with logged(config.station, "store"):
        return run_store(config, stop)


def view(options: argparse.Namespace) -> int:
    """Serve the page, of this station or of one elsewhere."""
    from inspector.viewer import elsewhere
    from inspector.viewer.view import run_viewer

    os.nice(5)  # where the cores are all taken, looking waits, not judging
    stop = Stop()
    if options.station is None:
        config = configuration(options)
    else:  # from a machine that may have no configuration of its own
        there = Path(options.config).exists() or options.config != DEFAULT_CONFIG
        here = configuration(options) if there else elsewhere.plain()
        config = elsewhere.at(here, options.station, options.name)
    with logged(config.station, "viewer"):
        return run_viewer(config, stop)
