"""Which evidence is kept, and what goes when there is no more room: the oldest passes first, rejects last.

Two limits: what the pictures take together, and what stays free on the disk, whoever fills it. Pictures are removed to
keep either; but that the disk is short of room for another's sake costs no more old rejects than new ones need.
"""

import shutil
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from inspector.config import StoreConfig
from inspector.errors import ConfigError
from inspector.messages import Evidence
from inspector.store.pictures import PICTURES, UNFINISHED, files_of, folder_of, write

BLOCK: Final = 4096
"""What the smallest file takes on most disks."""


@dataclass(frozen=True, slots=True)
class _Kept:
    folder: Path
    kept_ns: int
    size: int


class Album:
    """All pictures of a store; what is on the disk is the truth, and is read once, at the start.

    Belongs to one thread. free: bytes that are free on a folder's disk. Raises ConfigError where none can be kept.
    """

    def __init__(self, limits: StoreConfig, free: Callable[[Path], int] | None = None) -> None:
        self.refused = 0
        """Pieces of evidence that found no room."""
        self.trouble = ""
        """Why the last one could not be written; empty when it could."""
        self._folder = Path(limits.folder) / PICTURES
        self._most = round(limits.evidence_mb * 1e6)
        self._least_free = round(limits.free_mb * 1e6)
        self._days_ns = round(limits.evidence_days * 86400e9)
        self._free = free or _free
        self._passes: deque[_Kept] = deque()
        self._rejects: deque[_Kept] = deque()
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError(f"store.folder is {limits.folder!r}, where {PICTURES} cannot be made: {error}") from error
        for kept in sorted(_found(self._folder), key=lambda kept: kept.kept_ns):
            self._list(kept.folder.name).append(kept)
        self._size = sum(kept.size for kept in (*self._passes, *self._rejects))

    @property
    def size(self) -> int:
        """Bytes that all pictures take."""
        return self._size

    def __len__(self) -> int:
        """Parts of which there are pictures."""
        return len(self._passes) + len(self._rejects)

    def keep(self, evidence: Evidence, now_ns: int) -> dict[str, bytes] | None:
        """Write a piece of evidence; its files, or None where it is there already or there is no room for it."""
        verdict = evidence.verdict
        files = files_of(evidence)
        folder = folder_of(self._folder, verdict.run, verdict.seq, verdict.outcome)
        if folder.exists():
            return None
        size = BLOCK + sum(map(_on_disk, map(len, files.values())))
        if not self._make_room(size, is_pass=verdict.outcome == "pass"):
            self.refused += 1
            self.trouble = "no room is left within evidence_mb and free_mb"
            return None
        try:
            write(folder, files)
        except OSError as error:
            self.refused += 1
            self.trouble = error.strerror or str(error)
            return None
        self.trouble = ""
        self._list(folder.name).append(_Kept(folder, now_ns, size))
        self._size += size
        return files

    def retain(self, now_ns: int) -> int:
        """Remove what is too old, and passes for which there is no more room; how many parts' pictures went."""
        before = len(self)
        for kept in (self._passes, self._rejects):
            while kept and kept[0].kept_ns < now_ns - self._days_ns:
                self._remove(kept)
        while self._size > self._most and len(self):
            self._remove(self._passes or self._rejects)
        while self._passes and self._free(self._folder) < self._least_free:
            self._remove(self._passes)
        return before - len(self)

    def _make_room(self, size: int, is_pass: bool) -> bool:
        """Remove what must go for `size` more bytes; a pass takes the place of passes only."""
        freed = 0
        while not self._fits(size, freed):
            victims = self._passes or (self._rejects if not is_pass else self._passes)
            if not victims:
                return False
            freed += self._remove(victims)
        return True

    def _fits(self, size: int, freed: int) -> bool:
        room = freed >= size or self._free(self._folder) >= self._least_free + size
        return room and self._size + size <= self._most

    def _list(self, name: str) -> deque[_Kept]:
        return self._passes if name.endswith("-pass") else self._rejects

    def _remove(self, kept: deque[_Kept]) -> int:
        oldest = kept.popleft()
        shutil.rmtree(oldest.folder, ignore_errors=True)
        if not any(oldest.folder.parent.iterdir()):
            oldest.folder.parent.rmdir()
        self._size -= oldest.size
        return oldest.size


def _found(pictures: Path) -> list[_Kept]:
    """What is there from before; what was being written when the store was killed is removed."""
    found = []
    for folder in pictures.glob("*/*"):
        if folder.name.startswith(UNFINISHED):
            shutil.rmtree(folder, ignore_errors=True)
        elif folder.is_dir():
            size = BLOCK + sum(_on_disk(file.stat().st_size) for file in folder.iterdir())
            found.append(_Kept(folder, folder.stat().st_mtime_ns, size))
    return found


def _on_disk(size: int) -> int:
    return -(-size // BLOCK) * BLOCK


def _free(folder: Path) -> int:
    return shutil.disk_usage(folder).free
