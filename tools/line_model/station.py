"""The station of the model: it sees parts, judges them rightly, publishes, and is subject to all that befalls it."""

from dataclasses import replace
from typing import Protocol

from inspector.messages import Health, State, Verdict
from tools.line_model.world import World

UNIX: float = 1_800_000_000.0


class Heard(Protocol):
    """The wire's other end."""

    def verdict(self, verdict: Verdict) -> None:
        """A verdict was sent."""

    def health(self, health: Health) -> None:
        """A heartbeat was sent."""


class ModelStation:
    """Runs one after another."""

    def __init__(self, world: World, wire: Heard, rate: float) -> None:
        """rate: how often a part is not inspected; 0: never, 1: once in 300."""
        self._world = world
        self._wire = wire
        self._rate = rate
        self.step = 0.0
        """What its clock has been stepped by."""
        self.run = "run-0"
        self._runs = 0
        self._taken = self._published = 0
        self.sent: dict[int, Verdict] = {}
        """For those who ask for them again."""
        self.state: State = "starting"
        self._changes = 0
        self._until = 0.0
        self._pending: dict[int, Verdict | None] = {}
        self._arrived: dict[int, float] = {}

    def begin(self) -> None:
        """The first run."""
        self._world.after(0.3, self._get_ready)
        self._beat(self.run)

    def crash(self, seconds: float) -> None:
        """It dies, and another run begins after so long."""
        self.state = "ended"
        self.run = ""
        self._world.after(seconds, self._begin_again)

    def pause(self, seconds: float) -> None:
        """It is not ready for so long."""
        if self.state == "ready":
            self.state = "not_ready"
            self._changes += 1
            self._until = self._world.now + seconds
            self._world.after(seconds, self._get_ready)

    def expose(self, defective: bool) -> tuple[str, int] | None:
        """A part is at the camera; its run and seq, None where nobody looks."""
        if self.state != "ready":
            return None
        chance = self._world.chance
        self._taken += 1
        latency_s = chance.uniform(0.008, 0.030) if chance.random() < 0.99 else chance.uniform(0.03, 0.3)
        transfer_s = 0.004
        lost = chance.random() < 0.003 * self._rate
        if lost:
            self._world.trouble("not_inspected")
        verdict = Verdict(
            station="line1",
            run=self.run,
            mode="live",
            seq=self._taken,
            part="",
            outcome="not_inspected" if lost else "fail" if defective else "pass",
            reason="late" if lost else None,
            score=None if lost else 30.0 if defective else 10.0,
            threshold=20.0,
            recipe="r",
            exposed_ns=round((UNIX + self._world.now + self.step) * 1e9),
            latency_ms=0.0,
            stages_ms={},
        )
        self._pending[self._taken] = None
        self._arrived[self._taken] = self._world.now + transfer_s
        self._world.after(transfer_s + latency_s, lambda: self._judged(verdict))
        return self.run, self._taken

    def _judged(self, verdict: Verdict) -> None:
        """Verdicts leave in the order of seq."""
        if verdict.run != self.run:
            return
        now = self._world.now
        self._pending[verdict.seq] = verdict
        while (ready := self._pending.get(self._published + 1)) is not None:
            self._published += 1
            del self._pending[self._published]
            sent = replace(ready, latency_ms=1000 * (now - self._arrived.pop(self._published)))
            self.sent[self._published] = sent
            self._wire.verdict(sent)

    def _begin_again(self) -> None:
        self._runs += 1
        self.run = f"run-{self._runs}"
        self._taken = self._published = 0
        self.sent.clear()
        self._pending.clear()
        self._arrived.clear()
        self.state = "starting"
        self._until = self._world.now
        self._world.after(0.3, self._get_ready)
        self._beat(self.run)

    def _get_ready(self) -> None:
        if self.state in ("starting", "not_ready") and self._world.now >= self._until:
            self.state = "ready"
            self._changes += 1

    def _beat(self, run: str) -> None:
        if run != self.run:
            return
        self._wire.health(
            Health(
                station="line1",
                run=run,
                mode="live",
                now_ns=round((UNIX + self._world.now + self.step) * 1e9),
                taken=self._taken,
                published=self._published,
                state=self.state,
                reasons=(),
                counts={"state": self._changes},
                queues={},
            )
        )
        self._world.after(0.25, lambda: self._beat(run))
