"""Modbus TCP, the bridge as the client: it writes into the PLC's holding registers, and reads the PLC's side."""

import logging

from pymodbus import ModbusException
from pymodbus.client import ModbusTcpClient

from inspector.config import ModbusPlc
from inspector.plc.link import LinkDown
from inspector.plc.registers import PLC, PLC_FIELDS, PLC_SIZE, PlcSide, Values, read_back, runs


class ModbusClientLink:
    """See Link. A request that is not answered costs the connection: its answer must not be taken for another's."""

    def __init__(self, plc: ModbusPlc) -> None:
        self._plc = plc
        self._where = f"{plc.host}:{plc.port}"
        logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # LinkDown says it, once and in our words
        # Without retries: a frozen PLC would cost three times the time-out at every write.
        self._client = ModbusTcpClient(plc.host, port=plc.port, timeout=plc.write_ms / 1000, retries=0)

    def connect(self) -> None:
        """See Link."""
        self._client.close()
        if not self._client.connect():
            raise LinkDown(f"no Modbus server answers at {self._where}")

    def write(self, values: Values) -> None:
        """See Link. Fields that follow each other are one request (FC 16)."""
        for address, registers in runs(values, self._plc.word_order):
            self._ask("write", address, registers)

    def read(self) -> PlcSide:
        """See Link. One request (FC 3)."""
        registers = self._ask("read", PLC, None)
        if len(registers) != PLC_SIZE:
            raise LinkDown(f"{self._where} gave {len(registers)} registers instead of {PLC_SIZE}")
        return PlcSide.of(read_back(PLC_FIELDS, PLC, registers, self._plc.word_order))

    def close(self) -> None:
        """See Link."""
        self._client.close()

    def _ask(self, what: str, offset: int, registers: list[int] | None) -> list[int]:
        address, unit = self._plc.base + offset, self._plc.unit
        try:
            if registers is None:
                answer = self._client.read_holding_registers(address, count=PLC_SIZE, device_id=unit)
            else:
                answer = self._client.write_registers(address, registers, device_id=unit)
        except (ModbusException, OSError) as error:
            self._client.close()
            raise LinkDown(f"{self._where} did not answer a {what} of register {address} within "
                           f"{self._plc.write_ms:g} ms: {error}") from error  # fmt: skip
        if answer.isError():
            raise LinkDown(f"{self._where} refused a {what} of register {address}: exception {answer.exception_code}")
        return list(answer.registers)
