"""Commands carried out. Never on the verdict path: what is slow is prepared beside the line."""

import queue
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from inspector.config import WireConfig
from inspector.errors import RecipeError
from inspector.line.identity import Identity
from inspector.line.journal import Journal
from inspector.line.recipes import Changes
from inspector.line.register import Register
from inspector.line.scorer import InForce, Scorer
from inspector.line.stopped import Stopped
from inspector.messages import (
    Acknowledge,
    Command,
    Mark,
    Reply,
    ReportLogHead,
    SetRecipe,
    SetThreshold,
    Start,
    Stop,
    TakeBack,
    TriggerPart,
)
from inspector.triggers import Requests
from inspector.wire.command import Asked, CommandServer

SLOW: Final = (SetThreshold, SetRecipe, TakeBack)
"""A network may have to be compiled for these: seconds."""
UNDER_WAY: Final = 8
"""Slow commands that wait for each other, at most; more are refused, since nobody meant them all."""
POLL_S: Final = 0.1
WAITING_POLL_S: Final = 0.02
"""The same while a slow command is under way, whose end wakes nobody."""


class Orders:
    """Carries out commands on the line. quick() belongs to one thread, slow() to another."""

    def __init__(
        self,
        identity: Identity,
        in_force: InForce,
        changes: Changes,
        register: Register,
        journal: Journal,
        taking: threading.Event,
        stopped: Stopped,
        requests: Requests | None,
    ) -> None:
        """taking: set while the line takes parts; stopped: keeps that it was told to take none; requests: where the
        software trigger looks for part ids, if that is the trigger."""
        self._identity = identity
        self._in_force = in_force
        self._changes = changes
        self._register = register
        self._journal = journal
        self._taking = taking
        self._stopped = stopped
        self._requests = requests

    def quick(self, command: Command) -> Reply:
        """Carry out any command but SLOW ones."""
        match command:
            case TriggerPart():
                return self._trigger(command)
            case Start():
                return self._start(command)
            case Stop():
                return self._stop(command)
            case Mark():
                return self._mark(command)
            case Acknowledge():
                return self._acknowledge(command)
            case ReportLogHead():
                self._journal.log_head = command.head  # no event: the store would log it, and report that again
                self._journal.warn("store", [command.trouble] if command.trouble else [])
                return _done("")
        raise TypeError(f"{type(command).__name__} is not quick")

    def slow(self, command: Command) -> Reply:
        """Carry out one of SLOW; a refusal changes nothing."""
        before = self._in_force.scorer
        try:
            match command:
                case SetThreshold(value=value):
                    basis = f"set by {command.by}{_because(command)}; {before.threshold:.6g} before"
                    return self._changed("threshold", command, before, self._changes.threshold(value, basis))
                case SetRecipe(recipe=folder):
                    return self._changed("recipe", command, before, self._changes.recipe(Path(folder)))
                case TakeBack():
                    return self._changed("take_back", command, before, self._changes.take_back())
        except RecipeError as error:
            return self._refused(command, str(error))
        except Exception as error:  # of a runtime, say; the recipe in force is the one before
            return self._refused(command, f"{type(error).__name__}: {error}")
        raise TypeError(f"{type(command).__name__} is not slow")

    def _trigger(self, command: TriggerPart) -> Reply:
        if self._requests is None:
            return _refused("the trigger is not `software`: only that one takes requests")
        if not self._taking.is_set():
            return _refused("the station is stopped and takes no parts")
        self._requests.put(command.part)
        return self._event("trigger", command, f"part {command.part or 'without id'}")

    def _start(self, command: Start) -> Reply:
        self._taking.set()
        self._stopped.forget()
        self._journal.hinder("stopped")
        return self._event("start", command, "takes parts")

    def _stop(self, command: Stop) -> Reply:
        self._taking.clear()
        words = f"stopped by {command.by}{_because(command)}"
        self._journal.hinder("stopped", words)
        untold = self._stopped.keep(words)
        lost = f"; after a fault it would take parts again, since {untold}" if untold else ""
        return self._event("stop", command, f"takes no parts until told to start{lost}")

    def _mark(self, command: Mark) -> Reply:
        taken = self._register.taken
        if command.run == self._identity.run and not 1 <= command.seq <= taken:
            return _refused(f"there is no part {command.seq} in this run yet; the newest is {taken}")
        what = "is a false reject" if command.mark == "false_reject" else "is confirmed"
        return self._event("mark", command, f"part {command.seq} of run {command.run} {what}", seq=command.seq,
                           run=command.run, mark=command.mark)  # fmt: skip

    def _acknowledge(self, command: Acknowledge) -> Reply:
        return self._event("acknowledge", command, f"alarm seen: {command.source} {command.level}, {command.text}",
                           source=command.source, level=command.level, text=command.text,
                           began_ns=str(command.began_ns), seen_ns=str(command.seen_ns))  # fmt: skip

    def _changed(self, kind: str, command: Command, before: Scorer, after: Scorer) -> Reply:
        threshold = f"the threshold is {after.threshold:.6g} (it was {before.threshold:.6g})"
        detail = f"{threshold}, the recipe {after.recipe_id} (it was {before.recipe_id}), from the next part on"
        return self._event(kind, command, detail, threshold=repr(after.threshold), recipe=after.recipe_id,
                           threshold_before=repr(before.threshold), recipe_before=before.recipe_id)  # fmt: skip

    def _event(self, kind: str, command: Command, detail: str, seq: int | None = None, **facts: str) -> Reply:
        words = f"{detail}; by {command.by}{_because(command)}"
        self._journal.note(kind, words, seq=seq, facts={"by": command.by, "why": command.why, **facts})
        return _done(detail)

    def _refused(self, command: Command, why: str) -> Reply:
        self._journal.note("refused", f"{type(command).__name__} by {command.by}: {why}")
        return _refused(why)


