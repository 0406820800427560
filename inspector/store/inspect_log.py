"""`inspector log verify` and `inspector log export`: what a person or an auditor asks of the log."""

import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from inspector.config import Config, StoreConfig
from inspector.errors import ConfigError, VerificationError
from inspector.store.chain import Head
from inspector.store.database import open_for_reading
from inspector.store.export import export
from inspector.store.pictures import PICTURES
from inspector.store.verify import verify
from inspector.store.verify_pictures import verify_pictures
from inspector.wire.subscribe import HealthReceived, Subscriber

LISTEN_S: Final = 1.0
"""A running station is heard within this: it beats four times a second."""
SHOWN: Final = 20
"""Most faults told one by one."""


def verify_log(config: Config, head: str | None, pictures: bool = False) -> str:
    """What the log is like, in words. head: one noted earlier (`ID:HASH`); None asks the station, where one runs.

    pictures: look at the evidence, too. Raises VerificationError, naming each fault, where the log is not as it was
    written, or a picture not as it was kept.
    """
    folder = _folder(config.store)
    told = _noted(head) if head is not None else _heard(config)  # before the log is read, which grows meanwhile
    with closing(open_for_reading(folder)) as database:
        found = verify(database, told)
        seen = verify_pictures(database, folder / PICTURES) if pictures else None
    if faults := (*found.faults, *(seen.faults if seen else ())):
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        words = "; ".join([*faults[:SHOWN], *more])
        raise VerificationError(f"the log in {folder} is not as it was written: {words}")
    against = (
        "no station runs that told its head, so a cut tail would not show; --head ID:HASH compares with a noted one"
    )
    if told is not None:
        against = f"entry {told.id}, the head that {'the station tells' if head is None else 'was noted'}, is in it"
    span = f"{found.entries} entries, {found.first} to {found.head.id}" if found.entries else "no entries"
    killed = f", {seen.found} of them found after the store had been killed" if seen and seen.found else ""
    evidence = f"; the pictures of {seen.parts} parts are as they were kept{killed}" if seen else ""
    return f"{span}; the chain holds; {against}{evidence}; head {found.head or 'none'}"


def export_log(config: Config, path: str, kinds: tuple[str, ...]) -> int:
    """Write the log as CSV to a file, or to standard output for `-`; how many entries.

    Raises ConfigError where there is no log, or the file cannot be written.
    """
    with closing(open_for_reading(_folder(config.store))) as database:
        if path == "-":
            return export(database, sys.stdout, kinds)
        try:
            with Path(path).open("w", encoding="utf-8", newline="") as out:
                return export(database, out, kinds)
        except OSError as error:
            raise ConfigError(f"cannot write {path}: {error.strerror}") from error


def _folder(store: StoreConfig | None) -> Path:
    if store is None:
        raise ConfigError("there is no log: config.yaml has no section store")
    return Path(store.folder)


def _noted(text: str) -> Head:
    head = Head.parse(text)
    if head is None:
        raise ConfigError(
            f"--head is {text!r}; allowed: ID:HASH, as the heartbeat and the store's own log file tell it"
        )
    return head


def _heard(config: Config) -> Head | None:
    """The head in the heartbeat of a station that runs now."""
    until = time.monotonic() + LISTEN_S
    with closing(Subscriber(config.wire, config.station.name, "log")) as subscriber:
        while (left := until - time.monotonic()) > 0:
            for item in subscriber.receive(left):
                if isinstance(item, HealthReceived) and (head := Head.parse(item.health.log_head)) is not None:
                    return head
    return None
