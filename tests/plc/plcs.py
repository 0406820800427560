"""A PLC of the tests: a real Modbus server whose program (tools.soft_plc) scans in a thread, and remembers."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from inspector.config import ModbusPlc
from inspector.plc.modbus_server import RegisterServer
from inspector.plc.registers import BRIDGE_FIELDS, BRIDGE_SIZE, FIELDS, PLC, PLC_SIZE, Values, read_back, runs, words
from tests.programs import free_port
from tools.soft_plc import SoftPlc

SCAN_S: Final = 0.005
WATCHDOG_S: Final = 0.03
"""Outputs keep their state while the program stands; after so long the watchdog switches them off."""
HOST: Final = "127.0.0.1"


def modbus(port: int, **keys: object) -> ModbusPlc:
    """A line with the ejector 0.9 s behind the camera, and patience, on a machine that has much else to do."""
    usual = {"host": HOST, "port": port, "delay_ms": 900, "width_ms": 80, "timeout_ms": 600, "ledger": None}
    usual |= {"write_ms": 400, "plc_timeout_ms": 800}
    return ModbusPlc(**{**usual, **keys})  # type: ignore[arg-type]


class ScannedPlc(RegisterServer):
    """POSITION is right whenever it is read; every image that was there between two writes is kept."""

    def __init__(self, port: int) -> None:
        self.program = SoftPlc()
        self.acknowledges = True
        self.images: list[Values] = []
        self.extra: dict[str, int] = {}
        """What else the PLC's program writes."""
        self.frozen = threading.Event()
        self.gates: list[tuple[float, bool]] = []
        self._halt = threading.Event()
        super().__init__(HOST, port, PLC + PLC_SIZE, range(BRIDGE_SIZE), self._count)
        self._scanning = threading.Thread(target=self._scan)
        self._scanning.start()

    def set(self, address: int, registers: Sequence[int]) -> None:
        super().set(address, registers)
        if address < BRIDGE_SIZE:
            self.images.append(self.image())

    def image(self) -> dict[str, int | float]:
        """What the bridge has written."""
        return read_back(BRIDGE_FIELDS, 0, self.get(0, BRIDGE_SIZE), "high_first")

    def let_pass(self, moment: float) -> bool:
        """Whether the gate was open then; `moment` in monotonic seconds, gone by."""
        scanned, is_open = [each for each in self.gates if each[0] <= moment][-1]
        return is_open and moment - scanned <= WATCHDOG_S

    def acknowledged_all(self, newest: int) -> bool:
        """Whether the result of this id has been acknowledged and taken back."""
        return self.program.acknowledged == newest and not self.image()["RESULT_VALID"]

    def close(self) -> None:
        self._halt.set()
        self._scanning.join()
        super().close()

    def _count(self) -> None:
        self.set(FIELDS["POSITION"].address, words(FIELDS["POSITION"], position(), "high_first"))

    def _scan(self) -> None:
        while not self._halt.wait(SCAN_S):
            if self.frozen.is_set():
                continue
            now = time.monotonic()
            out = dict(self.program.scan(self.image(), position(), now)) | self.extra
            if not self.acknowledges:
                del out["RESULT_ACK"]
            self.gates.append((now, self.program.gate))
            for address, registers in runs(out, "high_first"):
                super().set(address, registers)


def position() -> int:
    """Milliseconds."""
    return time.monotonic_ns() // 1_000_000 % (1 << 32)


@contextmanager
def scanned_plc(port: int | None = None) -> Iterator[tuple[ScannedPlc, int]]:
    """A running PLC and its port."""
    port = port or free_port()
    plc = ScannedPlc(port)
    try:
        yield plc, port
    finally:
        plc.close()
