"""docs/plc.md says what the code does."""

import re
from pathlib import Path

from inspector.plc.faults import Fault
from inspector.plc.registers import BRIDGE_FIELDS, PLC_FIELDS, SLOT, WINDOWS

TEXT = (Path(__file__).parents[2] / "docs" / "plc.md").read_text(encoding="utf-8")
TYPES = {"U16": "uint16", "U32": "uint32", "F32": "float32"}


def test_every_register_is_in_its_table() -> None:
    rows = set(re.findall(r"^\| (\d+) \| `(\w+)` \| (\w+) \| (.+) \|$", TEXT, re.MULTILINE))
    told = [field for field in (*BRIDGE_FIELDS, *PLC_FIELDS) if not WINDOWS + SLOT <= field.address < 100]
    assert rows == {(str(field.address), field.name, TYPES[field.kind.name], field.meaning) for field in told}
    assert "38, 46, 54, 62, 70, 78 and 86" in TEXT


def test_every_fault_has_its_line() -> None:
    table = TEXT.partition("| FAULT_CODE |")[2].partition("\n\n")[0]
    assert [int(n) for n in re.findall(r"^\| (\d+) \|", table, re.MULTILINE)] == [int(f) for f in Fault if f]
