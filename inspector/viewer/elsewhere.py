"""A station on another machine, looked at from here: `inspector view --station tcp://HOST:PORT`."""

import re
from urllib.parse import urlsplit

from inspector.config import CameraSource, Config, ConsolePlc, ScoringConfig, WireConfig, elsewhere
from inspector.errors import ConfigError

SOCKETS = ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge")


def plain() -> Config:
    """What a machine without a config.yaml looks with: the usual ports, and a bridge that may be heard."""
    return Config(source=CameraSource(), scoring=ScoringConfig(recipe=""), plc=ConsolePlc())


def at(config: Config, station: str, name: str | None) -> Config:
    """The configuration with its wire turned to the station whose verdicts are published at an address.

    The other sockets are taken to lie as far from the verdicts' port as they do in `config`. Raises ConfigError.
    """
    url = urlsplit(station)
    found = re.fullmatch(r"tcp://(\[[0-9a-fA-F:]+\]|[^:/\[\]]+):(\d{1,5})", station)
    if found is None or not 1 <= int(found[2]) <= 65535:
        raise ConfigError(
            f"--station is {station!r}; allowed: tcp://HOST:PORT, where the station publishes its verdicts"
        )
    host, shift = found[1], (url.port or 0) - _port(config.wire, "verdicts")
    wire: dict[str, str] = {}
    for key in SOCKETS:
        port = _port(config.wire, key) + shift
        if not 1 <= port <= 65535:
            raise ConfigError(f"--station is {station!r}: its {key} would be at port {port}; name them in config.yaml")
        wire[key] = f"tcp://{host}:{port}"
    return elsewhere(config, wire, name)


def _port(wire: WireConfig, key: str) -> int:
    endpoint: str = getattr(wire, key)
    found = re.fullmatch(r"tcp://.+:(\d+)", endpoint)
    if found is None:
        raise ConfigError(f"wire.{key} is {endpoint!r}; --station needs ports to count from")
    return int(found[1])
