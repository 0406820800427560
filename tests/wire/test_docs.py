"""What docs/wire.md shows is what the code speaks."""

import json
import re
import subprocess
import sys
from contextlib import closing
from dataclasses import fields
from pathlib import Path

from inspector.messages import BridgeHealth, Event, Evidence, Followed, Health, Overlay, Reply, Scene, Verdict
from inspector.wire.codec import (
    COMMANDS,
    decode_bridge_health,
    decode_command,
    decode_event,
    decode_evidence,
    decode_health,
    decode_recovery_answer,
    decode_recovery_request,
    decode_reply,
    decode_verdict,
    encode,
    encode_command,
    encode_evidence,
    encode_overlay,
)
from inspector.wire.publish import Publisher
from tests.wire.samples import local_wire, overlay, preview, verdict, wait_for

TEXT = (Path(__file__).parents[2] / "docs" / "wire.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def test_its_examples_are_messages_byte_for_byte() -> None:
    plain = (decode_verdict, decode_health, decode_event, decode_bridge_health,
             decode_recovery_request, decode_recovery_answer)  # fmt: skip
    *examples, command, reply, header = [block.strip().encode() for block in blocks("json")]
    assert len(examples) == len(plain)
    for decode, example in zip(plain, examples, strict=True):
        assert encode(decode(example)) == example  # type: ignore[operator]
    assert encode_command(decode_command(command)) == command
    assert encode(decode_reply(reply)) == reply
    rest = [encode(verdict(42, "fail")), encode_overlay(overlay(42)), b"\xff\xd8"]
    assert encode_evidence(decode_evidence([header, *rest])) == [header, *rest]


def test_it_names_every_field() -> None:
    for message in (Verdict, Health, Event, Overlay, BridgeHealth, Evidence, Reply, *COMMANDS.values()):
        for field in fields(message):
            elsewhere = field.name in ("jpeg", "score_map", "verdict", "overlay", "nearest")  # parts of their own
            assert f"`{field.name}`" in TEXT or elsewhere, field.name


def test_its_scene_is_one_and_every_field_of_it_is_named() -> None:
    example = re.search(r'^    ({"line".*?}\]})$', TEXT, re.DOTALL | re.MULTILINE)
    assert example is not None
    shown = json.loads(example[1])
    packet = encode_overlay(preview(*(Followed(**{**part, "moved": part["moved"] and tuple(part["moved"])})
                                      for part in shown["parts"])))  # fmt: skip
    header = json.loads(packet[4 : packet.index(b"\xff\xd8")])
    assert header["scene"]["parts"] == shown["parts"]
    assert header["scene"].keys() == shown.keys()
    for field in (*fields(Scene), *fields(Followed)):
        assert f"`{field.name}`" in TEXT, field.name


def test_it_names_every_command() -> None:
    for kind in COMMANDS:
        assert f"`{kind}`" in TEXT, kind


def test_its_overlay_header_is_the_one_sent() -> None:
    packet = encode_overlay(overlay(42))
    length = int.from_bytes(packet[:4], "little")
    assert packet[:4].hex(" ") in TEXT
    for name in json.loads(packet[4 : 4 + length]):
        assert f"`{name}`" in TEXT, name


def test_its_listener_listens(tmp_path: Path) -> None:
    (code,) = blocks("python")
    assert len(code.strip().splitlines()) <= 17
    script, wire = tmp_path / "listener.py", local_wire()
    script.write_text(code, encoding="utf-8")
    with (
        closing(Publisher(wire, "line1", "r1")) as publisher,
        subprocess.Popen([sys.executable, str(script), wire.verdicts, "line1"], stdout=subprocess.PIPE) as listener,
    ):
        try:
            wait_for(lambda: publisher.serve(0.05), lambda _: "example" in publisher.greeted)
            publisher.verdict(verdict(1))
            publisher.verdict(verdict(4, "not_inspected"))
            assert listener.stdout is not None
            assert listener.stdout.readline().split() == [b"1", b"pass", b"12.5"]
            assert listener.stdout.readline().split() == [b"4", b"not_inspected", b"None", b"(2", b"missed)"]
        finally:
            listener.kill()
