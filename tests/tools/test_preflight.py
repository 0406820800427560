import ctypes
import importlib.util
import os
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from tools import preflight

ROOT = Path(__file__).parents[2]


@pytest.fixture
def healthy(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine that lacks nothing, whatever this one lacks."""
    disk = namedtuple("disk", "total used free")(0, 0, 10**12)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk)
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name)
    monkeypatch.setattr(ctypes, "CDLL", lambda name: name)
    return monkeypatch


def test_a_machine_that_lacks_nothing_gets_opencv_with_windows(healthy: pytest.MonkeyPatch) -> None:
    assert preflight.missing() == []
    assert preflight.opencv() == ("opencv", "")


def test_an_old_python_is_named_with_its_version(healthy: pytest.MonkeyPatch) -> None:
    healthy.setattr(sys, "version_info", (3, 9, 2))
    (fault,) = preflight.missing()
    assert fault.startswith("Python 3.11 (this is 3.9); name a newer one")


def test_missing_venv_names_its_package(healthy: pytest.MonkeyPatch) -> None:
    healthy.setattr(importlib.util, "find_spec", lambda _: None)
    (fault,) = preflight.missing()
    assert "apt install python3-venv" in fault


def test_a_full_disk_is_named_with_what_is_needed(healthy: pytest.MonkeyPatch) -> None:
    disk = namedtuple("disk", "total used free")(0, 0, 2 * 10**9)
    healthy.setattr(shutil, "disk_usage", lambda _: disk)
    (fault,) = preflight.missing()
    assert fault.startswith("9 GB of disk (2.0 GB are free in")


@pytest.mark.parametrize("library", preflight.OPENCV_NEEDS)
def test_without_a_system_library_opencv_comes_headless(healthy: pytest.MonkeyPatch, library: str) -> None:
    def load(name: str) -> Any:
        if name == library:
            raise OSError(f"{name}: cannot open shared object file")

    healthy.setattr(ctypes, "CDLL", load)
    healthy.setattr(sys, "platform", "linux")
    extra, remark = preflight.opencv()
    assert extra == "opencv-headless"
    assert remark.startswith(f"no {library}")
    assert remark.endswith("apt install libgl1 libglib2.0-0")


def test_make_reads_the_extra_from_stdout_alone() -> None:
    done = subprocess.run(
        [sys.executable, "-I", "tools/preflight.py"], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.stdout.strip() in ("opencv", "opencv-headless")
    assert done.returncode == (1 if "missing:" in done.stderr else 0)


def test_set_up_stops_with_one_line_when_there_is_no_python(tmp_path: Path) -> None:
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        (tmp_path / name).write_text((ROOT / name).read_text())
    done = subprocess.run(
        ["make", "PYTHON=python-of-nowhere", "setup"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "LC_ALL": "C"},
    )
    assert done.returncode != 0
    assert done.stderr.startswith("missing: python-of-nowhere; apt install python3 python3-venv\n")
    assert not (tmp_path / ".venv").exists()
