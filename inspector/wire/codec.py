"""Messages to bytes and back: pure, versioned, readable in any language.

    verdict, health, event     topic `verdict.<station>`, payload JSON (UTF-8) with the version in `v`
    bridge's heartbeat         one part, no topic: JSON
    overlay                    one part:  ┌ uint32 LE n ┬ n bytes JSON header ┬ JPEG ┬ score map uint8[h, w] ┐
                               the header carries `jpeg_bytes`, `scene` where there is one; the map is `map_size` large
    recovery request           {"v": 1, "run": R, "first": A, "last": B}
    recovery answer            multipart: {"v": 1, "run": R, "first": A, "last": B, "lost": [[a, b], …]}, then verdicts
    command                    {"v": 1, "kind": "set_threshold", "station": S, "by": WHO, "why": WHY, …}
    reply                      {"v": 1, "done": true, "detail": "…"}
    evidence                   topic `evidence.<station>`, then JSON header ┆ verdict ┆ overlay ┆ nearest good patch, as
                               JPEG, or empty

Every decoder raises CodecError on bytes that are not such a message: a truncated, foreign or newer one is named,
never half read.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, Final, TypeAlias, TypeVar

import msgspec

from inspector.messages import (
    Acknowledge,
    Box,
    BridgeHealth,
    Command,
    Event,
    Evidence,
    Health,
    Mark,
    Overlay,
    Reply,
    ReportLogHead,
    SetRecipe,
    SetThreshold,
    Start,
    Stop,
    TakeBack,
    TriggerPart,
    Verdict,
)

VERSION: Final = 1

COMMANDS: Final[dict[str, type[Command]]] = {
    "trigger_part": TriggerPart,
    "set_threshold": SetThreshold,
    "set_recipe": SetRecipe,
    "take_back": TakeBack,
    "start": Start,
    "stop": Stop,
    "mark": Mark,
    "acknowledge": Acknowledge,
    "report_log_head": ReportLogHead,
}
"""What a command says in `kind`."""

_Size: TypeAlias = Annotated[int, msgspec.Meta(ge=0)]
_LENGTH = struct.Struct("<I")
_ENCODER = msgspec.json.Encoder()

M = TypeVar("M")


class CodecError(ValueError):
    """These bytes are not the message they should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryRequest:
    """«Give me run R, seq first to last», both included."""

    run: str
    first: int
    last: int

    def __post_init__(self) -> None:
        if not 1 <= self.first <= self.last:
            raise ValueError(f"seq {self.first} to {self.last} is no range that starts at 1 or later")


@dataclass(frozen=True, slots=True, kw_only=True)
class RecoveryAnswer:
    """What became of a requested range: what is gone for good; the verdicts follow as parts of their own."""

    run: str
    first: int
    last: int
    lost: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _EvidenceHeader:
    """The first part of evidence."""

    nearest_picture: str
    nearest_box: Box | None
    suspect_box: Box | None


class _Command:
    """What errors call a message that should be a command."""


def topic(kind: str, station: str) -> bytes:
    """The topic of one kind of message of one station: `verdict.<station>`, `health.…`, `event.…`."""
    return f"{kind}.{station}".encode()


def encode(message: Verdict | Health | Event | BridgeHealth | RecoveryRequest | RecoveryAnswer | Reply) -> bytes:
    """JSON payload of a message, its version first. Numbers that JSON cannot hold do not occur in messages."""
    return _ENCODER.encode({"v": VERSION, **_shallow(message)})


def decode_verdict(payload: bytes) -> Verdict:
    """The verdict in a payload; raises CodecError, also where it breaks the rules of the line."""
    return _decode(payload, Verdict)


def decode_health(payload: bytes) -> Health:
    """The heartbeat in a payload; raises CodecError."""
    return _decode(payload, Health)


def decode_event(payload: bytes) -> Event:
    """The event in a payload; raises CodecError."""
    return _decode(payload, Event)


def decode_bridge_health(payload: bytes) -> BridgeHealth:
    """The bridge's heartbeat in a payload; raises CodecError."""
    return _decode(payload, BridgeHealth)


def decode_recovery_request(payload: bytes) -> RecoveryRequest:
    """The request in a payload; raises CodecError."""
    return _decode(payload, RecoveryRequest)


def decode_recovery_answer(payload: bytes) -> RecoveryAnswer:
    """The first part of an answer; raises CodecError."""
    return _decode(payload, RecoveryAnswer)


def kind_of(command: Command) -> str:
    """The word in `kind`."""
    return next(kind for kind, each in COMMANDS.items() if type(command) is each)


