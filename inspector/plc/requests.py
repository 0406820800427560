"""What the PLC asks of the station: START, STOP, RECIPE_REQUEST: found here, and asked for in a thread of its own.

A change of recipe takes seconds; nothing waits for it but the next request.
"""

import queue
import threading
from collections import deque
from contextlib import closing
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

from inspector.config import WireConfig
from inspector.errors import ConfigError
from inspector.messages import Command, Reply, SetRecipe, Start, Stop
from inspector.plc.registers import PlcSide
from inspector.wire.command import CommandClient, NoAnswer

ASK_S: Final = 60.0

Wish: TypeAlias = tuple[Literal["start", "stop", "alarm_reset", "recipe"], int]
"""What is wanted, and of a recipe its number."""


class Edges:
    """Rising edges of the PLC's request bits, and changes of its RECIPE_REQUEST. Pure."""

    def __init__(self) -> None:
        self._before: PlcSide | None = None

    def take(self, side: PlcSide) -> list[Wish]:
        """New wishes. What a PLC holds when it is first heard is no edge, but its recipe is wanted."""
        before, self._before = self._before, side
        wishes: list[Wish] = []
        if before is not None:
            wishes += [("start", 0)] if side.start and not before.start else []
            wishes += [("stop", 0)] if side.stop and not before.stop else []
            wishes += [("alarm_reset", 0)] if side.alarm_reset and not before.alarm_reset else []
        if side.recipe_request and (before is None or side.recipe_request != before.recipe_request):
            wishes.append(("recipe", side.recipe_request))
        return wishes


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a wish."""

    wish: Wish
    reply: Reply


class Requests:
    """Asks the station, one wish after another."""

    def __init__(self, wire: WireConfig, station: str, folders: dict[int, str]) -> None:
        """folders: the recipe's folder of each number."""
        self._wire = wire
        self._station = station
        self._folders = folders
        self._wishes: queue.SimpleQueue[Wish | None] = queue.SimpleQueue()
        self.answers: deque[Answer] = deque()
        """To be taken from the left, by the one who asked."""
        self._thread = threading.Thread(target=self._run, name="plc-requests", daemon=True)
        self._thread.start()

    def ask(self, wish: Wish) -> None:
        """Ask; the answer comes in `answers`."""
        self._wishes.put(wish)

    def close(self) -> None:
        """No more; an answer that is awaited is not waited for."""
        self._wishes.put(None)
        self._thread.join(0.2)

    def _run(self) -> None:
        while (wish := self._wishes.get()) is not None:
            self.answers.append(Answer(wish, self._reply(wish)))

    def _reply(self, wish: Wish) -> Reply:
        """A client for each wish: keys that are missing are an answer too, and may be there for the next one."""
        command = self._command(wish)
        if command is None:
            return Reply(done=False, detail=f"plc.recipes has no number {wish[1]}")
        try:
            with closing(CommandClient(self._wire, self._station)) as client:
                return client.ask(command, ASK_S if wish[0] == "recipe" else 2.0)
        except (NoAnswer, ConfigError) as error:
            return Reply(done=False, detail=str(error))

    def _command(self, wish: Wish) -> Command | None:
        kind, number = wish
        if kind == "recipe":
            folder = self._folders.get(number)
            why = f"RECIPE_REQUEST {number}"
            return SetRecipe(station=self._station, by="plc", why=why, recipe=folder) if folder else None
        if kind == "start":
            return Start(station=self._station, by="plc", why="START")
        return Stop(station=self._station, by="plc", why="STOP")
