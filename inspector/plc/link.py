"""What each protocol implements: a connection over which named values are written and the PLC's are read.

A new protocol is one file with such a class, its section in the configuration, and a line in `open_link`.
"""

from typing import Protocol

from inspector.config import ModbusPlc, ModbusServerPlc, OpcUaPlc, TrackedPlc
from inspector.plc.registers import PlcSide, Values


class LinkDown(Exception):  # noqa: N818  a state of the world, not a fault of ours
    """The PLC does not answer, or not as it should; says so in words."""


class Link(Protocol):
    """Belongs to the one thread that opened it. Every call returns or raises LinkDown within about write_ms."""

    def connect(self) -> None:
        """Connect anew, whatever was before."""

    def write(self, values: Values) -> None:
        """Write in this order, and wait until the PLC has confirmed it."""

    def read(self) -> PlcSide:
        """What the PLC has written."""

    def close(self) -> None:
        """Hang up. May be called twice."""


def open_link(plc: TrackedPlc) -> Link:
    """The configured protocol's link, not connected yet. Raises ConfigError where its library is missing."""
    match plc:
        case ModbusPlc():
            from inspector.plc.modbus_client import ModbusClientLink

            return ModbusClientLink(plc)
        case ModbusServerPlc():
            from inspector.plc.modbus_server import ModbusServerLink

            return ModbusServerLink(plc)
        case OpcUaPlc():
            from inspector.plc.opcua import OpcUaLink

            return OpcUaLink(plc)
    raise AssertionError(plc)
