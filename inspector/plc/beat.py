"""What the bridge says of itself, for the viewer's health panel: at every change, and twice a second."""

import math
import time
from typing import Final

from inspector.config import WireConfig
from inspector.messages import BridgeHealth
from inspector.plc.decisions import Readiness, Totals
from inspector.wire.bridge_health import BridgeHealthPublisher

BEAT_S: Final = 0.5


class Beat:
    """Sends BridgeHealth on wire.bridge; never blocks. Belongs to the thread that made it.

    Raises ConfigError where it cannot bind.
    """

    def __init__(self, wire: WireConfig, station: str) -> None:
        self._station = station
        self._publisher = BridgeHealthPublisher(wire)
        self._said: Readiness | None = None
        self._next = -math.inf

    def tell(self, readiness: Readiness, totals: Totals, now: float) -> None:
        """Say how it stands, where that has changed or it is time; `now` is monotonic, in seconds."""
        if readiness == self._said and now < self._next:
            return
        self._said, self._next = readiness, now + BEAT_S
        self._publisher.send(health(self._station, readiness, totals, time.time_ns()))

    def close(self) -> None:
        """Stop. May be called twice."""
        self._publisher.close()


def health(station: str, readiness: Readiness, totals: Totals, now_ns: int) -> BridgeHealth:
    """The heartbeat. READY off means that nothing passes, and that is a fault whatever the reason."""
    decided = f"{totals.parts} parts decided"
    return BridgeHealth(
        station=station,
        now_ns=now_ns,
        level="ok" if readiness.on else "fault",
        reading=f"READY; {decided}"
        if readiness.on
        else f"READY is off: {readiness.why or 'no reason given'}; {decided}",
        counts={"accepted": totals.accepted, **{f"rejected.{cause}": n for cause, n in totals.rejected.items()}}
        | dict(totals.counted),
    )
