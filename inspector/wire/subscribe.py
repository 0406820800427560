"""A listener's side of the wire: what came, what was lost on the way and asked for again, and what is gone for good."""

import math
import time
from collections.abc import Callable
from typing import Final

import zmq

from inspector.config import WireConfig
from inspector.messages import Overlay
from inspector.wire.codec import (
    CodecError,
    decode_event,
    decode_health,
    decode_overlay,
    decode_recovery_answer,
    decode_verdict,
    encode,
    topic,
)
from inspector.wire.publish import HELLO
from inspector.wire.received import (
    Contradiction,
    EventReceived,
    Gap,
    HealthReceived,
    Ignored,
    Malformed,
    NewRun,
    Received,
    Repeated,
    VerdictReceived,
)
from inspector.wire.recovery import Asking, GiveUp
from inspector.wire.sequence import Sequence
from inspector.wire.sockets import Caller, waiting

__all__ = [
    "Contradiction",
    "EventReceived",
    "Gap",
    "HealthReceived",
    "Ignored",
    "Malformed",
    "NewRun",
    "OverlaySubscriber",
    "Received",
    "Repeated",
    "Subscriber",
    "VerdictReceived",
]


PICTURES: Final = 10
"""Pictures kept for a viewer that does not read. A socket that keeps the newest alone would lose a part to the preview
behind it."""


class Subscriber:
    """Hears one station; connects now or whenever the station is there. Belongs to the thread that made it.

    `role` is what the station knows it by: «bridge», «viewer», … `clock` gives seconds, for asking again.
    """

    def __init__(
        self,
        wire: WireConfig,
        station: str,
        role: str,
        clock: Callable[[], float] = time.monotonic,
        greet: bool = True,
    ) -> None:
        """greet: say hello at once; else when greet() is called."""
        self._station = station
        self._hello = HELLO + role.encode()
        self._greeting = False
        self._clock = clock
        self._sequence = Sequence()
        self._asking = Asking()
        self._caller = Caller(wire)
        self._stream = self._caller.socket(zmq.SUB)
        self._asker = self._caller.socket(zmq.DEALER)
        # Asked of a station that is not there, a question must not lie in wait for the next one.
        self._asker.setsockopt(zmq.IMMEDIATE, 1)
        for sock, key in ((self._stream, "verdicts"), (self._asker, "recovery")):
            self._caller.connect(sock, key)
        # After connecting, so that they reach the station in this order: whoever said hello hears everything.
        self._decoders = {
            topic("verdict", station): self._verdict,
            topic("health", station): self._health,
            topic("event", station): self._event,
        }
        for subject in self._decoders:
            self._stream.setsockopt(zmq.SUBSCRIBE, subject)
        self.greet(greet)
        self._poller = zmq.Poller()
        self._poller.register(self._stream, zmq.POLLIN)
        self._poller.register(self._asker, zmq.POLLIN)

    def receive(self, timeout_s: float) -> list[Received]:
        """What came, waiting for it at most so long; may be empty sooner. Order is that of arrival.

        A gap does not hold back later verdicts. It is asked for here, so call this again and again.
        """
        out = self._ask()
        wait_s = 0.0 if out else self._asking.wait_s(self._clock(), timeout_s)
        self._poller.poll(math.ceil(wait_s * 1000))
        for subject, *payload in waiting(self._stream):
            out += self._published(subject, payload)
        for header, *verdicts in waiting(self._asker):
            out += self._answered(header, verdicts)
        return out + self._ask()

    def greet(self, on: bool) -> None:
        """Tell the station, and those that come after it, to go on without waiting for this role; or to wait for it."""
        if on != self._greeting:
            self._greeting = on
            self._stream.setsockopt(zmq.SUBSCRIBE if on else zmq.UNSUBSCRIBE, self._hello)

    def close(self) -> None:
        """Stop listening. May be called twice."""
        self._caller.close()

    def _ask(self) -> list[Received]:
        out: list[Received] = []
        while step := self._asking.next(self._sequence.run, self._sequence.missing, self._clock()):
            if isinstance(step, GiveUp):
                out += self._sequence.give_up(step.run, step.first, step.last)
                continue
            try:
                self._asker.send(encode(step), zmq.NOBLOCK)
            except zmq.Again:  # not connected now
                self._asking.unsent(self._clock())
        return out

    def _published(self, subject: bytes, payload: list[bytes]) -> list[Received]:
        decode = self._decoders.get(subject)
        if decode is None:
            return []  # subscriptions are prefixes: this is line10's, and we listen to line1
        if len(payload) != 1:
            return [Malformed(what=subject.decode(), error=f"message of {1 + len(payload)} parts instead of 2")]
        try:
            return decode(payload[0])
        except CodecError as error:
            return [Malformed(what=subject.decode(), error=str(error))]

    def _verdict(self, payload: bytes) -> list[Received]:
        verdict = decode_verdict(payload)
        self._own(verdict.station)
        return self._sequence.verdict(verdict)

    def _health(self, payload: bytes) -> list[Received]:
        health = decode_health(payload)
        self._own(health.station)
        out = self._sequence.published(health.run, health.published, health.taken)
        return [*out, HealthReceived(health=health)] if health.run == self._sequence.run else out

    def _event(self, payload: bytes) -> list[Received]:
        event = decode_event(payload)
        self._own(event.station)
        out = self._sequence.heard(event.run)
        return [*out, EventReceived(event=event)] if event.run == self._sequence.run else out

    def _own(self, station: str) -> None:
        if station != self._station:
            raise CodecError(f"message of station {station!r} under the topic of {self._station!r}")

    def _answered(self, header: bytes, payloads: list[bytes]) -> list[Received]:
        """Take what a recovery brought. It never opens a run: only the stream does."""
        out: list[Received] = []
        try:
            answer = decode_recovery_answer(header)
            if answer.run != self._sequence.run:
                return [Ignored(run=answer.run, seq=None, why="superseded")]
            for payload in payloads:
                verdict = decode_verdict(payload)
                self._own(verdict.station)
                if verdict.run != answer.run:
                    raise CodecError(f"verdict of run {verdict.run!r} in an answer about run {answer.run!r}")
                out += self._sequence.verdict(verdict, recovered=True)
            for first, last in answer.lost:
                out += self._sequence.give_up(answer.run, first, last)
        except CodecError as error:
            out.append(Malformed(what="recovery", error=str(error)))
        return out


class OverlaySubscriber:
    """Sees a station's newest pictures: of parts and of previews each. Belongs to the thread that made it."""

    def __init__(self, wire: WireConfig) -> None:
        self.malformed = 0
        """Packets that were no overlay."""
        self._newest: dict[str, Overlay] = {}
        self._caller = Caller(wire)
        self._socket = self._caller.socket(zmq.SUB)
        self._socket.setsockopt(zmq.RCVHWM, PICTURES)
        self._socket.setsockopt(zmq.SUBSCRIBE, b"")
        self._caller.connect(self._socket, "overlays")

    def receive(self, timeout_s: float) -> Overlay | None:
        """The newest part's picture or the newest preview, in the order in which they came, each once; waits for one
        at most so long. None without one."""
        if not self._newest:
            self._socket.poll(math.ceil(timeout_s * 1000))
        for packet, *_ in waiting(self._socket):
            try:
                overlay = decode_overlay(packet)
            except CodecError:
                self.malformed += 1
                continue
            self._newest.pop(overlay.kind, None)
            self._newest[overlay.kind] = overlay
        return self._newest.pop(next(iter(self._newest))) if self._newest else None

    def close(self) -> None:
        """Stop listening. May be called twice."""
        self._caller.close()
