"""The wire of the model: in order and quick, until messages are lost, held up, repeated, overtaken or contradicted."""

from collections.abc import Callable
from dataclasses import replace

from inspector.messages import Health, Verdict
from tools.line_model.world import World

Message = Verdict | Health


class ModelWire:
    """From the station to the bridge."""

    def __init__(self, world: World, rate: float, deliver: Callable[[Message], None]) -> None:
        """rate: how often something goes wrong; 0: never, 1: once in 60 messages or so."""
        self._world = world
        self._rate = rate
        self._deliver = deliver
        self._newest = 0.0
        self.held_until = 0.0
        """Nothing gets through before."""

    def verdict(self, verdict: Verdict) -> None:
        """See Heard."""
        chance = self._world.chance
        if chance.random() < 0.004 * self._rate:
            self._contradict(verdict)
            return
        if chance.random() < 0.004 * self._rate:
            self._world.trouble("message_lost", 4.0)
            return
        if chance.random() < 0.004 * self._rate:
            self._world.trouble("message_reordered", 1.0)
            self._world.after(chance.uniform(0.005, 0.6), lambda: self._deliver(verdict))
            return
        self._send(verdict)
        if chance.random() < 0.004 * self._rate:
            self._world.trouble("message_repeated")
            self._world.after(chance.uniform(0.0, 3.0), lambda: self._deliver(verdict))

    def health(self, health: Health) -> None:
        """See Heard."""
        if self._world.chance.random() < 0.004 * self._rate:
            self._world.trouble("heartbeat_lost", 1.5)
            return
        self._send(health)
        if self._world.chance.random() < 0.001 * self._rate:
            # perhaps of a run that has ended since, to a bridge that has not heard it
            self._world.after(self._world.chance.uniform(0.5, 20.0), lambda: self._old(health))

    def _old(self, health: Health) -> None:
        self._world.trouble("old_heartbeat", 4.0)
        self._deliver(health)

    def _contradict(self, verdict: Verdict) -> None:
        """The station gives one part two verdicts; the true one is never later than the other for a bad part."""
        self._world.trouble("contradiction", 4.0)
        other = (
            replace(verdict, outcome="fail", score=30.0, reason=None)
            if verdict.outcome == "pass"
            else replace(verdict, outcome="pass", score=10.0, reason=None)
        )
        self._send(verdict)
        self._world.after(self._world.chance.uniform(0.0, 0.4), lambda: self._send(other))

    def _send(self, message: Message) -> None:
        chance, now = self._world.chance, self._world.now
        travels_s = chance.uniform(0.0002, 0.003)
        if chance.random() < 0.003 * self._rate:
            self._world.trouble("message_delayed", 2.0)
            travels_s = chance.uniform(0.01, 0.5)
        # in order, as on a connection
        self._newest = max(self._newest + 1e-6, now + travels_s, self.held_until)
        self._world.at(self._newest, lambda: self._deliver(message))
