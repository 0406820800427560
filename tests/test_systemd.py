"""The units in docs/systemd: systemd understands them, and they say what `inspector run` does."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from inspector.__main__ import main
from inspector.line.supervise import MENDED_BY_PEOPLE, SILENT_S
from tests.needs import needs

UNITS = sorted((Path(__file__).parent.parent / "docs/systemd").glob("*.service"))
INSTALLED = "/opt/inspector/.venv/bin/inspector"


def unit(path: Path) -> configparser.ConfigParser:
    read = configparser.ConfigParser(interpolation=None)
    read.optionxform = str  # type: ignore[assignment,method-assign]
    read.read_string(path.read_text())
    return read


def test_systemd_has_no_complaint_about_them(tmp_path: Path) -> None:
    needs(shutil.which("systemd-analyze") is not None, "systemd-analyze")
    for path in UNITS:
        (tmp_path / path.name).write_text(path.read_text().replace(INSTALLED, sys.executable))
    words = ["systemd-analyze", "verify", "--man=no", *map(str, sorted(tmp_path.iterdir()))]
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if "inspector" in line]
    assert complaints == []


def test_there_is_one_for_each_program_and_its_command_exists(capsys: pytest.CaptureFixture[str]) -> None:
    commands = [unit(path)["Service"]["ExecStart"].split() for path in UNITS]
    assert sorted(words[1] for words in commands) == ["bridge", "run", "store", "view"]
    for words in commands:
        assert words[0] == INSTALLED
        with pytest.raises(SystemExit) as ended:
            main([*words[1:], "--help"])
        assert ended.value.code == 0
    capsys.readouterr()


def test_a_stop_is_no_failure_and_the_station_is_watched_as_inspector_run_watches_it() -> None:
    for path in UNITS:
        service = unit(path)["Service"]
        assert (service["SuccessExitStatus"], service["Restart"]) == ("130 143", "on-failure"), path.name
    station = unit(next(path for path in UNITS if path.stem == "inspector-station"))
    assert station["Service"]["Type"] == "notify"
    assert float(station["Service"]["WatchdogSec"]) == SILENT_S
    assert station["Service"]["RestartPreventExitStatus"] == " ".join(map(str, MENDED_BY_PEOPLE))
    others = {f"{path.name}" for path in UNITS if path.stem != "inspector-station"}
    assert others <= set(station["Unit"]["After"].split()), "stopped in the reverse of this order: it goes first"