def encode_command(command: Command) -> bytes:
    """JSON payload of a command."""
    return _ENCODER.encode({"v": VERSION, "kind": kind_of(command), **_shallow(command)})


def decode_command(payload: bytes) -> Command:
    """The command in a payload; raises CodecError, also for a kind that there is not."""
    content = _versioned(payload, _Command)
    kind = content.pop("kind", None)
    asked = COMMANDS.get(kind) if isinstance(kind, str) else None
    if asked is None:
        raise CodecError(f"there is no command {kind!r}; allowed: {', '.join(COMMANDS)}")
    command: Command = _convert(content, asked)
    return command


def decode_reply(payload: bytes) -> Reply:
    """The reply in a payload; raises CodecError."""
    return _decode(payload, Reply)


def encode_evidence(evidence: Evidence) -> list[bytes]:
    """The parts of a message, its topic apart."""
    header = {
        "v": VERSION,
        "nearest_picture": evidence.nearest_picture,
        "nearest_box": evidence.nearest_box,
        "suspect_box": evidence.suspect_box,
    }
    return [_ENCODER.encode(header), encode(evidence.verdict), encode_overlay(evidence.overlay), evidence.nearest]


def decode_evidence(parts: Sequence[bytes]) -> Evidence:
    """The evidence in the parts after the topic; raises CodecError."""
    if len(parts) != 4:
        raise CodecError(f"evidence of {len(parts)} parts instead of 4")
    header, verdict, overlay, nearest = parts
    content = _versioned(header, Evidence)
    plain = _convert(content, _EvidenceHeader)
    return Evidence(
        verdict=decode_verdict(verdict),
        overlay=decode_overlay(overlay),
        nearest=bytes(nearest),
        nearest_picture=plain.nearest_picture,
        nearest_box=plain.nearest_box,
        suspect_box=plain.suspect_box,
    )


def encode_overlay(overlay: Overlay) -> bytes:
    """The whole overlay in one part, since CONFLATE keeps only the last part of a multipart message."""
    header = _shallow(overlay)
    del header["jpeg"], header["score_map"]
    if overlay.scene is None:
        del header["scene"]  # readers of before there were scenes know no such field
    packed = _ENCODER.encode({"v": VERSION, "jpeg_bytes": len(overlay.jpeg), **header})
    return b"".join((_LENGTH.pack(len(packed)), packed, overlay.jpeg, overlay.score_map))


def decode_overlay(packet: bytes) -> Overlay:
    """The overlay in a packet; raises CodecError when it is cut short or longer than it says."""
    if len(packet) < _LENGTH.size:
        raise CodecError(f"overlay of {len(packet)} bytes has no header")
    (length,) = _LENGTH.unpack_from(packet)
    start = _LENGTH.size + length
    header = _versioned(packet[_LENGTH.size : start], Overlay)
    jpeg_bytes = header.pop("jpeg_bytes", None)
    try:
        columns, rows = msgspec.convert(header.get("map_size"), tuple[_Size, _Size])
        split = start + msgspec.convert(jpeg_bytes, _Size)
    except msgspec.ValidationError as error:
        raise CodecError(f"overlay header lacks jpeg_bytes or map_size: {error}") from error
    end = split + columns * rows
    if len(packet) != end:
        raise CodecError(f"overlay of {len(packet)} bytes, its header says {end}")
    return _convert({**header, "jpeg": packet[start:split], "score_map": packet[split:end]}, Overlay)


def _shallow(message: Any) -> dict[str, Any]:
    return {field.name: getattr(message, field.name) for field in fields(message)}


def _decode(payload: bytes, kind: type[M]) -> M:
    return _convert(_versioned(payload, kind), kind)


def _versioned(payload: bytes, kind: type[object]) -> dict[str, Any]:
    try:
        header = msgspec.json.decode(payload, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:  # the last: nested without end
        raise CodecError(f"not a {kind.__name__}: {error}") from error
    version = header.pop("v", None)
    if version != VERSION:
        raise CodecError(f"{kind.__name__} of wire version {version!r}; this inspector speaks {VERSION}")
    for name, value in header.items():  # what is decoded is sent on, or logged, where a larger number is an error
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise CodecError(f"not a {kind.__name__}: {name} is a number of more than 64 bits")
    return header


def _convert(header: dict[str, Any], kind: type[M]) -> M:
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(header.keys() - known):
        raise CodecError(f"not a {kind.__name__}: unknown field {unknown[0]!r}")
    try:
        return msgspec.convert(header, kind)
    except msgspec.ValidationError as error:
        raise CodecError(f"not a {kind.__name__}: {error}") from error
