"""Acknowledgements reach the station's log, also those of a station that was away."""

import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest
from loguru import logger

from inspector.config import WireConfig
from inspector.messages import Acknowledge, Command, Reply
from inspector.viewer.reports import Reports
from inspector.wire.command import CommandServer
from tests.programs import eventually
from tests.wire.samples import BOUND_S, local_wire


def seen(by: str = "Anna") -> Acknowledge:
    return Acknowledge(station="line1", by=by, source="station", level="fault", text="silent", began_ns=1, seen_ns=2)


@contextmanager
def telling(wire: WireConfig) -> Iterator[Reports]:
    reports = Reports(wire, "line1")
    reports.start()
    try:
        yield reports
    finally:
        reports.stop()


@contextmanager
def answering(wire: WireConfig, reply: Reply) -> Iterator[list[Command]]:
    """A station that answers every command so; the commands that came."""
    came: list[Command] = []
    stop, bound = threading.Event(), threading.Event()

    def serve() -> None:
        with closing(CommandServer(wire, "line1")) as server:
            bound.set()
            while not stop.is_set():
                for asked in server.receive(0.02):
                    server.reply(asked, reply)
                    came.append(asked.command)

    thread = threading.Thread(target=serve)
    thread.start()
    assert bound.wait(BOUND_S)
    try:
        yield came
    finally:
        stop.set()
        thread.join()


@pytest.fixture
def warnings() -> Iterator[list[str]]:
    said: list[str] = []
    number = logger.add(lambda message: said.append(str(message)), level="WARNING", format="{message}")
    yield said
    logger.remove(number)


def test_a_station_that_was_away_is_told_when_it_is_back() -> None:
    wire = local_wire()
    with telling(wire) as reports:
        reports.put(seen("Anna"))
        reports.put(seen("Ben"))
        with answering(wire, Reply(done=True, detail="")) as came:
            eventually(lambda: seen("Ben") in came, "both are told")
    assert came[0] == seen("Anna")


def test_what_was_never_told_is_said_when_the_viewer_ends(warnings: list[str]) -> None:
    with telling(local_wire()) as reports:
        reports.put(seen("Anna"))
        reports.put(seen("Ben"))
    assert [line.partition(": ")[0] for line in warnings] == [
        "not in the station's log", "not in the station's log"]  # fmt: skip
    assert any("seen by Anna" in line for line in warnings)
    assert any("seen by Ben" in line for line in warnings)


def test_what_the_station_refuses_is_said_and_not_told_again(warnings: list[str]) -> None:
    wire = local_wire()
    with answering(wire, Reply(done=False, detail="a command of an unknown kind")) as came, telling(wire) as reports:
        reports.put(seen())
        eventually(lambda: warnings, "the refusal is said")
    assert came == [seen()]
    assert "a command of an unknown kind" in warnings[0]
