"""A thread whose end, and what ended it, can be seen."""

import threading
import traceback
from collections.abc import Callable
from pathlib import Path


class Worker:
    """Runs one loop in a thread of its own and keeps what it died of.

    The thread is a daemon, so that one that hangs does not keep the process.
    """

    def __init__(self, name: str, loop: Callable[[], None], ended: threading.Event) -> None:
        """ended: set when the loop ends, however it does."""
        self.name = name
        self.error: BaseException | None = None
        self._loop = loop
        self._ended = ended
        self._thread = threading.Thread(target=self._run, name=f"inspector-{name}", daemon=True)

    def start(self) -> None:
        """Start the loop."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Started and not ended."""
        return self._thread.is_alive()

    @property
    def failure(self) -> str:
        """What it died of, in one line with the place; empty when it did not."""
        return "" if self.error is None else died_of(self.name, self.error)

    def join(self, timeout_s: float) -> None:
        """Wait for the end of the loop, at most so long; no time at all where it never started."""
        if self._thread.ident is not None:
            self._thread.join(timeout_s)

    def _run(self) -> None:
        try:
            self._loop()
        except BaseException as error:  # nobody else could hear of it in this thread
            self.error = error
        finally:
            self._ended.set()


def died_of(name: str, error: BaseException) -> str:
    """What a thread died of, in one line with the place."""
    place = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"the {name} thread failed: {type(error).__name__}: {error} ({Path(place.filename).name}, line {place.lineno})"
    )
