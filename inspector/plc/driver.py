"""The thread that talks to the PLC: it alone waits for it, so that a frozen PLC delays nothing but its own writes.

The bridge says what the PLC is to hold (the newest counts) and which results to present (in order); this thread makes
it so, and brings back the PLC's position and requests. When the bridge says nothing for ALIVE_S, its heartbeat stops.
"""

import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from loguru import logger

from inspector.config import TrackedPlc
from inspector.plc.belt import Sample
from inspector.plc.gate import Window
from inspector.plc.handshake import Handshake, Result
from inspector.plc.link import Link, LinkDown
from inspector.plc.registers import PlcSide, Values, slot_values
from inspector.plc.slots import Slots

ALIVE_S: Final = 0.5
"""At most; with a shorter plc.timeout_ms that: a bridge that hangs knows as little as if the station were silent."""
RETRY_S: Final = 0.2
RETELL_S: Final = 2.0
"""So often the PLC is told its whole image again, in case something else wrote there."""
RESULTS: Final = 1000
"""Results that wait for a PLC that does not answer; older ones are dropped and counted: their parts were rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What has come from the PLC since it was last asked."""

    samples: Sequence[Sample]
    side: PlcSide | None
    down: str | None
    """Why the PLC cannot be reached."""
    frozen_s: float
    """For how long its heartbeat has not changed."""
    told: frozenset[int]
    """Ids whose windows it has confirmed."""
    acknowledged: frozenset[int]
    """Ids whose result it has acknowledged."""
    overruns: int


