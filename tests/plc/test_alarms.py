from dataclasses import replace

from inspector.plc.alarms import SETTLES_S, Alarm, EyeCheck, RejectAlarm
from inspector.plc.decisions import Decision
from tests.wire.samples import verdict

GOOD = Decision(result_id=1, run="r1", seq=1, parts=1, accept=True, cause="pass", verdict=verdict(1))
BAD = replace(GOOD, accept=False, cause="fail")


def test_rejects_in_a_row_raise_an_alarm_that_stays_until_it_is_reset() -> None:
    alarm = RejectAlarm(3, None, 100)
    alarm.take([BAD, BAD, GOOD, BAD, BAD])
    assert alarm.alarm is Alarm.NONE
    alarm.take([BAD, GOOD])
    alarm.take([GOOD] * 50)
    assert alarm.alarm is Alarm.IN_A_ROW
    alarm.reset()
    assert alarm.alarm is Alarm.NONE


def test_a_share_of_rejects_above_the_limit_raises_the_other() -> None:
    alarm = RejectAlarm(None, 0.2, 10)
    alarm.take([BAD, GOOD, GOOD, GOOD] * 2)
    assert alarm.alarm is Alarm.NONE, "not before so many parts have come"
    alarm.take([BAD, GOOD])
    assert alarm.alarm is Alarm.SHARE


def test_a_decision_that_came_too_late_raises_an_alarm_too() -> None:
    alarm = RejectAlarm(3, None, 100)
    alarm.late()
    alarm.take([GOOD])
    assert alarm.alarm is Alarm.LATE


def test_what_was_never_judged_is_no_sign_of_bad_parts() -> None:
    alarm = RejectAlarm(3, None, 100)
    alarm.take([replace(BAD, cause="gap", verdict=None)] * 10)
    assert alarm.alarm is Alarm.NONE


def test_a_photo_eye_that_counts_more_than_the_station_takes_is_told_once_and_counting_starts_anew() -> None:
    eye = EyeCheck()
    assert eye.take("r1", 1000, 5, 0.0) is None
    assert eye.take("r1", 1003, 8, 1.0) is None
    assert eye.take("r1", 1005, 9, 2.0) is None, "a part may just be on its way"
    assert eye.take("r1", 1005, 9, 2.0 + SETTLES_S) == "the photo-eye counted 1 parts more than the station took"
    assert eye.take("r1", 1006, 10, 9.0 + SETTLES_S) is None


def test_the_photo_eyes_count_rolls_over_and_begins_anew_with_each_run() -> None:
    eye = EyeCheck()
    eye.take("r1", (1 << 32) - 1, 5, 0.0)
    assert eye.take("r1", 1, 7, 10.0) is None
    assert eye.take("r1", 1, 7, 20.0) is None
    assert eye.take("r2", 50, 0, 21.0) is None
    assert eye.take("r2", 50, 0, 31.0) is None
