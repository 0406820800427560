"""Commands on real sockets: each answered, none carried out for somebody who was told that nobody is there."""

import threading
import time
from collections.abc import Iterator
from contextlib import closing

import msgspec
import pytest
import zmq

from inspector.config import WireConfig
from inspector.errors import ConfigError
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
from inspector.wire.codec import CodecError, decode_command, decode_reply, encode_command, kind_of
from inspector.wire.command import COMMAND_BYTES, Asked, CommandClient, CommandServer, NoAnswer
from tests.wire.samples import BOUND_S, local_wire

WHO = {"station": "line1", "by": "anna", "why": "a test"}
EVERY: list[Command] = [
    TriggerPart(**WHO, part="B-17"),
    SetThreshold(**WHO, value=18.5),
    SetRecipe(**WHO, recipe="banks/other"),
    TakeBack(**WHO),
    Start(**WHO),
    Stop(**WHO),
    Mark(**WHO, run="r1", seq=3, mark="false_reject"),
    Acknowledge(**WHO, source="plc", level="fault", text="the bridge has fallen silent", began_ns=1, seen_ns=2),
    ReportLogHead(**WHO, head="9f86d081"),
]


@pytest.fixture
def wire() -> WireConfig:
    return local_wire()


@pytest.fixture
def server(wire: WireConfig) -> Iterator["Server"]:
    with closing(Server(wire)) as serving:
        yield serving


class Server:
    """Answers in a thread of its own: what each command is, but `hold`s back the replies it is told to."""

    def __init__(self, wire: WireConfig) -> None:
        self.carried_out: list[Command] = []
        self.hold: list[type] = []
        self.held: list[Asked] = []
        self._wire = wire
        self._stop = threading.Event()
        self._bound = threading.Event()
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()
        assert self._bound.wait(BOUND_S)

    def close(self) -> None:
        self._stop.set()
        self._thread.join(BOUND_S)

    def _serve(self) -> None:
        with closing(CommandServer(self._wire, "line1")) as server:
            self._bound.set()
            while not self._stop.is_set():
                for asked in server.receive(0.02):
                    self.carried_out.append(asked.command)
                    if type(asked.command) in self.hold:
                        self.held.append(asked)
                    else:
                        for late in (*self.held, asked):
                            server.reply(late, Reply(done=True, detail=kind_of(late.command)))
                        self.held.clear()


@pytest.mark.parametrize("command", EVERY, ids=kind_of)
def test_a_command_comes_back_as_it_went(command: Command) -> None:
    assert decode_command(encode_command(command)) == command


@pytest.mark.parametrize(
    ("payload", "complaint"),
    [
        (b'{"v":2,"kind":"start"}', "version 2"),
        (
            b'{"v":1,"kind":"explode","station":"line1","by":"anna"}',
            "no command 'explode'; allowed: trigger_part",
        ),
        (b'{"v":1,"kind":["start"]}', r"no command \['start'\]"),
        (b'{"v":1,"kind":"set_threshold","station":"line1","by":"anna"}', "value"),
        (b'{"v":1,"kind":"set_threshold","station":"line1","by":"anna","value":0}', "finite number above 0"),
        (b'{"v":1,"kind":"set_threshold","station":"line1","by":"anna","value":"1"}', "Expected `float`"),
        (b'{"v":1,"kind":"start","station":"line1","by":""}', "by has 0 characters; allowed: 1 to 64"),
        (b'{"v":1,"kind":"start","station":"line1","by":"anna","how":"now"}', "unknown field 'how'"),
        (b'{"v":1,"kind":"mark","station":"line1","by":"a","run":"r","seq":1,"mark":"good"}', "mark"),
        (b'{"v":1,"kind":"trigger_part","station":"line1","by":"plc","part":"' + b"x" * 65 + b'"}', "65 characters"),
        (b"start", "not a "),
        (b'{"v":1,"kind":' + b"[" * 4000, "recursion"),
        (
            b'{"v":1,"kind":"mark","station":"line1","by":"a","run":"r","seq":1' + b"0" * 20 + b',"mark":"confirmed"}',
            "seq is a number of more than 64 bits",
        ),
    ],
)
def test_what_is_no_command_is_named(payload: bytes, complaint: str) -> None:
    with pytest.raises(CodecError, match=complaint):
        decode_command(payload)


