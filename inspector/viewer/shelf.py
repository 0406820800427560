"""Pictures held in memory: of each part its overlay packet, and the nearest good patch where evidence brought one."""

from collections import OrderedDict
from dataclasses import dataclass

from inspector.messages import Box, Evidence
from inspector.wire.codec import encode_overlay


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """«But should look like this»: the good patch nearest to a part's worst one, with its surroundings."""

    jpeg: bytes
    picture: str
    """The good picture it was cut from, by its name in the recipe."""
    suspect_box: Box | None
    """What of the part it is to be held beside, in source pixels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What there is to see of one part."""

    packet: bytes
    """An overlay packet, as on the wire."""
    nearest: Nearest | None = None


class Shelf:
    """The newest pieces, at most `room`. Evidence, which has more in it, is never replaced by a mere picture."""

    def __init__(self, room: int) -> None:
        self._room = room
        self._pieces: OrderedDict[tuple[str, int], Piece] = OrderedDict()

    def put(self, run: str, seq: int, piece: Piece) -> None:
        known = self._pieces.get((run, seq))
        if known is None or known.nearest is None or piece.nearest is not None:
            self._pieces[run, seq] = piece
        self._pieces.move_to_end((run, seq))
        while len(self._pieces) > self._room:
            self._pieces.popitem(last=False)

    def get(self, run: str, seq: int) -> Piece | None:
        return self._pieces.get((run, seq))


def piece_of(evidence: Evidence) -> Piece:
    """What evidence shows."""
    nearest = None
    if evidence.nearest:
        nearest = Nearest(jpeg=evidence.nearest, picture=evidence.nearest_picture, suspect_box=evidence.suspect_box)
    return Piece(packet=encode_overlay(evidence.overlay), nearest=nearest)
