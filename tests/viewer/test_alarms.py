"""The health panel and its alarms."""

from dataclasses import replace

import pytest

from inspector.messages import BridgeHealth, Reason
from inspector.viewer.alarms import DELAY_S, Alarms
from inspector.viewer.drift import Drift
from inspector.viewer.panel import Beside, Component, Disk, Panel, Shown
from inspector.wire.received import Contradiction, Gap, HealthReceived, NewRun, VerdictReceived
from tests.viewer.stations import verdict
from tests.wire.samples import health

BESIDE = Beside(deadline_ms=40.0, bridge="tcp://127.0.0.1:5555", store=False)


def panel(beside: Beside = BESIDE) -> Panel:
    """Of a station heard at 100 s."""
    made = Panel(beside)
    made.hear([NewRun(run="r1", previous=None), HealthReceived(health=health(1))], 100.0)
    return made


def levels(made: Panel, now: float = 100.0, drift: Drift | None = None) -> dict[str, Shown]:
    return {component.name: component.level for component in made.components(now, drift)}


def reading(made: Panel, name: str, now: float = 100.0) -> str:
    return next(component.reading for component in made.components(now, None) if component.name == name)


def test_a_station_in_order_is_ok_and_what_cannot_be_known_here_is_unknown() -> None:
    assert levels(panel()) == {"station": "ok", "camera": "ok", "scorer": "ok", "plc": "unknown", "store": "unknown",
                               "disk": "unknown", "drift": "unknown"}  # fmt: skip
    assert "not known here" in reading(panel(), "plc")


def test_silence_is_a_fault_of_the_station_and_says_nothing_of_its_camera() -> None:
    silent = levels(panel(), 101.1)
    assert (silent["station"], silent["camera"], silent["scorer"]) == ("fault", "unknown", "unknown")


def test_a_run_that_ended_may_be_silent() -> None:
    made = panel()
    made.hear([HealthReceived(health=health(1, state="ended"))], 100.0)
    assert levels(made, 200.0)["station"] == "ok"


@pytest.mark.parametrize(("reason", "name", "level"), [
    ("camera", "camera", "fault"), ("missed", "camera", "warning"), ("health", "camera", "warning"),
    ("late", "scorer", "warning"), ("error", "scorer", "fault"), ("overrun", "scorer", "warning"),
])  # fmt: skip
def test_parts_not_inspected_tell_who_is_to_blame(reason: Reason, name: str, level: Shown) -> None:
    made = panel()
    made.hear([VerdictReceived(verdict=verdict(2, "not_inspected", reason=reason), recovered=False)], 100.0)
    assert levels(made)[name] == level
    made.hear([HealthReceived(health=health(2))], 161.0)
    assert levels(made, 161.0)[name] == "ok"  # a minute later


def test_a_line_that_is_not_ready_for_want_of_its_camera_blames_the_camera() -> None:
    made = panel()
    made.hear([HealthReceived(health=health(1, state="not_ready"))], 100.0)  # «camera unplugged»
    assert (levels(made)["station"], levels(made)["camera"]) == ("fault", "fault")
    assert reading(made, "camera") == "camera unplugged"


def test_a_scorer_close_to_its_deadline_is_warned_of() -> None:
    made = panel()
    for seq in range(1, 50):
        made.hear([VerdictReceived(verdict=replace(verdict(seq), latency_ms=35.0), recovered=False)], 100.0)
    assert levels(made)["scorer"] == "warning"
    assert reading(made, "scorer") == "95 % of parts within 35 ms, deadline 40 ms"


def test_a_contradiction_is_a_fault_and_a_loss_a_warning() -> None:
    lossy = panel()
    lossy.hear([Gap(run="r1", first=2, last=4)], 100.0)
    assert levels(lossy)["station"] == "warning"
    lossy.hear([Contradiction(stands=verdict(1, "fail"), refused=verdict(1))], 100.0)
    assert levels(lossy)["station"] == "fault"


def test_the_bridge_speaks_for_the_plc_and_its_silence_is_a_fault() -> None:
    made = panel()
    made.bridge(BridgeHealth(station="line1", now_ns=1, level="warning", reading="one retry", counts={}), 100.0)
    assert (levels(made)["plc"], reading(made, "plc")) == ("warning", "one retry")
    assert levels(made, 102.1)["plc"] == "fault"
    assert levels(panel(replace(BESIDE, bridge=None)))["plc"] == "unknown"


