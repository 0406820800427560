"""The `inspector` command as a person, systemd and a sceptical PLC engineer use it: real processes, ports and files."""

import json
import os
import pty
import re
import shutil
import signal
import subprocess
import termios
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.config import Config
from inspector.viewer.listen import bind
from inspector.wire.publish import Publisher
from inspector.wire.subscribe import HealthReceived, NewRun, Received, Subscriber, VerdictReceived
from tests.programs import (
    assert_all_gone,
    beside,
    call,
    command,
    ended,
    eventually,
    last_health,
    listen,
    loaded_libraries,
    running,
    verdicts,
    write_config,
)
from tests.washers import burnt, fit_clear, washer, washers, write_pictures, write_recording, write_video

PARTS = [burnt(seed) if seed % 5 == 4 else washer(seed) for seed in range(100, 120)]
"""Twenty, every fifth burnt."""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fitted once, its graph cached."""
    return fit_clear(tmp_path_factory.mktemp("recipes") / "washer")


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("pictures") / "parts", PARTS)


@pytest.fixture
def copied(recipe: Path, tmp_path: Path) -> Path:
    """A recipe that a test may damage."""
    return Path(shutil.copytree(recipe, tmp_path / "copied"))


@pytest.fixture
def conveyor(recipe: Path, parts: Path, tmp_path: Path) -> Config:
    """A line that runs until it is stopped, 20 parts a second, heard by its bridge from the first part on."""
    source = {"type": "folder", "path": str(parts), "fps": 20, "loop": True}
    return write_config(tmp_path, recipe, source=source, wire={"wait_for": ["bridge"]})


@pytest.fixture
def ear(conveyor: Config) -> Iterator[Subscriber]:
    """Hears the conveyor."""
    with closing(Subscriber(conveyor.wire, "washers", "test")) as subscriber:
        yield subscriber


# The whole: station, bridge and viewer


def test_a_run_to_the_end_says_where_to_look_and_what_it_came_to(recipe: Path, tmp_path: Path) -> None:
    write_recording(tmp_path / "recording", PARTS)
    truth = {f"{n:06d}.webp": {"defect": "burnt" if n % 5 == 0 else None} for n in range(1, 21)}
    (tmp_path / "recording" / "truth.json").write_text(json.dumps(truth))
    config = write_config(
        tmp_path, recipe, source={"type": "recording", "path": "recording"}, wire={"wait_for": ["bridge"]}
    )
    with (
        closing(Subscriber(config.wire, "washers", "test")) as ear,
        running("run", "--summary", "summary.json", folder=tmp_path) as program,
    ):
        program.until(f"http://127.0.0.1:{config.viewer.port}")
        heard = listen(ear, ended)
        assert program.finish() == 0
    assert [(verdict.seq, verdict.outcome) for verdict in verdicts(heard)] == [
        (n, "fail" if n % 5 == 0 else "pass") for n in range(1, 21)
    ]
    rejects = [line for line in program.lines if line.startswith("REJECT")]
    assert [re.findall(r"part (\d+) .*: fail, score", line)[0] for line in rejects] == ["5", "10", "15", "20"]
    assert program.lines[-1] == "bridge: 20 parts, 16 accepted, 4 rejected (fail 4)"
    assert "chosen by the rule highest_good" in program.output
    summary = json.loads((tmp_path / "summary.json").read_text())
    latency, ready_s = summary.pop("latency_ms"), summary.pop("ready_s")
    assert summary == {
        "parts": 20,
        "pass": 16,
        "fail": 4,
        "not_inspected": {},
        "truth": {"misses": 0, "false_rejects": 0, "image_auroc": 1.0},
        "lost": 0,
    }
    assert 0 < latency["p50"] <= latency["p95"] <= latency["p99"] <= latency["max"]
    assert 0 < ready_s < 60
    assert_all_gone(config)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_stopped_by_a_signal_every_part_taken_has_its_verdict_and_nothing_is_left(
    number: signal.Signals, code: int, conveyor: Config, ear: Subscriber, tmp_path: Path
) -> None:
    with running("run", "--summary", "summary.json", folder=tmp_path) as program:
        early = set(range(1, 11))  # the first may have to be asked for, which takes a while
        heard = listen(ear, lambda item: _leaves_none(early, item))
        others = beside(program)
        program.send(number)
        heard += listen(ear, ended)
        assert program.finish() == code
    seqs = [verdict.seq for verdict in verdicts(heard)]
    taken = last_health(heard).taken
    assert seqs == list(range(1, taken + 1))
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["parts"], summary["lost"]) == (taken, 0)
    assert f"bridge: {taken} parts" in program.lines[-1]
    assert set(others) == {"run", "bridge", "view"}
    assert_all_gone(conveyor, *others.values())
    assert "Traceback" not in program.output


def test_a_killed_supervisor_takes_the_others_with_it(conveyor: Config, ear: Subscriber, tmp_path: Path) -> None:
    with running("run", folder=tmp_path) as program:
        program.until("READY on")
        others = beside(program)
        program.send(signal.SIGKILL)
        heard = listen(ear, ended)
        assert program.finish() == -signal.SIGKILL
    assert len(verdicts(heard)) == last_health(heard).taken
    assert len(others) == 3
    assert_all_gone(conveyor, *others.values())


def test_what_dies_is_started_again_and_the_run_goes_on(conveyor: Config, ear: Subscriber, tmp_path: Path) -> None:
    with running("run", folder=tmp_path) as program:
        program.until("READY on")
        page = f"http://127.0.0.1:{conveyor.viewer.port}"
        eventually(lambda: _answers(page), "the viewer serves its page")
        before = beside(program)
        for name in ("bridge", "view"):
            os.kill(before[name], signal.SIGKILL)
        eventually(lambda: len(beside(program)) == 3, "both are started again")
        program.until("READY on")
        eventually(lambda: _answers(page), "the viewer serves its page again")
        after = beside(program)
        assert after["run"] == before["run"]
        assert not {before["bridge"], before["view"]} & set(after.values())
        _neither_torch_nor_cv2(after["bridge"], after["view"])

        occupied = call("run", folder=tmp_path)  # and a second one does not disturb the first
        assert occupied.returncode == 2
        assert occupied.stdout == ""
        assert occupied.stderr.splitlines() == [
            f"inspector: wire.verdicts is '{conveyor.wire.verdicts}', which is already in use: is another station "
            "running?"
        ]

        heard = listen(ear, lambda item: _is_part(1, item))
        run = verdicts(heard)[0].run
        os.kill(before["run"], signal.SIGKILL)
        heard += listen(ear, lambda item: isinstance(item, NewRun) and item.previous == run)
        seqs = [verdict.seq for verdict in verdicts(heard) if verdict.run == run]
        assert seqs == list(range(1, len(seqs) + 1))
        program.send(signal.SIGINT)
        assert program.finish() == 130
    for name in ("bridge", "viewer", "station"):
        assert f"{name} ended with exit code 137; starting it again in 0.5 s" in program.output
    assert_all_gone(conveyor, *after.values())


def test_a_bridge_that_cannot_start_holds_the_station_up_for_wait_s_at_most(
    recipe: Path, parts: Path, tmp_path: Path
) -> None:
    (tmp_path / "logs" / "washers-bridge.log").mkdir(parents=True)
    config = write_config(
        tmp_path,
        recipe,
        source={"type": "folder", "path": str(parts)},
        wire={"wait_for": ["bridge"], "wait_s": 0.5},
        viewer={"start": False},
    )
    with running("run", "--summary", "summary.json", folder=tmp_path) as program:
        assert program.finish() == 0
    assert json.loads((tmp_path / "summary.json").read_text())["parts"] == 20
    assert "not all of bridge subscribed within 0.5 s (wire.wait_s); going on" in program.output
    assert (
        f"inspector: station.log_folder is '{tmp_path / 'logs'}', where washers-bridge.log cannot be written: "
        "Is a directory; null logs to the console only"
    ) in program.lines
    assert "Traceback" not in program.output
    assert_all_gone(config)


def test_a_station_whose_log_file_cannot_be_written_goes_on_and_says_so(
    recipe: Path, parts: Path, tmp_path: Path
) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "washers-station.log").symlink_to("/dev/full")
    config = write_config(tmp_path, recipe, source={"type": "folder", "path": str(parts), "fps": 20, "loop": True})
    said = "log file: No space left on device"
    with (
        closing(Subscriber(config.wire, "washers", "test")) as ear,
        running("run", "--alone", folder=tmp_path) as program,
    ):
        listen(ear, lambda item: isinstance(item, HealthReceived) and said in item.health.reasons)
        heard = listen(ear, lambda item: isinstance(item, VerdictReceived))
        assert [item.health.state for item in heard if isinstance(item, HealthReceived)][-1:] in ([], ["ready"])
        program.send(signal.SIGTERM)
        assert program.finish() == 143
    assert program.output.count("is not written: No space left on device") == 1
    assert "Traceback" not in program.output


def test_programs_that_share_a_terminal_write_whole_lines_to_it(conveyor: Config, tmp_path: Path) -> None:
    """Each line begins at the left, and nothing redraws what another wrote."""
    shown = _on_a_terminal("run", until=["REJECT", "Ctrl-C stops"], folder=tmp_path)
    assert "\x1b[?25l" not in shown, "it hides the cursor"
    assert "\x1b[2K" not in shown, "it clears lines"
    plain = re.sub(r"\x1b\[[0-9;]*m", "", shown)
    for line in plain.splitlines():
        for start in ("READY", "REJECT", "bridge:"):
            assert start not in line or line.startswith(start), line
    assert "Traceback" not in plain
    assert re.search(r"^ +look +http://127.0.0.1:\d+ shows every part as it passes; Ctrl-C stops", plain, re.MULTILINE)


def test_a_bridge_with_a_terminal_of_its_own_lights_a_lamp_there(conveyor: Config, tmp_path: Path) -> None:
    shown = _on_a_terminal("bridge", until=["NOT READY: no station heard yet"], folder=tmp_path)
    assert "\x1b[2K" in shown
    assert shown.rstrip().endswith("bridge: 0 parts, 0 accepted, 0 rejected")


# The station alone


def test_a_station_alone_with_a_cached_graph_loads_no_torch(conveyor: Config, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text((tmp_path / "config.yaml").read_text().replace('["bridge"]', "[]"))
    with running("run", "--alone", folder=tmp_path) as program:
        program.until("ready: station washers on folder")
        libraries = loaded_libraries(program.pid)
        assert "openvino" in libraries
        assert not re.search(r"libtorch|faiss", libraries)
        program.send(signal.SIGTERM)
        assert program.finish() == 143


def test_a_reader_that_goes_away_stops_no_line(recipe: Path, parts: Path, tmp_path: Path) -> None:
    write_config(tmp_path, recipe, source={"type": "folder", "path": str(parts)})
    station = subprocess.Popen(
        command("run", "--alone", "--summary", "summary.json"),
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    with station:
        assert station.stdout is not None
        station.stdout.close()
        assert station.stderr is not None
        errors = station.stderr.read().decode()
    assert (station.returncode, "Error" in errors) == (0, False)
    assert json.loads((tmp_path / "summary.json").read_text())["parts"] == 20


def test_pictures_that_cannot_be_judged_are_not_inspected_and_the_run_goes_on(recipe: Path, tmp_path: Path) -> None:
    folder = write_pictures(tmp_path / "parts", washers(6))
    (folder / "01.png").write_bytes(b"")
    (folder / "02.png").write_bytes((folder / "03.png").read_bytes()[:2000])
    cv2.imwrite(str(folder / "04.png"), washer(4, (100, 80)))
    cv2.imwrite(str(folder / "06.png"), cv2.cvtColor(washer(6), cv2.COLOR_BGR2GRAY))
    cv2.imwrite(str(folder / "07.png"), washer(7).astype(np.uint16) * 257)
    config = write_config(tmp_path, recipe, wire={"wait_for": ["bridge"]})
    with (
        closing(Subscriber(config.wire, "washers", "bridge")) as ear,
        running("run", "--alone", "--summary", "summary.json", folder=tmp_path) as program,
    ):
        heard = listen(ear, ended)
        assert program.finish() == 0
    assert [(verdict.part, verdict.reason) for verdict in verdicts(heard)] == [
        ("00.png", None),
        ("01.png", "camera"),
        ("02.png", "camera"),
        ("03.png", None),
        ("04.png", "size"),
        ("05.png", None),
        ("06.png", None),
        ("07.png", None),
    ]
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["parts"], summary["not_inspected"], summary["truth"]) == (8, {"camera": 2, "size": 1}, None)
    assert "a picture is 100 × 80, the recipe expects 200 × 160" in program.output


def test_every_frame_of_a_truncated_video_is_accounted_for(recipe: Path, tmp_path: Path) -> None:
    whole = write_video(tmp_path / "whole.avi", PARTS)
    cut = tmp_path / "cut.avi"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size * 2 // 3])
    write_config(tmp_path, recipe, source={"type": "video", "path": "cut.avi", "speed": 0})
    done = call("run", "--alone", "--summary", "summary.json", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["parts"] == 20
    assert set(summary["not_inspected"]) <= {"camera", "health"}  # of what was cut through, not all decodes whole
    assert 3 < summary["not_inspected"]["camera"] < 17
    assert "Traceback" not in done.stderr


# What is wrong is said in one line, with its exit code


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["-c", "none.yaml"], 2, "no configuration at none.yaml; give one with -c FILE"),
        (["-c", "misspelt.yaml"], 2, "misspelt.yaml: scoring.recipes is x, but there is no such key "
                                     "(did you mean recipe?); allowed: recipe, device, runtime, threads"),
        (["--summary", "none/summary.json"], 2, "cannot write none/summary.json: there is no folder none"),
        (["--source", "none"], 3, "there is no none; give a recording, a folder of pictures, a video file, a camera's "
                                  "number, /dev/videoN or rtsp://…"),
        (["--source", "empty"], 3, "source.path empty holds no picture; looked for .png, .jpg, .jpeg, .webp, .bmp, "
                                   ".tif, .tiff"),
        (["--source", "zero.mp4"], 3, "zero.mp4 is empty (0 bytes)"),
        (["--source", "cut.mp4"], 3, "cut.mp4 cannot be opened as a video: it is cut short, damaged, or not a video"),
        (["--recipe", "none"], 4, "no recipe at none (no recipe.json); make one with: inspector teach"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_one_line_and_an_exit_code(
    arguments: list[str], code: int, told: str, recipe: Path, parts: Path, tmp_path: Path
) -> None:
    write_config(tmp_path, recipe, source={"type": "folder", "path": str(parts)})
    (tmp_path / "misspelt.yaml").write_text("source: {type: folder, path: parts}\nscoring: {recipes: x}\n")
    (tmp_path / "empty").mkdir()
    (tmp_path / "zero.mp4").touch()
    whole = write_video(tmp_path / "whole.mp4", PARTS, "mp4v")
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    done = call("run", "--alone", *arguments, folder=tmp_path)
    _is_one_line(done, code, told)


def test_check_says_that_a_camera_is_not_there_where_run_waits_for_it(recipe: Path, tmp_path: Path) -> None:
    write_config(tmp_path, recipe, source={"type": "camera", "device": "/dev/video99"})
    done = call("check", folder=tmp_path)
    assert done.returncode == 3
    assert "/dev/video99 cannot be opened" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_recipe_is_named_with_its_file(copied: Path, parts: Path, tmp_path: Path) -> None:
    write_config(tmp_path, copied, source={"type": "folder", "path": str(parts)})
    bank = bytearray((copied / "bank.faiss").read_bytes())
    bank[300] ^= 1
    (copied / "bank.faiss").write_bytes(bank)
    told = f"recipe {copied}: bank.faiss was changed or damaged (its sha256 differs from recipe.json)"
    _is_one_line(call("run", "--alone", folder=tmp_path), 4, told)
    (copied / "bank.faiss").unlink()
    told = f"recipe {copied}: bank.faiss cannot be read (No such file or directory)"
    _is_one_line(call("check", folder=tmp_path), 4, told)


def test_the_whole_gives_up_on_what_only_a_person_can_mend_and_its_log_says_why(recipe: Path, tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    config = write_config(tmp_path, recipe)
    done = call("run", folder=tmp_path)
    told = [line for line in done.stderr.splitlines() if line.startswith("inspector: ")]
    assert done.returncode == 3
    assert told == [f"inspector: source.path {tmp_path / 'parts'} holds no picture; looked for .png, .jpg, .jpeg, "
                    ".webp, .bmp, .tif, .tiff"]  # fmt: skip
    assert "starting it again" not in done.stderr
    logs = tmp_path / "logs"
    assert "ERROR" in (logs / "washers-station.log").read_text()
    assert "holds no picture" in (logs / "washers-station.log").read_text()
    assert "station ended with exit code 3" in (logs / "washers-supervisor.log").read_text()
    assert_all_gone(config)


def test_the_viewers_port_in_use_is_said_before_anything_starts(conveyor: Config, tmp_path: Path) -> None:
    port = conveyor.viewer.port
    told = f"viewer.port is {port}, but another program listens on 127.0.0.1:{port} already; choose another port"
    with bind(conveyor.viewer):
        done = call("run", folder=tmp_path)
        _is_one_line(done, 2, told)
        assert done.stdout == ""
        _is_one_line(call("view", folder=tmp_path), 2, told)


def test_a_fault_of_our_own_is_exit_code_70_and_its_place_is_in_the_log(
    recipe: Path, parts: Path, tmp_path: Path
) -> None:
    """A bug cannot be ordered, so one is put in."""
    write_config(tmp_path, recipe, source={"type": "folder", "path": str(parts)})
    code = (
        "import sys, inspector.line.station as s, inspector.__main__ as m\n"
        "def broken(config): raise ZeroDivisionError('bug')\n"
        "s.open_scorer = broken\n"
        "sys.exit(m.main(['run', '--alone']))"
    )
    done = subprocess.run(
        [*command()[:1], "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 70
    assert "a fault in inspector itself" in done.stderr
    assert "ZeroDivisionError: bug" in (tmp_path / "logs" / "washers-station.log").read_text()


def test_a_fault_shows_where_it_was_and_no_variable_whose_memory_may_be_the_drivers(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text(
        "import sys, inspector.line.check_camera as c, inspector.__main__ as m\n"
        "def broken(*_):\n"
        "    picture = 'of the ' + 'driver'\n"
        "    return len(picture) // 0\n"
        "c.check_camera = broken\n"
        "sys.exit(m.main(['check', '--camera', 'pylon']))"
    )
    done = subprocess.run(
        [*command()[:1], "broken.py"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 70
    assert "return len(picture) // 0" in done.stderr
    assert "of the driver" not in done.stderr


# teach and check


def test_taught_from_a_folder_a_line_runs_with_the_recipe_as_the_last_line_says(tmp_path: Path, recipe: Path) -> None:
    write_pictures(tmp_path / "good", washers(6))
    write_pictures(tmp_path / "parts" / "good", [washer(seed) for seed in range(100, 108)])
    write_pictures(tmp_path / "parts" / "burnt", [burnt(seed) for seed in range(200, 204)])
    write_config(tmp_path, recipe)
    done = call("teach", "--source", "good", "--out", "banks/mine", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert list(lines) == ["recipe", "parts", "threshold", "health", "look at", "run it"]
    assert "6 good parts allow to claim, at 95% confidence, at most 39.31% false rejects" in lines["threshold"]
    sheet = cv2.imread(str(tmp_path / lines["look at"].split(",")[0]))
    assert sheet is not None
    assert sheet.size > 6 * 50 * 50 * 3
    assert lines["run it"] == "inspector run --source good --recipe banks/mine"
    assert sorted(path.name for path in (tmp_path / "banks").iterdir()) == ["mine", "mine-parts.jpg"]

    run = call("run", "--alone", "--recipe", "banks/mine", "--summary", "summary.json", folder=tmp_path)
    assert run.returncode == 0, run.stderr
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["parts"], summary["truth"]["misses"], summary["truth"]["image_auroc"]) == (12, 0, 1.0)


def test_too_few_parts_to_learn_from_are_refused(tmp_path: Path, recipe: Path) -> None:
    write_pictures(tmp_path / "parts", washers(3))
    write_config(tmp_path, recipe)
    done = call("teach", "--out", "banks/mine", folder=tmp_path)
    assert done.returncode == 4
    assert done.stderr.splitlines()[-1] == ("inspector: too few good pictures to fit from: 3; at least 4 are needed")
    assert not list((tmp_path / "banks").iterdir())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--region", "1,2,3"], "'1,2,3'; allowed: X,Y,WIDTH,HEIGHT in pixels, such as 100,50,640,480"),
        (["--region", "0,0,0,9"], "'0,0,0,9'; allowed: X,Y,WIDTH,HEIGHT in pixels, such as 100,50,640,480"),
        (["--parts", "0"], "'0'; allowed: a whole number, at least 1"),
        (["--every", "-1"], "'-1'; allowed: a number, at least 0"),
        (["--leave-out", "2,x"], "'2,x'; allowed: numbers of parts from 1 on, such as 2,7"),
    ],
)
def test_an_argument_that_is_wrong_is_named_with_what_is_allowed(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    from inspector.__main__ import main

    with pytest.raises(SystemExit) as ended_with:
        main(["teach", *arguments])
    assert ended_with.value.code == 2
    assert told in capsys.readouterr().err


def test_check_says_what_would_run_a_line_each(conveyor: Config, tmp_path: Path) -> None:
    done = call("check", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    lines = dict(line.split(": ", 1) for line in done.stdout.splitlines())
    assert list(lines) == [
        "station",
        "source",
        "picture",
        "recipe",
        "threshold",
        "health",
        "scorer",
        "wire",
        "PLC",
        "store",
        "viewer",
    ]
    assert lines["source"].endswith("parts, frames of 200 × 160")
    assert re.search(r"first part 00.png scores \d+\.\d\d: pass", lines["scorer"])
    assert lines["viewer"] == f"http://127.0.0.1:{conveyor.viewer.port}"
    with closing(Publisher(conveyor.wire, "other", "run")):
        _is_one_line(
            call("check", folder=tmp_path), 2, f"wire.verdicts is '{conveyor.wire.verdicts}', which is already"
        )


def _is_one_line(done: "subprocess.CompletedProcess[str]", code: int, told: str) -> None:
    assert (done.returncode, len(done.stderr.splitlines())) == (code, 1), done.stderr
    assert done.stderr.startswith(f"inspector: {told}")


def _leaves_none(awaited: set[int], item: Received) -> bool:
    """Whether this was the last verdict awaited; its seq is taken from `awaited`."""
    if isinstance(item, VerdictReceived):
        awaited.discard(item.verdict.seq)
    return not awaited


def _is_part(seq: int, item: Received) -> bool:
    return isinstance(item, VerdictReceived) and item.verdict.seq == seq


def _neither_torch_nor_cv2(*pids: int) -> None:
    for pid in pids:
        assert not re.search(r"libtorch|cv2|openvino|faiss", loaded_libraries(pid))


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _on_a_terminal(*arguments: str, until: Sequence[str], folder: Path) -> str:
    """What a command and its programs write to a terminal, stopped by Ctrl-C once all of `until` is there."""
    screen, line = pty.openpty()
    _without_echo(line)
    environment = {**os.environ, "TERM": "xterm-256color"}
    process = subprocess.Popen(
        ["setsid", "--ctty", *command(*arguments)], cwd=folder, env=environment, stdin=line, stdout=line, stderr=line
    )
    os.close(line)
    shown, asked = b"", False
    with process, os.fdopen(screen, "r+b", buffering=0) as window:
        try:
            while piece := window.read(4096):
                shown += piece
                if not asked and all(each.encode() in shown for each in until):
                    asked = True
                    window.write(b"\x03")
        except OSError:  # Linux's way to say that the last process has closed it
            pass
    return shown.decode()


def _without_echo(terminal: int) -> None:
    """Keep the ^C that a terminal echoes out of what the programs write: it would stand before one of their lines."""
    settings = termios.tcgetattr(terminal)
    settings[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSANOW, settings)
