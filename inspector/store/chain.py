"""The hash chain: each entry's hash covers the entry and the hash before it, so that nothing changes unseen. Pure.

    GENESIS ──▶ entry 1 ──▶ entry 2 ──▶ … ──▶ entry n, whose id and hash are the head

A changed entry breaks its own hash, a removed one that of the next. What a chain cannot show of itself is a tail that
was cut off, or rewritten as a whole from some entry on: for that its head is told to others, who keep it.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

GENESIS: Final = "0" * 64
"""What stands before the first entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the log, before it has a place in the chain."""

    at_ns: int
    """Unix time."""
    kind: str
    """A word: verdict, health, event, …; docs/log.md has them all."""
    content: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest entry of a chain: its id (entries count from 1) and its hash; id 0 and GENESIS before there is one."""

    id: int = 0
    hash: str = GENESIS

    def __str__(self) -> str:
        """As the heartbeat tells it."""
        return f"{self.id}:{self.hash}" if self.id else ""

    @classmethod
    def parse(cls, text: str) -> "Head | None":
        """The head in a heartbeat; None where it tells of none, or of none that we understand."""
        number, _, digest = text.partition(":")
        return cls(int(number), digest) if number.isdecimal() and len(digest) == len(GENESIS) else None


def after(head: Head, entry: Entry) -> Head:
    """The head once `entry` follows it."""
    number = head.id + 1
    # at_ns and kind hold no line break, so that no two entries read the same
    text = "\n".join((head.hash, str(number), str(entry.at_ns), entry.kind, entry.content))
    return Head(number, hashlib.sha256(text.encode()).hexdigest())
