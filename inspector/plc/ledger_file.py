"""Every decision as a line of JSON, written before it is acted on: what a restarted bridge goes on from.

    {"id":17,"run":"…","seq":12,"parts":1,"accept":true,"cause":"pass"}      decided
    {"id":17,"state":"actuated"}      its window is in the PLC
    {"id":17,"state":"acknowledged"}      the PLC has taken over its result

A line survives the end of the process, however it ends; a torn last line is left out. A file that cannot be written is
a fault, and holds up no decision.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, Literal

from inspector.errors import ConfigError
from inspector.plc.decisions import Decision, Restored
from inspector.plc.restore import decisions_of, restored

KEEP_BYTES: Final = 64 << 20
"""A longer file is put aside as `<name>.1` at the next start."""


class LedgerFile:
    """Belongs to one bridge at a time. Raises ConfigError where it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.fault: str | None = None
        """Why the last lines are not in it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.restored: Restored | None = restored(self._read())
            self._begin_anew()
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise ConfigError(f"plc.ledger is {path}, which cannot be used: {error.strerror}") from error

    def write(self, decisions: Iterable[Decision]) -> None:
        """Add decisions; never raises. They go to the system: they outlive the process, but perhaps not a power cut."""
        self._append("".join(_line(decision) for decision in decisions))

    def note(self, state: Literal["actuated", "acknowledged"], result_ids: Iterable[int]) -> None:
        """What became of them; never raises."""
        self._append("".join(f'{{"id":{result_id},"state":"{state}"}}\n' for result_id in sorted(result_ids)))

    def _append(self, lines: str) -> None:
        if not lines:
            return
        try:
            os.write(self._file, lines.encode())
            self.fault = None
        except OSError as error:
            self.fault = f"{self._path} cannot be written: {error.strerror}"

    def close(self) -> None:
        """Done."""
        os.close(self._file)

    def _read(self) -> Iterator[Decision]:
        if not self._path.exists():
            return
        with self._path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                try:
                    entry = json.loads(line)
                    yield Decision(
                        result_id=int(entry["id"]),
                        run=str(entry["run"]),
                        seq=int(entry["seq"]),
                        parts=int(entry["parts"]),
                        accept=bool(entry["accept"]),
                        cause=str(entry["cause"]),
                        verdict=None,
                    )
                except (ValueError, KeyError, TypeError):
                    continue  # a state, or torn by a power cut

    def _begin_anew(self) -> None:
        """Put a long file aside; the new one begins with what matters of it."""
        if not self._path.exists() or self._path.stat().st_size < KEEP_BYTES:
            return
        shutil.copyfile(self._path, self._path.with_name(self._path.name + ".1"))
        new, before = self._path.with_name(self._path.name + ".new"), self.restored
        with new.open("w", encoding="utf-8") as file:
            file.writelines(_line(decision) for decision in (decisions_of(before) if before else ()))
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, self._path)


def _line(decision: Decision) -> str:
    entry = {"id": decision.result_id, "run": decision.run, "seq": decision.seq, "parts": decision.parts,
             "accept": decision.accept, "cause": decision.cause}  # fmt: skip
    return json.dumps(entry, separators=(",", ":")) + "\n"
