"""Keys: who may listen to a station, and who may command it. CURVE: what travels is encrypted, both ends are known.

    station.secret     the station's own                    bridge.secret      the bridge's own
    station.public     given to every listener              bridge.public
    viewing.secret     a listener's own                     commanding.secret  a commander's own
    viewing.public                                          commanding.public
    allowed/viewing/*.public                                allowed/commanding/*.public
                       who may listen                                          who may command

A key is 40 characters of text. A secret can be read by its owner alone, or it is not used. A listener's machine holds
station.public, bridge.public and its own viewing.secret, nothing more.
"""

import os
import re
import stat
from pathlib import Path
from typing import Final, Literal, TypeAlias

import zmq
from zmq.utils import z85

from inspector.errors import ConfigError

Server: TypeAlias = Literal["station", "bridge"]
Role: TypeAlias = Literal["viewing", "commanding"]

SERVERS: Final[tuple[Server, ...]] = ("station", "bridge")
ROLES: Final[tuple[Role, ...]] = ("viewing", "commanding")


def make_pair(folder: Path, name: str) -> tuple[Path, Path]:
    """A new pair, NAME.secret and NAME.public. Raises ConfigError where one is there already, or cannot be written."""
    public, secret = zmq.curve_keypair()
    paths = folder / f"{name}.secret", folder / f"{name}.public"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for path, key, mode in zip(paths, (secret, public), (0o600, 0o644), strict=True):
            # never readable by others, not even for a moment; never in place of another
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
                file.write(key + b"\n")
    except FileExistsError as error:
        raise ConfigError(f"{error.filename} is there already; a key that is in use is not replaced") from None
    except OSError as error:
        raise ConfigError(f"no keys can be made in {folder}: {error.strerror}") from error
    return paths


def make_set(folder: Path) -> list[Path]:
    """All that one machine needs: the station's and the bridge's keys, and one of each role, which are allowed."""
    made = [path for name in (*SERVERS, *ROLES) for path in make_pair(folder, name)]
    for role in ROLES:
        allowed = folder / "allowed" / role
        allowed.mkdir(parents=True, exist_ok=True)
        (allowed / "this-machine.public").write_bytes((folder / f"{role}.public").read_bytes())
    return made


def secret_key(folder: Path, name: Server | Role) -> bytes:
    """A secret key. Raises ConfigError where it is missing, no key, or can be read by others."""
    path = folder / f"{name}.secret"
    key = _key(path)
    if (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        raise ConfigError(f"{path} can be read by others (mode {mode:o}); chmod 600 it, or make a new pair")
    return key


def public_key(folder: Path, name: Server) -> bytes:
    """A server's public key. Raises ConfigError where it is missing or no key."""
    return _key(folder / f"{name}.public")


def allowed_keys(folder: Path, role: Role) -> frozenset[bytes]:
    """Who may connect in a role. Raises ConfigError for a file that holds no key."""
    return frozenset(_key(path) for path in sorted((folder / "allowed" / role).glob("*.public")))


def _key(path: Path) -> bytes:
    try:
        key = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"key {path} cannot be read ({error.strerror}); make keys with: inspector keys") from None
    if not re.fullmatch(rb"[!-~]{40}", key):
        raise ConfigError(f"{path} holds no key, which is 40 characters of text")
    try:
        z85.decode(key)
    except (ValueError, KeyError):
        raise ConfigError(f"{path} holds no key: these 40 characters are none") from None
    return key