class Driver:
    """Owns the link. start() and close() from the bridge's thread, tell() and news() too."""

    def __init__(self, link: Link, plc: TrackedPlc) -> None:
        self._link = link
        self._plc = plc
        self._handshake = Handshake()
        self._slots = Slots(plc.actuate == "pulse")
        self._alive_s = min(ALIVE_S, plc.timeout_ms / 1000)
        self._lock = threading.Condition()
        self._stop = threading.Event()
        self._windows: Sequence[Window] = ()
        self._status: Values = {}
        self._told_at = 0.0
        self._results: deque[Result] = deque(maxlen=RESULTS)
        self._samples: list[Sample] = []
        self._side: PlcSide | None = None
        self._side_changed = time.monotonic()
        self._down: str | None = "not connected yet"
        self._confirmed: set[int] = set()
        self._acknowledged: set[int] = set()
        self._written: dict[str, int | float] = {}
        self._beats = 0
        self._next_sample = self._next_beat = self._next_retelling = 0.0
        self._thread = threading.Thread(target=self._run, name="plc-driver", daemon=True)

    def start(self) -> None:
        """Begin to connect."""
        self._thread.start()

    def tell(self, windows: Sequence[Window], status: Values, results: Sequence[Result]) -> None:
        """What the PLC is to hold from now on, and results to be presented. To be called often; never blocks."""
        with self._lock:
            changed = bool(results) or windows != self._windows or status != self._status
            self._windows, self._status, self._told_at = windows, status, time.monotonic()
            self._results.extend(results)
            if changed:
                self._lock.notify()

    def news(self) -> News:
        """What has come."""
        with self._lock:
            samples, self._samples = self._samples, []
            told, self._confirmed = frozenset(self._confirmed), set()
            acknowledged, self._acknowledged = frozenset(self._acknowledged), set()
            return News(
                samples=samples,
                side=self._side,
                down=self._down,
                frozen_s=time.monotonic() - self._side_changed,
                told=told,
                acknowledged=acknowledged,
                overruns=self._handshake.overruns,
            )

    def close(self) -> None:
        """Leave the PLC with READY off and no window, if it answers."""
        with self._lock:
            self._stop.set()
            self._lock.notify()
        self._thread.join()
        self._link.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                self._link.connect()
                self._connected()
                while not self._stop.is_set():
                    self._cycle()
                self._leave()
            except LinkDown as error:
                with self._lock:
                    if self._down is None:
                        logger.error("the PLC is lost: {}", error)
                    self._down = str(error)
                    self._lock.wait_for(self._stop.is_set, RETRY_S)
            except Exception as error:
                logger.exception("a fault in the PLC driver; it starts anew")
                with self._lock:
                    self._down = f"{type(error).__name__}: {error}"
                    self._lock.wait_for(self._stop.is_set, RETRY_S)

    def _connected(self) -> None:
        self._slots.forget()
        self._written.clear()
        for values in self._handshake.reconnected():
            self._link.write(values)
        self._sample()
        self._windows_and_status()
        with self._lock:
            if self._down is not None:
                logger.info("the PLC is connected")
            self._down = None

    def _cycle(self) -> None:
        with self._lock:
            due = min(self._next_sample, self._next_beat)
            self._lock.wait_for(lambda: self._stop.is_set() or self._work(), max(0.0, due - time.monotonic()))
        now = time.monotonic()
        if now >= self._next_retelling:
            self._next_retelling = now + RETELL_S
            self._slots.forget()
            self._written.clear()
        self._windows_and_status()
        if now >= self._next_beat:
            self._beat(now)
        self._present()
        if now >= self._next_sample:
            self._sample()

    def _work(self) -> bool:
        return bool(self._results) or bool(self._slots.changes(self._windows, self._epoch)) or any(
            self._written.get(name) != value for name, value in self._status.items()
        )  # fmt: skip

    @property
    def _epoch(self) -> int:
        return int(self._status.get("EPOCH_ECHO", 0))

    def _windows_and_status(self) -> None:
        """Windows first: EPOCH_ECHO, in the status, says that they are those of that epoch."""
        with self._lock:
            changes = self._slots.changes(self._windows, self._epoch)
            status = {name: value for name, value in self._status.items() if self._written.get(name) != value}
        values = {name: value for slot, told in changes for name, value in slot_values(slot, told).items()}
        if values:
            self._link.write(values)
        for slot, told in changes:
            self._slots.wrote(slot, told)
        if status:
            self._link.write(status)
            self._written.update(status)
        with self._lock:
            self._confirmed |= {told.result_id for _, told in changes if told.result_id}

    def _beat(self, now: float) -> None:
        self._next_beat = now + self._plc.heartbeat_ms / 1000
        if now - self._told_at > self._alive_s:
            return  # the bridge itself hangs: whoever watches the heartbeat must know
        self._beats = (self._beats + 1) % 65536
        self._link.write({"HEARTBEAT": self._beats})

    def _present(self) -> None:
        with self._lock:
            waiting = self._results.popleft() if self._results else None
        if waiting is not None:
            for values in self._handshake.present(waiting, self._side.ack if self._side else 0):
                self._link.write(values)

    def _sample(self) -> None:
        sent = time.monotonic()
        side = self._link.read()
        came = time.monotonic()
        self._next_sample = came + self._plc.sample_ms / 1000
        for values in self._handshake.taken_back(side.ack):
            self._link.write(values)
        for values in self._handshake.acknowledged(side.ack):
            self._link.write(values)
            with self._lock:
                self._acknowledged.add(side.ack)
        with self._lock:
            if self._side is None or side.heartbeat != self._side.heartbeat:
                # Else the program has stood since, and so has its POSITION, whatever the belt did.
                self._side_changed = came
                self._samples.append(Sample(sent - self._plc.scan_ms / 1000, came, side.position, side.epoch))
                del self._samples[:-1000]  # the bridge hangs
            self._side = side

    def _leave(self) -> None:
        # No table goes by this epoch: a gate that pulses diverts at once, before the heartbeat is missed.
        self._link.write({"READY": 0, "BUSY": 0})
        self._link.write({"EPOCH_ECHO": (self._epoch + 1) & 0xFFFF})
        self._slots.forget()
        changes = self._slots.changes((), 0)
        self._link.write({name: value for slot, told in changes for name, value in slot_values(slot, told).items()})
