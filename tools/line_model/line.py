"""The whole line: parts on the belt, faults at random, and which bin each part falls into."""

from collections import Counter
from dataclasses import dataclass
from typing import Final, Literal

from tools.line_model.belt import TrueBelt
from tools.line_model.bridge import DELAY, WIDTH, ModelBridge, Parts
from tools.line_model.plc import WATCHDOG_S, ModelPlc
from tools.line_model.station import ModelStation
from tools.line_model.wire import Message, ModelWire
from tools.line_model.world import World

START_S: Final = 4.0
"""The first part comes then: the PLC feeds none before READY."""
SHARE_BAD: Final = 0.1
EXPLAINS_S: Final = 12.0
"""A fault explains rejections for so long after its end: a part's way to the ejector, and getting in step again."""

FAULTS: Final = (
    "station_crash",
    "station_not_ready",
    "bridge_crash",
    "bridge_frozen",
    "cable_cut",
    "plc_restart",
    "plc_stands",
    "clock_step",
    "encoder_reset",
    "wire_held",
)
"""What befalls the line as a whole; messages have their own: see ModelWire."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the oracle counted."""

    seed: int
    parts: int
    mode: str
    decided_once: int
    """Parts with one decision, or that the station never counted and that the gate decided by default."""
    rejects_due: int
    """Parts that are bad."""
    rejects_in_window: int
    """Those of them that the gate rejected."""
    defective_passed: int
    good_rejected: dict[str, int]
    """By the cause of the decision; undecided: without one; gate: let pass, but the gate was shut."""
    unexplained: int
    """Good parts rejected without any fault that explains it."""
    faults: dict[str, int]
    counted: dict[str, int]
    """What the ledger counted."""


@dataclass(slots=True)
class _Part:
    position: float
    bad: bool
    seen: tuple[str, int] | None = None
    exposed: float = 0.0


