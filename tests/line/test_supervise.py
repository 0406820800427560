"""Real processes, small shell programs: what is started, what again, in which order it stops."""

import errno
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from subprocess import Popen

import pytest
from loguru import logger

from inspector.line import supervise as supervising
from inspector.line.supervise import Program, Restart, supervise

BOUND_S = 30.0


class Supervised:
    """supervise() in a thread, and the diary that its programs write."""

    def __init__(self, diary: Path) -> None:
        self.diary = diary
        self.stop = threading.Event()
        self.code: int | None = None
        self._thread: threading.Thread | None = None

    def program(self, name: str, body: str, restart: Restart = Restart.ALWAYS) -> Program:
        """A shell program that notes its start; `note` in its body notes more, `wait` waits for signals."""
        script = f'note() {{ echo {name} "$@" >> {self.diary}; }}; wait() {{ while :; do sleep 0.02; done; }}\n'
        return Program(name=name, command=("/bin/sh", "-c", f"{script}note starts; {body}"), restart=restart)

    def start(self, station: Program, beside: Sequence[Program] = (), number: int = signal.SIGINT) -> None:
        def run() -> None:
            self.code = supervise(station, beside, self.stop, lambda: number)

        self._thread = threading.Thread(target=run)
        self._thread.start()

    def finish(self) -> int:
        assert self._thread is not None
        self._thread.join(BOUND_S)
        assert self.code is not None
        return self.code

    @property
    def noted(self) -> list[str]:
        return self.diary.read_text().splitlines() if self.diary.exists() else []

    def until(self, seen: Callable[[list[str]], bool]) -> None:
        limit = time.monotonic() + BOUND_S
        while not seen(self.noted):
            assert time.monotonic() < limit, self.noted
            time.sleep(0.01)  # another process's file gives no sign


@pytest.fixture
def supervised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Supervised]:
    monkeypatch.setattr(supervising, "BACK_OFF_S", (0.01, 0.02))
    # Tests run in the background inherit SIGINT ignored, and a shell cannot trap what it was started to ignore.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield Supervised(tmp_path / "diary")
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def told() -> Iterator[list[str]]:
    """What is logged, with its level."""
    lines: list[str] = []
    sink = logger.add(lambda line: lines.append(str(line).strip()), format="{level} {message}")
    yield lines
    logger.remove(sink)


@pytest.mark.parametrize("code", [0, 2, 3, 4, 5])
def test_a_station_that_ends_or_that_only_a_person_can_mend_is_not_started_again(
    supervised: Supervised, code: int
) -> None:
    supervised.start(supervised.program("station", f"exit {code}", Restart.WHEN_FAULTY))
    assert supervised.finish() == code
    assert supervised.noted == ["station starts"]


@pytest.mark.parametrize("end", ["exit 70", "exit 1", "kill -KILL $$", "kill -SEGV $$"])
def test_a_station_that_broke_is_started_again_until_it_ends_well(supervised: Supervised, end: str) -> None:
    body = f"[ $(grep -c starts {supervised.diary}) = 3 ] || {end}"
    supervised.start(supervised.program("station", body, Restart.WHEN_FAULTY))
    assert supervised.finish() == 0
    assert supervised.noted == ["station starts"] * 3


def test_a_program_beside_it_is_started_again_however_it_ended(supervised: Supervised, told: list[str]) -> None:
    station = supervised.program(
        "station", f"until [ $(grep -c bridge {supervised.diary}) -ge 4 ]; do sleep 0.02; done"
    )
    bridge = supervised.program("bridge", "exit $(($(grep -c bridge " + str(supervised.diary) + ") - 1))")
    supervised.start(Program(name="station", command=station.command, restart=Restart.WHEN_FAULTY), [bridge])
    assert supervised.finish() == 0
    assert supervised.noted.count("bridge starts") >= 4
    assert told[:3] == [
        "WARNING bridge ended with exit code 0; starting it again in 0.01 s",
        "WARNING bridge ended with exit code 1; starting it again in 0.02 s",
        "WARNING bridge ended with exit code 2; starting it again in 0.02 s",
    ]


