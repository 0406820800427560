"""What the bridge says of itself."""

from contextlib import closing

from inspector.messages import BridgeHealth
from inspector.plc.beat import Beat, health
from inspector.plc.decisions import Readiness, Totals
from inspector.wire.bridge_health import BridgeHealthSubscriber
from tests.wire.samples import local_wire, wait_for

TOTALS = Totals(parts=3, accepted=2, rejected={"fail": 1}, counted={"repeated": 4})


def test_a_bridge_that_is_not_ready_is_a_fault_with_its_reason() -> None:
    said = health("line1", Readiness(on=False, why="no heartbeat"), TOTALS, 5)
    assert (said.level, said.reading) == ("fault", "READY is off: no heartbeat; 3 parts decided")
    assert said.counts == {"accepted": 2, "rejected.fail": 1, "repeated": 4}
    assert health("line1", Readiness(on=True), TOTALS, 5).level == "ok"


def test_a_change_is_said_at_once_and_what_stays_twice_a_second() -> None:
    wire = local_wire()
    with closing(Beat(wire, "line1")) as beat, closing(BridgeHealthSubscriber(wire, "line1")) as viewer:
        clock, heard = iter(range(10_000)), list[BridgeHealth]()

        def step() -> None:
            beat.tell(Readiness(on=True), TOTALS, float(next(clock)))
            heard.extend(filter(None, [viewer.receive(0.02)]))

        wait_for(step, lambda _: bool(heard))
        now = float(next(clock))
        beat.tell(Readiness(on=True), TOTALS, now)
        while viewer.receive(0.2):
            pass
        beat.tell(Readiness(on=True), TOTALS, now + 0.1)
        assert viewer.receive(0.1) is None
        beat.tell(Readiness(on=False, why="silence"), TOTALS, now + 0.2)
        said = viewer.receive(5)
        assert said is not None
        assert "silence" in said.reading