class Line:
    """Run it once."""

    def __init__(
        self,
        seed: int,
        parts: int,
        faulty: bool = True,
        mode: Literal["permit", "pulse"] = "permit",
        rate: float = 1.0,
        bridge: Parts | None = None,
        bad: float = SHARE_BAD,
        watchdog_s: float = WATCHDOG_S,
    ) -> None:
        """rate: how often faults come, 1: about every eight seconds; bad: the share of bad parts; watchdog_s: see
        ModelPlc."""
        self._share_bad = bad
        self._seed = seed
        self._count = parts
        self._faulty = faulty
        self._mode = mode
        self._rate = rate
        self._world = world = World(seed)
        self._belt = TrueBelt(world.chance, steady=False, reverses=faulty)
        self._plc = ModelPlc(world, self._belt, mode)
        self._plc.watchdog_s = watchdog_s
        self._wire = ModelWire(world, rate if faulty else 0.0, self._deliver)
        self._station = ModelStation(world, self._wire, rate if faulty else 0.0)
        self._bridge = ModelBridge(world, self._plc, self._station, mode, bridge or Parts())
        self._camera = self._ejector = 0
        self._parts: list[_Part] = []
        self._fallen = 0
        self._bad = self._rejected_bad = self._passed_bad = 0
        self._good_rejected: list[_Part] = []
        self._station.begin()
        world.at(START_S, lambda: self._feed(self._belt.position(world.now) + 100.0))

    def run(self) -> Result:
        """Let all parts fall into their bins, with faults at random."""
        if self._faulty:
            self._world.at(START_S + 2, self._trouble)
        self._world.run(lambda: self._fallen == self._count)
        return self.result()

    def advance(self, seconds: float) -> None:
        """Go on for so long."""
        end = self._world.now + seconds
        self._world.at(end, lambda: None)
        self._world.run(lambda: self._world.now >= end)

    def _deliver(self, message: Message) -> None:
        self._bridge.deliver(message)

    def _feed(self, position: float) -> None:
        """The next part is at this position when it is exposed."""
        moment, self._camera = self._belt.reaches(position, self._camera)
        part = _Part(position, self._world.chance.random() < self._share_bad)
        self._world.at(moment, lambda: self._expose(part))

    def _expose(self, part: _Part) -> None:
        part.exposed = self._world.now
        part.seen = self._station.expose(part.bad)
        self._parts.append(part)
        moment, self._ejector = self._belt.reaches(part.position + DELAY, self._ejector)
        self._world.at(moment, lambda: self._fall(part))
        if len(self._parts) < self._count:
            self._feed(part.position + self._world.chance.uniform(1.05, 2.0) * WIDTH)

    def _fall(self, part: _Part) -> None:
        self._fallen += 1
        passes = self._plc.passes()
        self._bad += part.bad
        self._rejected_bad += part.bad and not passes
        self._passed_bad += part.bad and passes
        if not part.bad and not passes:
            self._good_rejected.append(part)

    def inject(self, kind: str, seconds: float) -> None:
        """One of FAULTS begins now."""
        world, chance = self._world, self._world.chance
        if kind == "station_crash" and self._station.run:
            self._station.crash(0.5 + seconds)
        elif kind == "station_not_ready" and self._station.run:
            self._station.pause(seconds)
        elif kind == "bridge_crash" and self._bridge.alive:
            self._bridge.kill(seconds)
        elif kind == "bridge_frozen":
            self._bridge.frozen_until = world.now + seconds
        elif kind == "cable_cut":
            self._plc.cut_until = world.now + seconds
        elif kind == "plc_restart":
            self._plc.restart()
        elif kind == "plc_stands":
            self._plc.stand(seconds % 0.4)  # longer, and the watchdog has its program start anew: plc_restart
        elif kind == "clock_step":
            self._station.step += chance.choice((-1, 1)) * chance.choice((0.015, 0.05, 0.2, 1.0, 30.0)) * seconds
        elif kind == "encoder_reset":
            self._plc.reset_counter()
        elif kind == "wire_held":
            self._wire.held_until = world.now + seconds
        else:
            return
        world.trouble(kind, seconds)

    def _trouble(self) -> None:
        """At random, for ever."""
        chance = self._world.chance
        self._world.after(chance.expovariate(self._rate / 8.0), self._trouble)
        self.inject(chance.choice(FAULTS), chance.choice((chance.uniform(0.05, 0.6), chance.uniform(0.5, 6.0))))

    def result(self) -> Result:
        """What has come of it so far."""
        decisions: Counter[tuple[str, int]] = Counter()
        causes: dict[tuple[str, int], str] = {}
        for decision in self._bridge.decisions:
            for seq in range(decision.seq, decision.seq + decision.parts):
                decisions[decision.run, seq] += 1
                causes[decision.run, seq] = decision.cause
        once = sum(part.seen is None or decisions[part.seen] <= 1 for part in self._parts)
        reasons = Counter(
            "undecided" if part.seen is None or part.seen not in causes
            else "gate" if causes[part.seen] == "pass" else causes[part.seen]
            for part in self._good_rejected
        )  # fmt: skip
        troubles = sorted([*self._world.troubles, *((at, at, "reverse") for at in self._belt.reversed)])
        unexplained = sum(not _explained(part.exposed, troubles) for part in self._good_rejected)
        self._world.faults["belt_reversed"] = sum(at <= self._world.now for at in self._belt.reversed)
        totals = Counter(self._bridge.counted) + Counter(self._bridge.ledger.totals.counted)
        return Result(
            seed=self._seed,
            parts=len(self._parts),
            mode=self._mode,
            decided_once=once,
            rejects_due=self._bad,
            rejects_in_window=self._rejected_bad,
            defective_passed=self._passed_bad,
            good_rejected=dict(sorted(reasons.items())),
            unexplained=unexplained,
            faults={kind: count for kind, count in sorted(self._world.faults.items()) if count},
            counted=dict(sorted(totals.items())),
        )


def _explained(exposed: float, troubles: list[tuple[float, float, str]]) -> bool:
    return any(begin - EXPLAINS_S < exposed < end + EXPLAINS_S for begin, end, _ in troubles)
