"""The structured text of docs/plc.md, as it stands there: a grammar takes it, and it does what tools.soft_plc does."""

import random
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

pytest.importorskip("blark", reason="needs blark, a grammar of structured text")

from inspector.plc.belt import ROLL
from inspector.plc.registers import BRIDGE_FIELDS, slot_values
from inspector.plc.slots import EMPTY, Told
from tests.plc.structured_text import StProgram
from tools.soft_plc import STALE_S, SoftPlc

PAGE = (Path(__file__).parents[2] / "docs" / "plc.md").read_text(encoding="utf-8")
SOURCE = PAGE.partition("### Structured text\n\n```\n")[2].partition("```")[0]
SCAN_S = 0.01


@cache
def program() -> StProgram:
    """The page's, which permits; and beside its gate PULSE_OPEN, which is the line that the page has for pulses."""
    pulse = re.search(r"\(\* pulse, instead:\s+GATE_OPEN := (.*?;)", SOURCE)
    assert pulse is not None
    both = re.sub(r"(?m)^(GATE_OPEN := .*?;)", rf"\1 PULSE_OPEN := {pulse[1]}", SOURCE)
    return StProgram(both.replace("GATE_OPEN, FEED", "GATE_OPEN, PULSE_OPEN, FEED", 1))


@dataclass
class Bridge:
    """Writes what a bridge might, right or wrong, at random."""

    chance: random.Random
    image: dict[str, int | float]
    changed: float = 0.0

    def write(self, now: float, position: int, epoch: int) -> None:
        chance, image = self.chance, self.image
        if now - self.changed > 0.02 and chance.random() < (0.6 if now % 3 < 2 else 0.0):
            image["HEARTBEAT"] = (int(image["HEARTBEAT"]) + 1) % 65536
            self.changed = now
        if chance.random() < 0.02:
            image["EPOCH_ECHO"] = chance.choice((epoch, epoch, epoch, epoch - 1))
        if chance.random() < 0.1:
            first = (position + chance.randint(-200, 400)) % ROLL
            told = Told(
                chance.randint(1, 200_000), first, (first + 60) % ROLL, chance.choice((epoch, epoch, epoch - 1))
            )
            values = dict(slot_values(slot := chance.randint(0, 7), chance.choice((told, EMPTY))))
            values |= {f"WINDOW{slot}_CHECK": 7} if chance.random() < 0.2 else {}
            image.update(values)
        if chance.random() < 0.1:
            result_id = chance.randint(1, 1 << 32) - 1
            image.update(RESULT_ID=result_id, RESULT_ID_CHECK=chance.choice((result_id, result_id - 1)))
            image.update(RESULT_VALID=chance.randint(0, 1), OUTCOME=chance.randint(0, 3), READY=chance.randint(0, 1))


def test_the_pages_program_does_what_the_soft_plc_does_whatever_the_bridge_writes() -> None:
    written, permits, pulses = program(), SoftPlc(epoch=3), SoftPlc(epoch=3)
    bridge = Bridge(random.Random(5), {field.name: 0 for field in BRIDGE_FIELDS})
    written.values["EPOCH"] = 3
    seen = set()
    for n in range(2000):
        now, position = n * SCAN_S, (ROLL - 10_000 + 10 * n) % ROLL
        bridge.write(now, position, 3)
        out = permits.scan({**bridge.image, "MODE": 1}, position, now)
        pulses.scan({**bridge.image, "MODE": 2}, position, now)
        for name in written.values:
            if name in bridge.image:
                written.values[name] = bridge.image[name]
        for slot, window in enumerate(written.values["WINDOW"]):
            window |= {part: bridge.image[f"WINDOW{slot}_{part}"] for part in window}
        written.values["ENCODER_COUNT"] = position
        written.scan(now)
        assert written.values["POSITION"] == position
        assert written.values["RESULT_ACK"] == out["RESULT_ACK"]
        if not STALE_S <= now - bridge.changed <= STALE_S + 2 * SCAN_S:  # its timer begins a scan later
            assert (written.values["GATE_OPEN"], written.values["PULSE_OPEN"]) == (permits.gate, pulses.gate)
            assert written.values["FEED_ALLOWED"] == permits.ready
            seen.add((written.values["Alive"], written.values["Within"]))
    assert len(seen) == 4, "each case came up"


def test_every_register_that_the_program_uses_is_on_the_page_under_its_type() -> None:
    types = {name: kind for name, kind in program().types.items() if kind in ("UINT", "UDINT")}
    rows = dict(re.findall(r"^\| \d+ \| `(\w+)` \| (\w+) \|", PAGE, re.MULTILINE))
    used = {name: kind for name, kind in types.items() if name in rows}
    assert len(used) > 10
    assert {name: {"UINT": "uint16", "UDINT": "uint32"}[kind] for name, kind in used.items()} == {
        name: rows[name] for name in used
    }
