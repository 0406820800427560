"""Modbus TCP, the bridge as the server, for PLCs that poll: the same image, read and written by the PLC's client."""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from inspector.config import ModbusServerPlc
from inspector.errors import ConfigError
from inspector.plc.link import LinkDown
from inspector.plc.registers import BRIDGE_SIZE, PLC, PLC_FIELDS, PLC_SIZE, PlcSide, Values, read_back, runs

READS, WRITES = (3, 4), (6, 16)


class RegisterServer:
    """Holding registers on a port, in a thread of its own; get and set from any thread.

    A request sees the registers between two sets, never in the middle of one. Raises OSError where it cannot listen.
    """

    def __init__(
        self, host: str, port: int, size: int, writable: range, refresh: Callable[[], None] = lambda: None
    ) -> None:
        """writable: what clients may write, others are refused (exception 2); refresh: called before each read."""
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # each connection lost, with its last packets
        self._refresh = refresh
        self._words = [0] * size
        self._writable = writable
        self._lock = threading.Lock()
        self._ended: asyncio.Event | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._host, self._port = host, port
        started: Future[None] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="modbus-server", daemon=True
        )
        self._thread.start()
        started.result()

    def get(self, address: int, count: int) -> list[int]:
        """Registers from an address on."""
        with self._lock:
            return self._words[address : address + count]

    def set(self, address: int, registers: Sequence[int]) -> None:
        """Write registers, all at once."""
        with self._lock:
            self._words[address : address + len(registers)] = registers

    def close(self) -> None:
        """Stop listening. May be called twice."""
        if self._loop is not None and self._ended is not None and self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._ended.set)
        self._thread.join()

    async def _serve(self, started: "Future[None]") -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        memory = SimData(0, count=len(self._words), values=0, datatype=DataType.REGISTERS)
        server = ModbusTcpServer(
            SimDevice(id=0, simdata=[memory], action=self._asked), address=(self._host, self._port)
        )
        try:
            await server.serve_forever(background=True)
        except (OSError, RuntimeError) as error:
            started.set_exception(OSError(f"cannot listen on {self._host}:{self._port}: {error}"))
            return
        started.set_result(None)
        await self._ended.wait()
        await server.shutdown()

    async def _asked(
        self,
        function: int,
        _start: int,
        address: int,
        count: int,
        registers: list[int],
        values: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """A client's request: pymodbus' own registers are filled from ours before it reads, ours when it writes."""
        if values is None:
            self._refresh()
            registers[address : address + count] = self.get(address, count)
            return None if function in READS else ExcCodes.ILLEGAL_FUNCTION
        if address not in self._writable or address + count - 1 not in self._writable:
            return ExcCodes.ILLEGAL_ADDRESS
        self.set(address, [int(value) for value in values])
        return None


class ModbusServerLink:
    """See Link. That a PLC polls shows in its heartbeat alone. Raises ConfigError where it cannot listen."""

    def __init__(self, plc: ModbusServerPlc) -> None:
        self._plc = plc
        try:
            writable = range(plc.base + PLC, plc.base + PLC + PLC_SIZE)
            self._server = RegisterServer(plc.host, plc.port, plc.base + max(BRIDGE_SIZE, PLC + PLC_SIZE), writable)
        except OSError as error:
            raise ConfigError(f"plc.port is {plc.port}: {error}") from error
        self._closed = False

    def connect(self) -> None:
        """See Link: it listens from the start."""
        if self._closed:
            raise LinkDown("the Modbus server is closed")

    def write(self, values: Values) -> None:
        """See Link."""
        for offset, registers in runs(values, self._plc.word_order):
            self._server.set(self._plc.base + offset, registers)

    def read(self) -> PlcSide:
        """See Link."""
        registers = self._server.get(self._plc.base + PLC, PLC_SIZE)
        return PlcSide.of(read_back(PLC_FIELDS, PLC, registers, self._plc.word_order))

    def close(self) -> None:
        """See Link."""
        self._closed = True
        self._server.close()