def test_what_the_system_has_no_room_to_start_is_said_and_tried_again(
    supervised: Supervised, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Station and bridge, at their first start and again when the bridge has ended."""
    refusals = {"station": 1, "bridge": 2}
    real = supervising.start

    def short_of_room(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Popen[bytes]:
        name = "station" if "note starts; until" in command[-1] else "bridge"
        if refusals[name]:
            refusals[name] -= 1
            raise BlockingIOError(errno.EAGAIN, "Resource temporarily unavailable")
        if name == "bridge":
            refusals[name] = 2
        return real(command, environment)

    monkeypatch.setattr(supervising, "start", short_of_room)
    station = supervised.program(
        "station", f"until [ $(grep -c bridge {supervised.diary}) -ge 2 ]; do sleep 0.02; done", Restart.WHEN_FAULTY
    )
    supervised.start(station, [supervised.program("bridge", "exit 0")])
    assert supervised.finish() == 0
    assert supervised.noted.count("station starts") == 1
    why = "bridge cannot be started: Resource temporarily unavailable"
    assert [line for line in told if "bridge" in line][:4] == [
        f"WARNING {why} (failure 1); starting it again in 0.01 s",
        f"WARNING {why} (failure 2); starting it again in 0.02 s",
        "WARNING bridge ended with exit code 0; starting it again in 0.02 s",
        f"WARNING {why} (failure 4); starting it again in 0.02 s",
    ]


def test_a_program_that_was_never_started_is_stopped_all_the_same(
    supervised: Supervised, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = threading.Event()

    def refuse(command: Sequence[str], environment: Mapping[str, str] | None = None) -> Popen[bytes]:
        refused.set()
        raise BlockingIOError(errno.EAGAIN, f"no room for {command[0]} {environment}")

    monkeypatch.setattr(supervising, "start", refuse)
    supervised.start(supervised.program("station", "exit 0", Restart.WHEN_FAULTY))
    assert refused.wait(BOUND_S)
    supervised.stop.set()
    assert supervised.finish() == 70
    assert told


def test_a_program_that_ran_steadily_starts_again_at_the_shortest_back_off(
    supervised: Supervised, told: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervising, "STEADY_S", 0.0)
    station = supervised.program("station", f"[ $(grep -c starts {supervised.diary}) = 4 ] || exit 70")
    supervised.start(Program(name="station", command=station.command, restart=Restart.WHEN_FAULTY))
    assert supervised.finish() == 0
    assert told == ["WARNING station ended with exit code 70; starting it again in 0.01 s"] * 3


@pytest.mark.parametrize(("number", "name"), [(signal.SIGINT, "INT"), (signal.SIGTERM, "TERM")])
def test_on_stop_the_station_ends_first_and_the_others_hear_its_last_verdicts(
    supervised: Supervised, number: signal.Signals, name: str
) -> None:
    station = supervised.program(
        "station", f"trap 'note {name}; sleep 0.1; note ends; exit {128 + number}' {name}; wait", Restart.WHEN_FAULTY
    )
    beside = [supervised.program(each, "trap 'note ends; exit 0' TERM; wait") for each in ("bridge", "viewer")]
    supervised.start(station, beside, number)
    supervised.until(lambda noted: len(noted) == 3)
    supervised.stop.set()
    assert supervised.finish() == 128 + number
    assert supervised.noted[3:5] == [f"station {name}", "station ends"]
    assert sorted(supervised.noted[5:]) == ["bridge ends", "viewer ends"]


def test_the_others_are_asked_to_stop_together(supervised: Supervised) -> None:
    """Each waits, before it ends, until the other has been asked."""
    both = (
        f"trap 'note asked; until [ $(grep -c asked {supervised.diary}) = 2 ]; do sleep 0.02; done; exit 0' TERM; wait"
    )
    beside = [supervised.program(each, both) for each in ("bridge", "viewer")]
    everyone = f"until [ $(grep -c starts {supervised.diary}) = 3 ]; do sleep 0.02; done; sleep 0.1"
    supervised.start(supervised.program("station", everyone, Restart.WHEN_FAULTY), beside)
    assert supervised.finish() == 0
    assert sorted(supervised.noted[3:]) == ["bridge asked", "viewer asked"]


def test_what_does_not_stop_is_killed(supervised: Supervised, told: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervising, "STOP_S", 0.2)
    deaf = supervised.program("station", "trap '' INT TERM; note deaf; wait", Restart.WHEN_FAULTY)
    supervised.start(deaf)
    supervised.until(lambda noted: "station deaf" in noted)
    supervised.stop.set()
    assert supervised.finish() == 128 + signal.SIGKILL
    assert told == ["ERROR station did not stop within 0.2 s and is killed"]
