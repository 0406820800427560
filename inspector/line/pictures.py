"""Pictures for people and for the store: drawn and sent in one thread, off the verdict path.

mailbox ──newest──▶ draw ──▶ overlays
exhibits ─oldest──▶ draw, beside the nearest good patch ──▶ evidence
"""

from contextlib import closing
from typing import Final, TypeAlias

from inspector.config import WireConfig
from inspector.line.exhibits import Exhibits
from inspector.line.identity import Identity
from inspector.line.journal import Journal
from inspector.line.mailbox import Mailbox
from inspector.line.overlay import Preview, Shown, draw
from inspector.messages import Evidence, Overlay, Verdict
from inspector.wire.evidence import EvidencePublisher
from inspector.wire.publish import OverlayPublisher

POLL_S: Final = 0.1
"""How often evidence is looked for while there is no picture to show."""

CROWDED: Final = "{} programs take the evidence: what the slowest has no room for is lost to the store, too"

View: TypeAlias = Mailbox[Shown | Preview]


def overlay_loop(wire: WireConfig, identity: Identity, journal: Journal, view: View, exhibits: Exhibits) -> None:
    """Draw and send until the mailbox is closed, then what is left. What cannot be drawn is noted and left out."""
    with closing(OverlayPublisher(wire)) as overlays, closing(EvidencePublisher(wire, identity.station)) as evidence:
        easel = _Easel(identity, journal)
        exhibit: tuple[Verdict, Shown] | None = None
        while True:
            readers = evidence.readers
            exhibits.wanted = readers > 0
            journal.warn("evidence", [CROWDED.format(readers)] if readers > 1 else [])
            shown = view.take(0 if exhibit else POLL_S)
            if shown is not None and (drawn := easel.overlay(shown)):
                overlays.send(drawn)
            if (exhibit := exhibits.take()) and (piece := easel.evidence(*exhibit)) and not evidence.send(piece):
                journal.note("evidence_dropped", "nobody takes it as fast as it comes", once=True)
            if view.closed and shown is None and exhibit is None:
                return


class _Easel:
    """Draws each picture once, though it may be both shown and kept."""

    def __init__(self, identity: Identity, journal: Journal) -> None:
        self._identity = identity
        self._journal = journal
        self._last: tuple[Shown | Preview, Overlay] | None = None

    def overlay(self, shown: Shown | Preview) -> Overlay | None:
        if self._last is None or self._last[0] is not shown:
            try:
                self._last = shown, draw(shown, self._identity)
            except Exception as error:
                self._journal.note("overlay_error", f"{type(error).__name__}: {error}", once=True)
                return None
        return self._last[1]

    def evidence(self, verdict: Verdict, shown: Shown) -> Evidence | None:
        overlay, nearest = self.overlay(shown), None
        if overlay is None:
            return None
        try:
            nearest = shown.scorer.nearest_good(shown.scored) if shown.scored else None
        except Exception as error:  # a picture is gone from the recipe, say; what is only to be seen stops no line
            self._journal.note("evidence_error", f"{type(error).__name__}: {error}", once=True)
        if nearest is None:
            return Evidence(verdict=verdict, overlay=overlay)
        return Evidence(verdict=verdict, overlay=overlay, nearest=nearest.jpeg, nearest_picture=nearest.picture,
                        nearest_box=nearest.box, suspect_box=nearest.suspect_box)  # fmt: skip
