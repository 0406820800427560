"""Commands: asked of a station on a socket of their own, each answered.

    client ──command──▶ ROUTER ──▶ whoever carries it out ──reply──▶ client

A reply goes to whoever asked, whenever it is ready: what takes seconds does not hold up the commands behind it.
"""

import itertools
import math
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

import zmq

from inspector.config import WireConfig
from inspector.messages import Command, Reply
from inspector.wire.codec import CodecError, decode_command, decode_reply, encode, encode_command
from inspector.wire.sockets import Caller, Door, waiting

COMMAND_BYTES: Final = 4096
"""Longest command."""
QUEUE: Final = 100
"""Commands that wait, and replies kept for an asker that does not read."""


class NoAnswer(TimeoutError):  # noqa: N818  it is an answer of a kind, not a fault
    """The station did not answer in time: whether the command was carried out is not known."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A command, and to whom its reply goes."""

    command: Command
    envelope: tuple[bytes, ...]


class CommandServer:
    """The station's side. Belongs to the thread that made it. Raises ConfigError where it cannot bind."""

    def __init__(self, wire: WireConfig, station: str) -> None:
        self._station = station
        self._door = Door(wire, "station", "commanding")
        self._socket = self._door.socket(zmq.ROUTER)
        for option in (zmq.SNDHWM, zmq.RCVHWM):
            self._socket.setsockopt(option, QUEUE)
        self._socket.setsockopt(zmq.MAXMSGSIZE, COMMAND_BYTES)
        self._door.bind(self._socket, "commands")

    def receive(self, timeout_s: float) -> list[Asked]:
        """The commands that came, waiting for one at most so long. What is none of this station is refused here."""
        self._socket.poll(math.ceil(timeout_s * 1000))
        out = []
        for *envelope, payload in waiting(self._socket):
            try:
                asked = Asked(decode_command(payload), tuple(envelope))
            except CodecError as error:
                self._send(tuple(envelope), Reply(done=False, detail=str(error)))
                continue
            if asked.command.station == self._station:
                out.append(asked)
            else:
                detail = f"this is station {self._station!r}, not {asked.command.station!r}"
                self.reply(asked, Reply(done=False, detail=detail))
        return out

    def reply(self, asked: Asked, reply: Reply) -> None:
        """Answer; never blocks. An asker that has gone gets nothing."""
        self._send(asked.envelope, reply)

    def close(self) -> None:
        """Free the port; the last replies have half a second to leave. May be called twice."""
        self._door.close(500)

    def _send(self, envelope: tuple[bytes, ...], reply: Reply) -> None:
        with suppress(zmq.Again):  # its queue is full: it does not read
            self._socket.send_multipart((*envelope, encode(reply)), zmq.NOBLOCK)


class CommandClient:
    """Whoever wants something of a station. Belongs to the thread that made it."""

    def __init__(self, wire: WireConfig, station: str) -> None:
        self._station = station
        self._endpoint = wire.commands
        self._numbers = itertools.count(1)
        self._caller = Caller(wire, role="commanding")
        self._socket = self._caller.socket(zmq.DEALER)
        # Asked of a station that is not there, a command must not lie in wait for the next one.
        self._socket.setsockopt(zmq.IMMEDIATE, 1)
        self._caller.connect(self._socket, "commands")

    def ask(self, command: Command, timeout_s: float = 2.0) -> Reply:
        """Send a command and wait for its reply. Raises NoAnswer; whether it was carried out is not known then.

        A change of recipe takes seconds, since its network is compiled first: give it a minute.
        """
        number = b"%d" % next(self._numbers)
        until = time.monotonic() + timeout_s
        if not self._sent((number, encode_command(command)), until):
            raise NoAnswer(f"nobody can be reached at {self._endpoint}; the command was not sent")
        while (left := until - time.monotonic()) > 0:
            self._socket.poll(math.ceil(left * 1000))
            for parts in waiting(self._socket):
                # An answer that came after its question was given up is dropped here, not taken for the next one's.
                if len(parts) == 2 and parts[0] == number:
                    try:
                        return decode_reply(parts[1])
                    except CodecError as error:
                        raise NoAnswer(f"not understood, from {self._endpoint}: {error}") from error
        raise NoAnswer(f"station {self._station} at {self._endpoint} gave no answer within {timeout_s:g} s; "
                       "whether it was done is not known")  # fmt: skip

    def close(self) -> None:
        """Hang up. May be called twice."""
        self._caller.close()

    def _sent(self, message: tuple[bytes, ...], until: float) -> bool:
        """Send once there is a connection."""
        left_ms = math.ceil(max(0.0, until - time.monotonic()) * 1000)
        if not self._socket.poll(left_ms, zmq.POLLOUT):
            return False
        self._socket.send_multipart(message, zmq.NOBLOCK)
        return True
