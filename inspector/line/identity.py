"""Which run of which station a message comes from."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime

from inspector.messages import Mode


@dataclass(frozen=True, slots=True)
class Identity:
    """The three fields that every message starts with."""

    station: str
    run: str
    mode: Mode


def new_run_id() -> str:
    """The id of a run that starts now: sorts by time (UTC), unique without a clock that never steps."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(2)}"
