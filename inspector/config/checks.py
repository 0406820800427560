"""What no single key can say."""

import ipaddress
import re
from urllib.parse import urlsplit

from inspector.config.plc import ModbusServerPlc, TrackedPlc, require_time
from inspector.config.sources import GenicamSettings, PylonSource
from inspector.config.station import Config
from inspector.errors import ConfigError


def is_loopback(endpoint: str) -> bool:
    """Whether an endpoint (`tcp://host:port`, `ipc://…`) or a host can be reached from this machine only."""
    bare = f"[{endpoint}]" if endpoint.count(":") > 1 and endpoint[0] != "[" else endpoint  # an IPv6 host
    url = urlsplit(endpoint if "://" in endpoint else f"tcp://{bare}")
    if url.scheme in ("ipc", "inproc"):
        return True
    try:
        return ipaddress.ip_address(url.hostname or "").is_loopback
    except ValueError:
        return url.hostname == "localhost"


def checked(config: Config) -> Config:
    """What no single key can say."""
    for key in ("verdicts", "recovery", "overlays", "commands", "evidence", "bridge"):
        endpoint: str = getattr(config.wire, key)
        port = re.fullmatch(r"tcp://[^:/]+:(\d{1,5})", endpoint)
        if not (1 <= int(port[1]) <= 65535 if port else re.fullmatch(r"ipc://.+", endpoint)):
            raise ConfigError(f"wire.{key} is {endpoint!r}; allowed: tcp://HOST:PORT (1 to 65535) or ipc://PATH")
        if not (is_loopback(endpoint) or config.wire.keys or config.wire.insecure):
            raise ConfigError(f"wire.{key} is {endpoint!r}, open to the network and unencrypted; "
                              "bind to 127.0.0.1, give wire.keys, or write out wire.insecure: true")  # fmt: skip
    source = config.source
    if isinstance(source, GenicamSettings) and source.trigger == "Software":
        raise ConfigError("source.trigger is Software, but nothing here sends the camera that command; for pictures on "
                          "request: source.trigger: free, and the section trigger: {type: software}")  # fmt: skip
    if isinstance(source, PylonSource) and source.interface == "gige" and source.address is None:
        raise ConfigError("source.address is null; interface: gige needs the camera's address, such as 192.168.1.20")
    if isinstance(source, PylonSource) and source.interface != "emulation" and source.pictures is not None:
        raise ConfigError(f"source.pictures is {source.pictures}; only interface: emulation shows pictures")
    if isinstance(config.plc, TrackedPlc):
        require_time(config.plc, config.line.deadline_ms)
    if isinstance(config.plc, ModbusServerPlc) and not (is_loopback(config.plc.host) or config.plc.insecure):
        raise ConfigError(f"plc.host is {config.plc.host!r}, open to the network, and Modbus knows no password; "
                          "use 127.0.0.1, or write out plc.insecure: true")  # fmt: skip
    if not (is_loopback(config.viewer.host) or config.viewer.view_token):
        raise ConfigError(f"viewer.host is {config.viewer.host!r}, open to the network; "
                          "use 127.0.0.1, or set viewer.view_token, to be known by all who look")  # fmt: skip
    if config.viewer.view_token and config.viewer.view_token == config.viewer.engineer_token:
        raise ConfigError(
            "viewer.view_token and viewer.engineer_token are the same; who may look could change the line"
        )
    return config
