"""Commands that a page gives: read from its request, checked, sent, and answered in words."""

import asyncio
import json
import math
import time
from contextlib import closing
from typing import Any, Final

from loguru import logger
from starlette.requests import Request

from inspector.config import WireConfig
from inspector.errors import ConfigError
from inspector.messages import NAME_LIMIT, WHY_LIMIT, Acknowledge, Command, Mark, Reply, SetThreshold, TakeBack
from inspector.viewer.alarms import Alarm
from inspector.wire.command import CommandClient, NoAnswer

BODY_BYTES: Final = 4096
PATIENCE_S: Final = 5.0
CHANGE_PATIENCE_S: Final = 60.0
"""A new version of a recipe is written, and its network may have to be compiled."""


class UnfitError(ValueError):
    """A request that is not what it should be; says what is wrong with it."""


async def fields(request: Request) -> dict[str, Any]:
    """The JSON object in a request; raises UnfitError."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise UnfitError("the content is not application/json")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_BYTES:
            raise UnfitError(f"more than {BODY_BYTES} bytes")
    try:
        read = json.loads(body, parse_int=_number)
        json.dumps(read, ensure_ascii=False).encode()  # half a character is text to JSON, and to nobody else
    except (ValueError, RecursionError):
        read = None
    if not isinstance(read, dict):
        raise UnfitError("the content is no JSON object")
    return read


def _number(text: str) -> int:
    """A whole number that a page can hold without loss; raises ValueError for a larger one."""
    number = int(text)
    if abs(number) >= 2**53:
        raise ValueError(text)
    return number


def name_in(read: dict[str, Any]) -> str:
    """Who asks."""
    return _text(read, "by", NAME_LIMIT, "your name")


def threshold_in(read: dict[str, Any], station: str) -> SetThreshold:
    """A new threshold, with a name and a reason, both needed."""
    value = read.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value) or value <= 0:
        raise UnfitError("the threshold must be a number above 0")
    return SetThreshold(station=station, by=name_in(read), why=_reason(read), value=float(value))


def take_back_in(read: dict[str, Any], station: str) -> TakeBack:
    """Undoing the last change: a name is needed, a reason is not."""
    return TakeBack(station=station, by=name_in(read), why="taken back on the page")


def mark_in(read: dict[str, Any], station: str) -> Mark:
    """What somebody says of a part."""
    mark, seq = read.get("mark"), read.get("seq")
    if mark not in ("confirmed", "false_reject"):
        raise UnfitError("the mark must be confirmed or false_reject")
    if isinstance(seq, bool) or not isinstance(seq, int) or seq < 1:
        raise UnfitError("seq must be a whole number from 1 on")
    return Mark(station=station, by=name_in(read), run=_text(read, "run", 100, "the run"), seq=seq, mark=mark)


def acknowledged(alarm: Alarm, ago_s: float, station: str, by: str) -> Acknowledge:
    """For the log: who has seen which alarm, now; it began so long ago."""
    now_ns = time.time_ns()
    return Acknowledge(station=station, by=by, source=alarm.source, level=alarm.level, text=alarm.text[:WHY_LIMIT],
                       began_ns=now_ns - round(ago_s * 1e9), seen_ns=now_ns)  # fmt: skip


async def ask(wire: WireConfig, command: Command) -> Reply:
    """Send a command and wait for the answer, off the event loop. No answer is a reply that says so."""
    reply = await asyncio.to_thread(_ask, wire, command)
    logger.info("{} asked by {}: {}", type(command).__name__, command.by, reply.detail)
    return reply


def _ask(wire: WireConfig, command: Command) -> Reply:
    try:
        with closing(CommandClient(wire, command.station)) as client:
            return client.ask(command, PATIENCE_S if isinstance(command, Mark) else CHANGE_PATIENCE_S)
    except (NoAnswer, ConfigError) as error:  # the latter: here is a key for looking and none for commands
        return Reply(done=False, detail=str(error))


def _reason(read: dict[str, Any]) -> str:
    return _text(read, "why", WHY_LIMIT, "a reason")


def _text(read: dict[str, Any], key: str, limit: int, what: str) -> str:
    value = read.get(key)
    text = value.strip() if isinstance(value, str) else ""
    if not 1 <= len(text) <= limit:
        raise UnfitError(f"{what} is missing, or longer than {limit} characters")
    return text
