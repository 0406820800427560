"""A PLC's program as docs/plc.md asks for, in Python: scanned again and again, as a PLC does. Pure."""

from dataclasses import dataclass, field
from typing import Final

from inspector.plc.registers import Outcome, Values, slots_of
from inspector.plc.slots import Told

STALE_S: Final = 0.25
"""A HEARTBEAT that does not change for so long is a dead bridge."""
ROLL: Final = 1 << 32


@dataclass(slots=True)
class SoftPlc:
    """Its memory between scans."""

    epoch: int = 1
    heartbeat: int = -1
    changed: float = -STALE_S
    scans: int = 0
    acknowledged: int = 0
    """The last result taken over."""
    ack: int = 0
    accepted: int = 0
    rejected: int = 0
    gate: bool = False
    """Open: what is at the ejector passes."""
    lamp: str = ""
    """The last result in words."""
    news: list[str] = field(default_factory=list)
    """What a person should see, once."""
    ready: bool = False

    def scan(self, image: Values, position: int, now: float) -> Values:
        """One cycle: what the bridge has written, the belt's position and the time in; what the PLC writes out."""
        self.scans = (self.scans + 1) % 65536
        if image["HEARTBEAT"] != self.heartbeat:
            self.heartbeat, self.changed = int(image["HEARTBEAT"]), now
        fresh = now - self.changed < STALE_S and int(image["EPOCH_ECHO"]) == self.epoch
        within = any(told.epoch == self.epoch and _within(position, told) for told in slots_of(image))
        pulse = image["MODE"] == 2
        self.gate = fresh and (within != pulse)
        ready = fresh and bool(image["READY"])
        if ready != self.ready:
            self.ready = ready
            self.news.append("READY" if ready else "NOT READY: everything is rejected")
        self._take_result(image)
        return {
            "PLC_HEARTBEAT": self.scans,
            "EPOCH": self.epoch,
            "POSITION": position,
            "RESULT_ACK": self.ack,
        }

    def _take_result(self, image: Values) -> None:
        whole = image["RESULT_VALID"] and image["OUTCOME"] and image["RESULT_ID"] == image["RESULT_ID_CHECK"]
        if not image["RESULT_VALID"]:
            self.ack = 0
        if not whole or image["RESULT_ID"] == self.ack:
            return
        self.ack = self.acknowledged = int(image["RESULT_ID"])
        outcome = Outcome(int(image["OUTCOME"])).name.lower().replace("_", " ")
        score = f", score {image['SCORE']:.4g}" if image["SCORE"] >= 0 else ""
        self.lamp = f"#{self.acknowledged} {outcome}{score}"
        if image["RESULT_PASS"]:
            self.accepted += 1
        else:
            self.rejected += 1
            self.news.append(f"REJECT {self.lamp}")


def _within(position: int, told: Told) -> bool:
    return _signed(position - told.first) >= 0 and _signed(told.last - position) >= 0


def _signed(difference: int) -> int:
    return (difference + ROLL // 2) % ROLL - ROLL // 2
