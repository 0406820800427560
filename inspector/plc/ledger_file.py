"""Every decision as a line of JSON, written before it is acted on: what a restarted bridge goes on from.

    {"id":17,"run":"…","seq":12,"parts":1,"accept":true,"cause":"pass"}      decided
    {"id":17,"state":"actuated"}          its window is in the PLC
    {"id":17,"state":"acknowledged"}      the PLC has taken over its result
    {"id":17,"state":"closed"}            the bridge ended as it should

A line survives the end of the process, however it ends, and a power cut once the disk has it, which a thread of its own
sees to at once. What a power cut takes is the last lines: their parts are rejected if they are still asked about, and
ids are never used twice, since after an end without `closed` they go on JUMP later. A file that cannot be written is a
fault, and holds up no decision.

A long file is put aside as `<name>.1` by that thread; the one that takes its place begins with what matters of it. At
any moment one of the two is whole.
"""

import json
import os
import threading
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final, Literal

from inspector.errors import ConfigError
from inspector.plc.decisions import Decision, Restored
from inspector.plc.restore import Memory, decisions_of, restored

KEEP_BYTES: Final = 64 << 20
"""A longer file is put aside: some 400,000 parts."""
JUMP: Final = 1000
"""More ids than can have been given out between a line's writing and its safe arrival on the disk."""


class LedgerFile:
    """Belongs to one bridge at a time. Raises ConfigError where it cannot be opened."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.fault: str | None = None
        """Why the last lines are not in it."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.restored: Restored | None = recall(path)
            self._file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o644)
        except OSError as error:
            raise ConfigError(f"plc.ledger is {path}, which cannot be used: {error.strerror}") from error
        self._newest = self.restored.results if self.restored else 0
        self._memory = Memory()
        for decision in decisions_of(self.restored) if self.restored else ():
            self._memory.take(decision)
        self._lock = threading.Lock()
        self._meanwhile: list[bytes] | None = None
        """What is written while another file is being made ready."""
        self._written = threading.Event()
        self._ends = False
        self._torn = not _ends_whole(self._file)
        self._syncing = threading.Thread(target=self._sync, name="ledger-sync", daemon=True)
        self._written.set()  # it may be long already
        self._syncing.start()

    def write(self, decisions: Iterable[Decision]) -> None:
        """Add decisions; never raises, and waits for no disk."""
        lines = []
        with self._lock:
            for decision in decisions:
                self._newest = decision.result_id + decision.parts - 1
                self._memory.take(decision)
                lines.append(_line(decision))
            self._append("".join(lines))

    def note(self, state: Literal["actuated", "acknowledged", "closed"], result_ids: Iterable[int]) -> None:
        """What became of them; never raises."""
        lines = "".join(f'{{"id":{result_id},"state":"{state}"}}\n' for result_id in sorted(result_ids))
        with self._lock:
            self._append(lines)

    def close(self) -> None:
        """The bridge ends as it should."""
        self.note("closed", [self._newest])
        self._ends = True
        self._written.set()
        self._syncing.join(5.0)  # a disk that hangs holds up no end
        if not self._syncing.is_alive():
            os.close(self._file)

    def _append(self, lines: str) -> None:
        if not lines:
            return
        if self._meanwhile is not None:
            self._meanwhile.append(lines.encode())
        try:
            # what was torn takes no other line with it
            _write(self._file, (b"\n" if self._torn else b"") + lines.encode())
            self._torn, self.fault = False, None
        except OSError as error:
            self._torn = True
            self.fault = f"{self._path} cannot be written: {error.strerror}"
        self._written.set()

    def _sync(self) -> None:
        ends = False
        while not ends:
            self._written.wait()
            self._written.clear()
            ends = self._ends
            try:
                os.fdatasync(self._file)
            except OSError as error:
                self.fault = f"{self._path} is not safe from a power cut: {error.strerror}"
            try:
                if not ends and os.fstat(self._file).st_size >= KEEP_BYTES:
                    self._begin_anew()
            except OSError as error:
                self.fault = f"{self._path} is long, and cannot be put aside: {error.strerror}"

    def _begin_anew(self) -> None:
        """Put a long file aside: the other one is on the disk before it takes its place, so this waits for the disk."""
        with self._lock:
            known, self._meanwhile = self._memory.known(), []
        path = _beside(self._path, ".new")
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_TRUNC, 0o644)
        try:
            _write(file, "".join(map(_line, decisions_of(known) if known else ())).encode())
            os.fdatasync(file)
            with self._lock:
                _write(file, b"".join(self._meanwhile))
                if self._path.exists():
                    os.replace(self._path, _beside(self._path, ".1"))  # killed here, the next bridge finds all in that
                os.replace(path, self._path)
                file, self._file, self._torn = self._file, file, False
        finally:
            with self._lock:  # a decision that is being written has looked at it
                self._meanwhile = None
            os.close(file)
        folder = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fdatasync(self._file)
            os.fsync(folder)
        finally:
            os.close(folder)


def recall(path: Path) -> Restored | None:
    """What a file says; None of one that says nothing. Raises OSError where it cannot be read."""
    if not path.exists():
        path = _beside(path, ".1")  # it was being put aside
    if not path.exists():
        return None
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = file.readlines()
    found = restored(_decisions(lines))
    if found is None or _is_closed(lines[-1]):
        return found
    return replace(found, results=found.results + JUMP)


def _decisions(lines: Iterable[str]) -> Iterator[Decision]:
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


def _is_closed(line: str) -> bool:
    try:
        return bool(json.loads(line).get("state") == "closed")
    except (ValueError, AttributeError):
        return False


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _write(file: int, data: bytes) -> None:
    while data:  # a disk that fills up takes a part of it first
        data = data[os.write(file, data) :]


def _ends_whole(file: int) -> bool:
    size = os.fstat(file).st_size
    return size == 0 or os.pread(file, 1, size - 1) == b"\n"


def _line(decision: Decision) -> str:
    entry = {"id": decision.result_id, "run": decision.run, "seq": decision.seq, "parts": decision.parts,
             "accept": decision.accept, "cause": decision.cause}  # fmt: skip
    return json.dumps(entry, separators=(",", ":")) + "\n"
