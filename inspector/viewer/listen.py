"""The viewer's port: bound apart from the server, so that whether it is free can be asked without loading one."""

import errno
import socket

from inspector.config import ViewerConfig
from inspector.errors import ConfigError


def bind(viewer: ViewerConfig) -> socket.socket:
    """The listening socket; raises ConfigError, naming the key and its value."""
    try:
        family, *_, address = socket.getaddrinfo(viewer.host, viewer.port, type=socket.SOCK_STREAM)[0]
        return socket.create_server((str(address[0]), int(address[1])), family=family)
    except socket.gaierror as error:
        raise ConfigError(f"viewer.host is {viewer.host!r}, which is no address: {error.strerror}") from None
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            why = f"but another program listens on {viewer.host}:{viewer.port} already; choose another port"
        else:
            why = f"but {viewer.host}:{viewer.port} cannot be listened on: {error.strerror}"
        raise ConfigError(f"viewer.port is {viewer.port}, {why}") from None