def command_loop(wire: WireConfig, station: str, orders: Orders, finish: threading.Event) -> None:
    """Answer commands until `finish` is set. Slow ones are carried out in a thread of their own, in their order."""
    waiting: queue.SimpleQueue[Asked | None] = queue.SimpleQueue()
    ready: queue.SimpleQueue[tuple[Asked, Reply]] = queue.SimpleQueue()
    under_way: list[Asked] = []
    slow = threading.Thread(
        target=_slow_loop, args=(orders.slow, waiting, ready), name="inspector-changes", daemon=True
    )
    slow.start()
    with closing(CommandServer(wire, station)) as server:
        while not finish.is_set():
            for asked in server.receive(WAITING_POLL_S if under_way else POLL_S):
                if isinstance(asked.command, SLOW) and len(under_way) >= UNDER_WAY:
                    server.reply(asked, _refused(f"{UNDER_WAY} changes are under way already; try again"))
                elif isinstance(asked.command, SLOW):
                    under_way.append(asked)
                    waiting.put(asked)
                else:
                    server.reply(asked, orders.quick(asked.command))
            while not ready.empty():
                asked, reply = ready.get()
                under_way.remove(asked)
                server.reply(asked, reply)
        for asked in under_way:
            server.reply(asked, _refused("the station is stopping; whether it was done, its next start shows"))
    waiting.put(None)


def _slow_loop(
    carry_out: Callable[[Command], Reply],
    waiting: "queue.SimpleQueue[Asked | None]",
    ready: "queue.SimpleQueue[tuple[Asked, Reply]]",
) -> None:
    while (asked := waiting.get()) is not None:
        ready.put((asked, carry_out(asked.command)))


def _because(command: Command) -> str:
    return f" ({command.why})" if command.why else ""


def _done(detail: str) -> Reply:
    return Reply(done=True, detail=detail)


def _refused(why: str) -> Reply:
    return Reply(done=False, detail=why)
