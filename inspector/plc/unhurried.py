"""An output for people in a thread of its own: a terminal that was stopped holds up no decision."""

import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from inspector.plc.decisions import Decision, Readiness
from inspector.plc.output import Output

WAITING: Final = 1000
"""Lines that wait for a terminal that does not take them; then those that follow are left out."""


class Unhurried:
    """See Output. close() waits a second at most for what is still to be shown; the output itself it leaves open."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._calls: queue.Queue[Callable[[], None] | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._run, name="bridge-output", daemon=True)
        self._thread.start()

    def ready(self, readiness: Readiness) -> None:
        """See Output."""
        self._put(lambda: self._output.ready(readiness))

    def decide(self, decision: Decision) -> None:
        """See Output."""
        self._put(lambda: self._output.decide(decision))

    def close(self) -> None:
        """Show what is left."""
        with suppress(queue.Full):
            self._calls.put(None, timeout=1.0)
        self._thread.join(1.0)

    def _put(self, call: Callable[[], None]) -> None:
        with suppress(queue.Full):
            self._calls.put_nowait(call)

    def _run(self) -> None:
        while (call := self._calls.get()) is not None:
            call()
