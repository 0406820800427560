"""Whether a station runs on this machine, and with it the store whose folder the configuration names."""

import socket
from urllib.parse import urlsplit

from inspector.config import is_loopback


def runs_here(endpoint: str) -> bool:
    """Whether an endpoint to connect to is one of this machine, be it bound to loopback or wider.

    An address is ours where a socket can be bound to it: true of a second network card, false inside a container that
    has a network of its own, from where the store's folder is not to be seen either. A name that nobody knows is not.
    """
    host = urlsplit(endpoint).hostname or ""
    if is_loopback(endpoint) or host == "*":  # what it binds to, «every address»
        return True
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, 0, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.bind(address)
    except OSError:
        return False
    return True
