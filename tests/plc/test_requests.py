"""START, STOP and RECIPE_REQUEST reach the station, and what comes of them reaches the PLC."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from inspector.config import PlcRecipe, WireConfig
from inspector.messages import Command, Reply, SetRecipe, Start, Stop
from inspector.plc.requests import Requests
from inspector.wire.command import CommandServer
from inspector.wire.keys import make_set
from tests.plc.plcs import modbus, scanned_plc
from tests.plc.stations import live_station
from tests.plc.test_drive_plc import bridge, feed
from tests.wire.samples import BOUND_S, local_wire, wait_for

RECIPES = (PlcRecipe(number=1, folder="/banks/one"), PlcRecipe(number=2, folder="/banks/two"))


class Carried:
    """A station's command side: says yes, but to the folder /banks/two/broken."""

    def __init__(self, wire: WireConfig) -> None:
        self.commands: list[Command] = []
        self.says = Reply(done=True, detail="done")
        self._server = CommandServer(wire, "line1")
        self._halt = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def close(self) -> None:
        self._halt.set()
        self._thread.join(BOUND_S)
        self._server.close()

    def _run(self) -> None:
        while not self._halt.is_set():
            for asked in self._server.receive(0.02):
                self.commands.append(asked.command)
                self._server.reply(asked, self.says)


@contextmanager
def carried(wire: WireConfig) -> Iterator[Carried]:
    with closing(Carried(wire)) as made:
        yield made


@pytest.fixture
def wire() -> WireConfig:
    return local_wire()


def test_start_and_stop_are_commands_on_their_rising_edges(wire: WireConfig) -> None:
    with (
        carried(wire) as commands,
        scanned_plc() as (plc, port),
        bridge(wire, modbus(port)) as made,
        live_station(wire) as station,
    ):
        station.until(lambda: made.ready)
        plc.extra["STOP"] = 1
        station.until(lambda: len(commands.commands) == 1)
        plc.extra |= {"STOP": 0, "START": 1}
        station.until(lambda: len(commands.commands) == 2)
        station.wait(0.1)
    assert [type(command) for command in commands.commands] == [Stop, Start]
    assert all(command.by == "plc" for command in commands.commands)


def test_a_recipe_is_echoed_after_the_first_verdict_under_it_and_nothing_passes_by_the_old_one(
    wire: WireConfig,
) -> None:
    with (
        carried(wire) as commands,
        scanned_plc() as (plc, port),
        bridge(wire, modbus(port, recipes=RECIPES)) as made,
        live_station(wire) as station,
    ):
        station.until(lambda: made.ready)
        feed(station, ["pass"], 0.1)
        plc.extra["RECIPE_REQUEST"] = 2
        station.until(lambda: len(commands.commands) == 1)
        assert commands.commands[0] == SetRecipe(station="line1", by="plc", why="RECIPE_REQUEST 2", recipe="/banks/two")
        station.expose("pass")  # taken under the old one
        station.until(lambda: len(made.lamp.decisions) == 2)
        assert plc.image()["RECIPE_ECHO"] == 0
        station.wait(0.12)
        station.expose("pass", recipe="def")
        station.until(lambda: plc.image()["RECIPE_ECHO"] == plc.image()["RECIPE"] == 2)
        station.until(lambda: len(made.lamp.decisions) == 3)
    causes = [d.cause for d in made.lamp.decisions]
    assert causes[1] == "recipe"
    assert "recipe" not in (causes[0], causes[2])


def test_a_recipe_that_is_refused_is_echoed_as_such_and_the_old_one_stays(wire: WireConfig) -> None:
    with (
        carried(wire) as commands,
        scanned_plc() as (plc, port),
        bridge(wire, modbus(port, recipes=RECIPES)) as made,
        live_station(wire) as station,
    ):
        commands.says = Reply(done=False, detail="its hash is wrong")
        station.until(lambda: made.ready)
        plc.extra["RECIPE_REQUEST"] = 1
        station.until(lambda: plc.image()["RECIPE_ECHO"] == 65535)
        feed(station, ["pass"], 0.1)
        station.until(lambda: len(made.lamp.decisions) == 1)
        plc.extra["RECIPE_REQUEST"] = 9
        station.until(lambda: plc.image()["RECIPE_ECHO"] == 65535)
    assert made.lamp.decisions[0].cause != "recipe"
    assert len(commands.commands) == 1, "number 9 is nobody's"


def test_only_recipe_versions_that_the_configuration_names_may_pass(wire: WireConfig) -> None:
    known = (PlcRecipe(number=3, folder="/banks/three", id="abc"),)
    with (
        scanned_plc() as (plc, port),
        bridge(wire, modbus(port, recipes=known)) as made,
        live_station(wire) as station,
    ):
        station.until(lambda: made.ready)
        station.wait(0.05)
        station.expose("pass", recipe="abc")
        station.wait(0.12)
        station.expose("pass", recipe="other")
        station.until(lambda: len(made.lamp.decisions) == 2)
        station.until(lambda: plc.image()["RECIPE"] == 0)
    causes = {d.seq: d.cause for d in made.lamp.decisions}
    assert causes[2] == "recipe" != causes[1]


def test_without_the_key_for_commands_each_wish_is_answered_with_what_is_missing_until_it_is_there(
    wire: WireConfig, tmp_path: Path
) -> None:
    keys = tmp_path / "keys"
    make_set(keys)
    secret = keys / "commanding.secret"
    aside = secret.rename(tmp_path / "aside")
    keyed = msgspec.structs.replace(wire, keys=str(keys))
    with closing(Requests(keyed, "line1", {1: "/banks/one"})) as requests, carried(keyed):
        for wish in (("start", 0), ("stop", 0), ("recipe", 1)):
            requests.ask(wish)
            wait_for(lambda: time.sleep(0.01), lambda _: bool(requests.answers))
            answer = requests.answers.popleft()
            assert (answer.wish, answer.reply.done) == (wish, False)
            assert "commanding.secret" in answer.reply.detail
        aside.rename(secret)
        requests.ask(("recipe", 1))
        wait_for(lambda: time.sleep(0.01), lambda _: bool(requests.answers))
        assert requests.answers.popleft().reply.done