def test_a_store_that_logs_nothing_while_parts_pass_is_a_fault() -> None:
    made = panel(replace(BESIDE, store=True))
    made.hear([HealthReceived(health=replace(health(1), log_head="17.abcdef"))], 100.0)
    assert levels(made)["store"] == "ok"
    made.hear([HealthReceived(health=replace(health(1), log_head="17.abcdef"))], 130.0)
    assert levels(made, 130.0)["store"] == "ok"  # no part has passed since
    made.hear([HealthReceived(health=replace(health(9), log_head="17.abcdef"))], 130.2)
    assert levels(made, 130.2)["store"] == "fault"


@pytest.mark.parametrize(("free", "level"), [(50e9, "ok"), (1.5e9, "warning"), (0.9e9, "fault")])
def test_a_disk_that_fills_up_is_seen_before_the_store_stops(free: float, level: Shown) -> None:
    made = panel()
    made.disk(Disk(folder="store", free_bytes=round(free), total_bytes=round(20e9), keep_free_bytes=round(1e9)))
    assert levels(made)["disk"] == level


def test_drift_is_a_warning() -> None:
    drift = Drift(before=10.0, now=12.0, spreads=2.0, reference=300)
    assert levels(panel(), drift=drift)["drift"] == "warning"
    assert levels(panel(), drift=replace(drift, spreads=0.1))["drift"] == "ok"


def camera(level: Shown, text: str = "unplugged") -> list[Component]:
    return [Component(name="camera", level=level, reading=text)]


def stays(alarms: Alarms, level: Shown, since: float, text: str = "unplugged") -> None:
    """The camera's level from a moment on, for longer than an alarm is delayed."""
    for now in (since, since + DELAY_S):
        alarms.watch(camera(level, text), now)


def test_an_alarm_stands_until_it_is_over_and_somebody_has_seen_it_in_any_order() -> None:
    for first_seen in (True, False):
        alarms = Alarms()
        stays(alarms, "ok", 10.0)
        stays(alarms, "fault", 20.0)
        (alarm,) = alarms.newest_first()
        for step in ("seen", "over") if first_seen else ("over", "seen"):
            assert alarm.standing
            if step == "seen":
                assert alarms.acknowledge(alarm.number, "anna", 30.0) is alarm
            else:
                stays(alarms, "ok", 40.0)
        assert not alarm.standing
        assert (alarm.began, alarm.ended, alarm.by) == (20.0, 40.0, "anna")


def test_what_is_over_in_a_moment_is_no_alarm() -> None:
    alarms = Alarms()
    for level, now in (("fault", 10.0), ("fault", 11.9), ("ok", 12.0), ("fault", 13.0), ("ok", 14.0), ("ok", 19.0)):
        alarms.watch(camera(level), now)  # type: ignore[arg-type]
    assert alarms.newest_first() == []


def test_an_alarm_is_acknowledged_once() -> None:
    alarms = Alarms()
    stays(alarms, "fault", 10.0)
    assert alarms.acknowledge(1, "anna", 20.0) is not None
    assert alarms.acknowledge(1, "ben", 30.0) is None
    assert alarms.acknowledge(99, "ben", 30.0) is None


def test_one_that_gets_worse_is_a_new_alarm_and_one_that_gets_better_is_not() -> None:
    alarms = Alarms()
    levels: tuple[Shown, ...] = ("warning", "fault", "warning", "ok")
    for at, level in enumerate(levels):
        stays(alarms, level, 10.0 * at)
    assert [(a.level, a.began, a.ended) for a in alarms.newest_first()] == [
        ("fault", 10.0, 30.0), ("warning", 0.0, 10.0)]  # fmt: skip


def test_one_that_comes_and_goes_unseen_is_one_alarm_with_a_count() -> None:
    alarms = Alarms()
    for at in range(10):
        stays(alarms, "fault" if at % 2 == 0 else "ok", 10.0 * at, f"number {at}")
    (alarm,) = alarms.newest_first()
    assert (alarm.times, alarm.began, alarm.text) == (5, 0.0, "number 8")


def test_since_is_when_the_level_changed_not_its_reading() -> None:
    alarms = Alarms()
    stays(alarms, "warning", 10.0, "a")
    assert not alarms.watch(camera("warning", "b"), 20.0)
    assert alarms.since("camera") == 10.0
