"""That the line was stopped by a command, kept over a fault: what breaks and starts again is not started by that."""

from contextlib import suppress
from pathlib import Path

from inspector.durable import replace_file


class Stopped:
    """A file that is there while the line is stopped, with the words for it. Belongs to one thread after the start."""

    def __init__(self, path: Path | None) -> None:
        """None keeps nothing: a replay's."""
        self._path = path

    def words(self) -> str:
        """Who stopped the line, and why; empty when nobody did."""
        if self._path is None or not self._path.exists():
            return ""
        with suppress(OSError, UnicodeDecodeError):
            return self._path.read_text(encoding="utf-8").strip() or "stopped"
        return "stopped, by whom cannot be read"

    def keep(self, words: str) -> str:
        """Keep it, on the disk when this returns; why it could not be, empty when it could."""
        if self._path is None:
            return ""
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._path, f"{words}\n".encode())
        except OSError as error:
            return f"{self._path.parent} cannot be written: {error.strerror or error}"
        return ""

    def forget(self) -> None:
        """The line was started, or ended in good order."""
        if self._path is not None:
            with suppress(OSError):
                self._path.unlink()
