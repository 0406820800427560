"""The soak in its short form: each fault that needs no whole program, for a second or two; and that it can fail."""

import json
import sys
from pathlib import Path

import pytest

from inspector.errors import VerificationError
from tools import soak
from tools.benchmarks.faults import FAULTS, Fault


def short(folder: Path, seconds: float = 1.5) -> Fault:
    return Fault(folder=folder, parts=2000, seconds=seconds, seed=1)


def test_pictures_in_bursts_of_50_are_judged_where_there_is_room_and_overrun_where_there_is_not(tmp_path: Path):
    came = FAULTS["bursts"](short(tmp_path))
    assert (came["duplicates"], came["gaps"], came["lost"]) == (0, 0, 0)
    assert came["parts"] == came["verdicts"] == 600
    # with room none overruns, unless others keep the machine from this worker until the next burst is there
    assert came["overrun_with_64_slots"] <= came["overrun_with_8_slots"]


def test_steps_of_the_clock_change_no_age(tmp_path: Path):
    came = FAULTS["clock"](short(tmp_path))
    assert came["steps"] > 3
    assert (came["lost"], came["late"], came["broken"]) == (0, 0, "")


def test_a_listener_that_was_cut_off_gets_what_it_missed(tmp_path: Path):
    came = FAULTS["cut"](short(tmp_path, seconds=5.0))
    assert came["cuts"] >= 1
    assert came["recovered"] > 0
    assert (came["duplicates"], came["gaps"], came["lost"]) == (0, 0, 0)


def test_a_long_run_at_full_speed_loses_nothing(tmp_path: Path):
    came = FAULTS["long_run"](short(tmp_path))
    assert (came["parts"], came["verdicts"], came["lost"], came["gaps"]) == (2000, 2000, 0, 0)


def test_a_broken_rule_is_named_and_fails_the_soak(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    broken = {"parts": 5, "verdicts": 4, "duplicates": 0, "gaps": 0, "lost": 1}
    monkeypatch.setitem(FAULTS, "bursts", lambda fault: broken)
    monkeypatch.setattr(sys, "argv", ["soak", "--only", "bursts"])
    with pytest.raises(VerificationError, match="bursts: lost 1") as raised:
        soak.main()
    assert raised.value.exit_code == 5
    said = json.loads(capsys.readouterr().out)
    assert (said["held"], said["broken"]) == (False, ["bursts: lost 1"])
    assert {rule: said[rule] for rule in broken} == broken, "summed over the faults"
