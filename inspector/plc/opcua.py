"""OPC UA, the bridge as the client: each field of the image is a variable of the PLC's server."""

import asyncio
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, Final, TypeVar

from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.node import Node
from asyncua.ua.uaerrors import UaError

from inspector.config import OpcUaPlc
from inspector.plc.link import LinkDown
from inspector.plc.registers import BRIDGE_FIELDS, FIELDS, PLC_FIELDS, Kind, PlcSide, Values

_TYPES: Final = {Kind.U16: ua.VariantType.UInt16, Kind.U32: ua.VariantType.UInt32, Kind.F32: ua.VariantType.Float}

T = TypeVar("T")


class OpcUaLink:
    """See Link. Its event loop belongs to the thread that uses the link, and runs only while a call lasts."""

    def __init__(self, plc: OpcUaPlc) -> None:
        self._plc = plc
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)  # LinkDown says it, once and in our words
        self._loop = asyncio.new_event_loop()
        self._client: Client | None = None
        self._nodes: dict[str, Node] = {}

    def connect(self) -> None:
        """See Link."""
        self._run(self._connect(), "connect", patience=10.0)

    def write(self, values: Values) -> None:
        """See Link. All in one request, of which a server carries out one after another in this order."""
        self._run(self._write(values), "write")

    def read(self) -> PlcSide:
        """See Link."""
        return PlcSide.of(self._run(self._read(), "read"))

    def close(self) -> None:
        """See Link."""
        if not self._loop.is_closed():
            self._loop.run_until_complete(self._hang_up())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _run(self, what: Coroutine[Any, Any, T], name: str, patience: float = 1.0) -> T:
        """patience: how many times write_ms it may take; the first contact takes several requests."""
        limit_s = patience * self._plc.write_ms / 1000
        try:
            return self._loop.run_until_complete(asyncio.wait_for(what, limit_s))
        except TimeoutError as error:
            raise LinkDown(f"{self._plc.url} did not answer a {name} within {1000 * limit_s:g} ms") from error
        except (UaError, OSError, ConnectionError) as error:
            raise LinkDown(f"{self._plc.url}: {name}: {type(error).__name__}: {error}") from error

    async def _connect(self) -> None:
        await self._hang_up()
        client = Client(self._plc.url, timeout=10 * self._plc.write_ms / 1000)
        if self._plc.user is not None:
            client.set_user(self._plc.user)
            client.set_password(self._plc.password or "")
        await client.connect()
        self._client = client
        self._nodes = {
            field.name: client.get_node(self._plc.node.format(field=field.name))
            for field in (*BRIDGE_FIELDS, *PLC_FIELDS)
        }

    async def _write(self, values: Values) -> None:
        # The bare Variant, without time and status: open62541 refuses to have those written (BadWriteNotSupported).
        results: Sequence[ua.StatusCode] = await self._connected().uaclient.write(
            ua.WriteParameters(
                NodesToWrite=[
                    ua.WriteValue(
                        NodeId=self._nodes[name].nodeid,
                        AttributeId=ua.AttributeIds.Value,
                        Value=ua.DataValue(Value=_variant(name, value)),
                    )
                    for name, value in values.items()
                ]
            )
        )
        for name, result in zip(values, results, strict=True):
            if not result.is_good():
                raise LinkDown(f"{self._plc.url} refused {self._plc.node.format(field=name)}: {result.name}")

    async def _read(self) -> dict[str, int | float]:
        nodes = [self._nodes[field.name] for field in PLC_FIELDS]
        values = await self._connected().read_values(nodes)
        for field, value in zip(PLC_FIELDS, values, strict=True):
            if not isinstance(value, int | float):
                raise LinkDown(
                    f"{self._plc.node.format(field=field.name)} of {self._plc.url} is {value!r}, not a number"
                )
        return {field.name: value for field, value in zip(PLC_FIELDS, values, strict=True)}

    def _connected(self) -> Client:
        if self._client is None:
            raise LinkDown(f"{self._plc.url} is not connected")
        return self._client

    async def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is None:
            return
        try:
            await asyncio.wait_for(client.disconnect(), 1.0)
        except (UaError, OSError, TimeoutError):
            client.disconnect_socket()  # it has gone already


def _variant(name: str, value: int | float) -> ua.Variant:
    kind = FIELDS[name].kind
    held = float(value) if kind is Kind.F32 else int(value) % (1 << (16 * kind.registers))
    return ua.Variant(held, _TYPES[kind])
