"""The `plc` section: what the bridge drives, one struct per type."""

from typing import Annotated, Final, Literal, TypeAlias

import msgspec

from inspector.config.section import Count, NotNegative, Port, Positive, Section
from inspector.errors import ConfigError


class ConsolePlc(Section, frozen=True, kw_only=True, tag_field="type", tag="console"):
    """No PLC: the bridge shows its reject signal on the console."""

    start: bool = True
    """`inspector run` starts the bridge."""
    accept_replay: bool = False
    """Act on verdicts of recorded footage too."""
    timeout_ms: Positive = 1000.0
    """Silence longer than this is a fault."""


class NoPlc(Section, frozen=True, kw_only=True, tag_field="type", tag="null"):
    """No bridge."""


class PlcRecipe(Section, frozen=True, kw_only=True):
    """A recipe that the PLC may ask for by its number."""

    number: Annotated[int, msgspec.Meta(ge=1, le=65534)]
    folder: str
    id: str | None = None
    """The version that may pass; null: any version of that folder's."""


class TrackedPlc(Section, frozen=True, kw_only=True):
    """What all PLC protocols have in common: docs/plc.md.

    The ejector is `delay` behind the camera: in milliseconds where the belt always runs at one speed, else in encoder
    counts.
    """

    start: bool = True
    """`inspector run` starts the bridge."""
    accept_replay: bool = False
    """Act on verdicts of recorded footage too."""
    timeout_ms: Positive = 600.0
    """Silence of the station longer than this is a fault."""
    actuate: Literal["permit", "pulse"] = "permit"
    """permit: nothing passes without one; pulse: a reject pulse, safe only with a PLC that watches the heartbeat."""
    delay_ms: Positive | None = None
    width_ms: Positive | None = None
    """A part's window at the ejector; parts come further apart than this."""
    delay_counts: Count | None = None
    width_counts: Count | None = None
    fastest_counts_per_s: Positive | None = None
    """With delay_counts: the belt never runs faster."""
    scan_ms: NotNegative = 10.0
    """The PLC's cycle: its position register may be so old."""
    sample_ms: Positive = 20.0
    """How often the position is read."""
    write_ms: Positive = 100.0
    """A PLC that has not answered by then does not answer."""
    heartbeat_ms: Positive = 50.0
    """How often the bridge's heartbeat changes."""
    plc_timeout_ms: Positive = 500.0
    """A PLC heartbeat that has not changed for so long is a fault."""
    clock_tolerance_ms: Positive = 10.0
    """How far the station's and the bridge's clocks may be apart unnoticed."""
    photo_eye: bool = False
    """Compare the PLC's EYE_COUNT with the parts seen."""
    rejects_in_a_row: Count | None = 10
    """So many raise ALARM 1; null: none does."""
    reject_share: Annotated[float, msgspec.Meta(gt=0, le=1)] | None = None
    """More rejects than this among the last reject_of parts raise ALARM 2; null: none does."""
    reject_of: Count = 100
    recipes: tuple[PlcRecipe, ...] = ()
    """What RECIPE_REQUEST may name. Where any has an id, verdicts by other recipes are rejected."""
    ledger: str | None = "logs/ledger.jsonl"
    """Every decision, in order: what a restarted bridge goes on from; null: it begins anew."""


class ModbusPlc(TrackedPlc, frozen=True, kw_only=True, tag_field="type", tag="modbus"):
    """A PLC that is a Modbus TCP server; the bridge writes into its holding registers."""

    host: str
    port: Port = 502
    unit: Annotated[int, msgspec.Meta(ge=0, le=255)] = 1
    base: Annotated[int, msgspec.Meta(ge=0, le=65000)] = 0
    """The first register of the image."""
    word_order: Literal["high_first", "low_first"] = "high_first"
    """Of values of two registers."""


class ModbusServerPlc(TrackedPlc, frozen=True, kw_only=True, tag_field="type", tag="modbus_server"):
    """A PLC that polls: the bridge is the Modbus TCP server."""

    host: str = "127.0.0.1"
    port: Port = 502
    insecure: bool = False
    """Must be true to listen on anything but loopback: Modbus knows no password."""
    base: Annotated[int, msgspec.Meta(ge=0, le=65000)] = 0
    word_order: Literal["high_first", "low_first"] = "high_first"


