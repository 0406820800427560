import time
from pathlib import Path

import pytest

from tools import machine
from tools.machine import Meter, processor, versions


def test_what_this_program_computes_is_not_taken_for_the_work_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One core of two busy for a while: others have what this program has not."""
    stat = tmp_path / "stat"
    monkeypatch.setattr(machine, "_STAT", stat)
    stat.write_text("cpu  1000 0 0 1000 0 0 0 0 7 7\n")
    begun = time.process_time()
    meter = Meter()
    while time.process_time() < begun + 0.2:
        pass
    stat.write_text("cpu  1100 0 0 1300 0 0 0 0 7 7\n")  # 1 s busy, 3 s idle
    assert meter.others() == pytest.approx((1 - 0.2) / 4, abs=0.03)


@pytest.mark.parametrize("content", [None, "", "cpu of another kind"])
def test_a_system_that_does_not_tell_gives_nothing_rather_than_quiet(
    content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(machine, "_STAT", tmp_path / "stat")
    if content is not None:
        (tmp_path / "stat").write_text(content)
    assert Meter().others() is None


def test_the_machine_and_its_versions_are_named() -> None:
    assert processor().endswith("logical cores")
    assert versions().startswith("Python 3.")
    assert "openvino" in versions()
