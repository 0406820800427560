"""The thread that talks to the PLC, over a link whose PLC the test scans by hand."""

import threading
import time
from contextlib import closing
from dataclasses import replace

from inspector.plc.driver import Driver
from inspector.plc.registers import PlcSide, Values
from tests.plc.plcs import modbus
from tests.wire.samples import BOUND_S


class HandPlc:
    """See Link. Its program runs when the test says so."""

    def __init__(self) -> None:
        self.side = PlcSide(heartbeat=0, epoch=1, position=0, ack=0, recipe_request=0, start=False, stop=False,
                            alarm_reset=False, eye_count=0)  # fmt: skip
        self.reads = 0
        self._read = threading.Condition()

    def connect(self) -> None:
        pass

    def write(self, values: Values) -> None:
        pass

    def read(self) -> PlcSide:
        with self._read:
            self.reads += 1
            self._read.notify_all()
            return self.side

    def close(self) -> None:
        pass

    def until_read(self, times: int) -> None:
        with self._read:
            wanted = self.reads + times
            assert self._read.wait_for(lambda: self.reads >= wanted, BOUND_S)


def test_a_position_is_a_sample_only_when_the_plcs_program_has_run_since_the_one_before() -> None:
    link = HandPlc()
    with closing(Driver(link, modbus(1, sample_ms=5))) as driver:
        driver.start()
        link.until_read(3)
        link.side = replace(link.side, position=40)  # as if read from the encoder, by no program that runs
        link.until_read(3)
        link.side = replace(link.side, heartbeat=1, position=50)
        link.until_read(3)
        counts, limit = [sample.count for sample in driver.news().samples], time.monotonic() + BOUND_S
        assert counts == [0, 50]
        while driver.news().frozen_s < 0.05:
            assert time.monotonic() < limit