class OpcUaPlc(TrackedPlc, frozen=True, kw_only=True, tag_field="type", tag="opcua"):
    """A PLC that is an OPC UA server; the bridge writes its variables, one for each field of the image."""

    url: str
    """opc.tcp://HOST:PORT"""
    node: str = "ns=2;s=inspector.{field}"
    """The id of a field's variable."""
    user: str | None = None
    password: str | None = None


STALE_MS: Final = 250.0
"""docs/plc.md has the PLC's program take a HEARTBEAT that has stood for so long for a dead bridge."""

PlcConfig: TypeAlias = ConsolePlc | ModbusPlc | ModbusServerPlc | OpcUaPlc | NoPlc


def require_time(plc: TrackedPlc, deadline_ms: float | None) -> None:
    """Silence must be noticed, and told to the PLC, before what is exposed in it reaches the ejector."""
    by_time, by_counts = (plc.delay_ms, plc.width_ms), (plc.delay_counts, plc.width_counts, plc.fastest_counts_per_s)
    if (None in by_time) == (None in by_counts) or any(by_time) == any(by_counts):
        raise ConfigError("plc needs either delay_ms and width_ms (a belt of one speed), or delay_counts, width_counts "
                          "and fastest_counts_per_s (an encoder), and not both")  # fmt: skip
    per_ms = (plc.fastest_counts_per_s or 1000.0) / 1000
    delay_ms, width_ms = (
        (plc.delay_ms or plc.delay_counts or 0) / per_ms,
        (plc.width_ms or plc.width_counts or 0) / per_ms,
    )
    at_speed = f" ({plc.delay_counts} counts at {plc.fastest_counts_per_s:g} a second)" if plc.delay_counts else ""
    if deadline_ms is None:
        raise ConfigError("line.deadline_ms is null; a PLC's line needs one, so that each verdict comes in time")
    if not plc.timeout_ms + plc.write_ms < delay_ms - deadline_ms:
        raise ConfigError(f"plc.timeout_ms is {plc.timeout_ms:g}, too slow for the line delay: plc.timeout_ms "
                          f"{plc.timeout_ms:g} + plc.write_ms {plc.write_ms:g} = {plc.timeout_ms + plc.write_ms:g} ms "
                          f"must be below the delay {delay_ms:g} ms{at_speed} - line.deadline_ms {deadline_ms:g} = "
                          f"{delay_ms - deadline_ms:g} ms")  # fmt: skip
    hang_ms = plc.timeout_ms + plc.heartbeat_ms + STALE_MS
    if plc.actuate == "pulse" and not hang_ms < delay_ms - deadline_ms:
        raise ConfigError(f"plc.actuate is pulse, too slow for the line delay: plc.timeout_ms {plc.timeout_ms:g} + "
                          f"plc.heartbeat_ms {plc.heartbeat_ms:g} + the {STALE_MS:g} ms after which the PLC takes the "
                          f"bridge for dead = {hang_ms:g} ms must be below the delay {delay_ms:g} ms{at_speed} - "
                          f"line.deadline_ms {deadline_ms:g} = {delay_ms - deadline_ms:g} ms")  # fmt: skip
    if plc.timeout_ms < 300:
        raise ConfigError(f"plc.timeout_ms is {plc.timeout_ms:g}; the station's heartbeat comes every 250 ms: at least "
                          "300 is needed")  # fmt: skip
    doubt_ms = plc.clock_tolerance_ms + plc.scan_ms
    if width_ms / 4 < doubt_ms:
        raise ConfigError(f"the window is {width_ms:g} ms wide, too narrow: a quarter of it must hold "
                          f"plc.clock_tolerance_ms {plc.clock_tolerance_ms:g} + plc.scan_ms {plc.scan_ms:g} = "
                          f"{doubt_ms:g} ms")  # fmt: skip
