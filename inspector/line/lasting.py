"""Taking pictures does not end with what it died of: it begins anew, in the same run, with the next part's number."""

import threading
import time
from collections.abc import Callable
from typing import Final

from inspector.errors import InspectorError
from inspector.line.journal import Journal
from inspector.line.register import Register
from inspector.line.worker import died_of
from inspector.sources import Source
from inspector.triggers import Trigger

PAUSES_S: Final = (0.5, 1.0, 2.0, 5.0)
"""Before each new try. The first is longer than two heartbeats, so that `not_ready` is heard; after the last one the
process ends, and its supervisor starts a new one."""
STEADY_S: Final = 30.0
"""What went well for so long begins again with the first pause."""


def lasting(
    capture: Callable[[Trigger], None],
    trigger: Trigger,
    source: Source,
    register: Register,
    journal: Journal,
    stop: threading.Event,
) -> None:
    """Capture until the source ends or `stop` is set; of a live source also after the trigger, say, has raised.

    What raised is said, and the line not ready until a picture has gone through again: the source is closed, which its
    next frames() opens anew, by this thread; the trigger is one that knows nothing yet. Raises what a file's pictures
    raise, an InspectorError, and what is raised again after all PAUSES_S.
    """
    failures = 0
    while True:
        begun = time.monotonic()
        try:
            capture(trigger)
            return
        except InspectorError:
            raise
        except Exception as error:
            failures = 1 if time.monotonic() - begun > STEADY_S else failures + 1
            if not source.live or failures > len(PAUSES_S):
                raise
            why = f"{died_of('capture', error)}; starting it again"
        journal.hinder("source", why)
        journal.note("capture_error", why, once=True)
        source.close()
        stop.wait(PAUSES_S[failures - 1])  # when it is set, capture() only ends the parts that are under way
        trigger = trigger.anew(register.taken + 1)
