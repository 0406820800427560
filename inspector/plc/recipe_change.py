"""Another recipe has been asked for: until the first verdict under it nothing passes by the one in force. Pure."""

from typing import Final

from inspector.messages import Health, Verdict

SURE: Final = 2
"""So many heartbeats after a reply, one is certain to have been sent after it."""


class RecipeChange:
    """One at a time; a new wish takes the place of the one before."""

    def __init__(self) -> None:
        self.leaving: str | None = None
        """What was in force when another one was asked for; None: none is, or a verdict under it has come."""
        self._after: int | None = None
        self._beats = 0

    def ask(self, in_force: str | None) -> None:
        """What passes by the one in force is not what the line makes now."""
        self.leaving, self._after, self._beats = in_force, None, 0

    def refused(self) -> None:
        """The one in force stays."""
        self.leaving = None

    def done(self) -> None:
        """The station says that it has the other one: from the next part on, even where that is the same version."""
        self._beats = SURE

    def beat(self, health: Health) -> None:
        """A heartbeat of the station."""
        if self._beats:
            self._beats -= 1
            self._after = health.taken if self._beats == 0 else None

    def judged(self, verdict: Verdict) -> None:
        """A verdict from the stream."""
        if verdict.recipe != self.leaving or (self._after is not None and verdict.seq > self._after):
            self.leaving = None