def test_each_command_is_carried_out_once_and_answered(wire: WireConfig, server: Server) -> None:
    with closing(CommandClient(wire, "line1")) as client:
        for command in EVERY:
            assert client.ask(command, BOUND_S) == Reply(done=True, detail=kind_of(command))
    assert server.carried_out == EVERY


def test_a_station_refuses_what_is_meant_for_another(wire: WireConfig, server: Server) -> None:
    with closing(CommandClient(wire, "line2")) as client:
        reply = client.ask(Stop(station="line2", by="anna"), BOUND_S)
    assert reply == Reply(done=False, detail="this is station 'line1', not 'line2'")
    assert server.carried_out == []


def test_what_is_no_command_is_answered_in_words(wire: WireConfig, server: Server) -> None:
    context = zmq.Context()
    client = context.socket(zmq.REQ)
    client.connect(wire.commands)
    try:
        client.send(b"please")
        assert client.poll(BOUND_S * 1000)
        assert not decode_reply(client.recv()).done
    finally:
        context.destroy(linger=0)


def test_a_command_to_a_station_that_is_not_there_is_not_carried_out_later(wire: WireConfig) -> None:
    with closing(CommandClient(wire, "line1")) as client:
        with pytest.raises(NoAnswer, match=f"nobody can be reached at {wire.commands}; the command was not sent"):
            client.ask(Stop(**WHO), 0.1)
        with closing(Server(wire)) as server:
            assert client.ask(Start(**WHO), BOUND_S).done
            assert server.carried_out == [Start(**WHO)]


def test_an_answer_that_comes_too_late_is_not_taken_for_the_next_ones(wire: WireConfig, server: Server) -> None:
    server.hold = [SetRecipe]
    with closing(CommandClient(wire, "line1")) as client:
        with pytest.raises(NoAnswer, match="no answer within 0.2 s; whether it was done is not known"):
            client.ask(SetRecipe(**WHO, recipe="a"), 0.2)
        assert client.ask(Start(**WHO), BOUND_S).detail == "start", "the late answer is set_recipe's"


def test_what_takes_long_holds_up_nobody_else(wire: WireConfig, server: Server) -> None:
    server.hold = [SetRecipe]
    replies: list[Reply] = []

    def wait() -> None:
        with closing(CommandClient(wire, "line1")) as patient:
            replies.append(patient.ask(SetRecipe(**WHO, recipe="a"), BOUND_S))

    waiter = threading.Thread(target=wait)
    waiter.start()
    until = time.monotonic() + BOUND_S
    while not server.held and time.monotonic() < until:
        time.sleep(0.005)  # another thread's list gives no sign
    with closing(CommandClient(wire, "line1")) as client:
        assert client.ask(Start(**WHO), BOUND_S).done
    waiter.join(BOUND_S)
    assert [reply.detail for reply in replies] == ["set_recipe"]


def test_a_message_that_is_too_long_cuts_off_only_its_sender(wire: WireConfig, server: Server) -> None:
    context = zmq.Context()
    client = context.socket(zmq.DEALER)
    client.connect(wire.commands)
    try:
        client.send(b" " * (COMMAND_BYTES + 1))
        with closing(CommandClient(wire, "line1")) as other:
            assert other.ask(Start(**WHO), BOUND_S).done
    finally:
        context.destroy(linger=0)
    assert server.carried_out == [Start(**WHO)]


def test_a_port_in_use_is_named(wire: WireConfig, server: Server) -> None:
    with pytest.raises(ConfigError, match=r"wire\.commands is .* in use"):
        CommandServer(msgspec.structs.replace(local_wire(), commands=wire.commands), "line2")
