"""What a good part looks like wherever it lies: a locator, learnt from good pictures. Pure."""

import math
from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.scoring.foreground import Piece, Shrunk, largest, otsu, shrink
from inspector.scoring.locator import Finder, Locator, masked
from inspector.scoring.prepare import Rectangle
from inspector.scoring.register import Look, Move, laid, placing, rings, turn_between

LEARN_FROM: Final = 60
"""Good pictures looked at; evenly spread over all."""
ROUNDS: Final = 3
"""Of turning all to the mean of those turned before."""
CONTRAST: Final = 0.7
"""Of the level between ground and part: glints and pale places belong to the part, a soft shadow does not."""
MARGIN: Final = 0.06
"""Of the part's mean extent, left around it in the canonical picture."""
LEAST_TURN: Final = math.radians(4)
"""Standard deviation of the angle under which the parts lie straight already."""
ALIKE: Final = 0.85
"""Turned to one pose, good parts must differ from one another by at most this share of what they did before."""
SPREAD: Final = 0.3
"""Coefficient of variation of the area above which what was found is not the part."""
SLACK: Final = 0.35
"""How far beyond the good parts' areas a part may be."""


def learn(pictures: Sequence[Image], region: Rectangle) -> tuple[Locator, NDArray[np.uint8]] | None:
    """A locator for the parts in a region of good pictures, and the usual look uint8[h, w] that it goes by; None where
    the pictures do not show parts of one kind, each whole, that lie turned."""
    step = max(1, len(pictures) // LEARN_FROM)
    x, y, width, height = region
    shrunk = [shrink(pictures[n][y : y + height, x : x + width]) for n in range(0, len(pictures), step)]
    contrast = CONTRAST * float(np.median([otsu(each.difference) for each in shrunk]))
    found = [largest(each.difference, contrast) for each in shrunk]
    pieces = [piece for piece in found if piece is not None]
    if len(pieces) < len(found) or not _one_kind(pieces):
        return None
    reach = max(_reach(piece) for piece in pieces)
    turns, alike = _turns(shrunk, pieces, reach)
    if 1 - abs(np.exp(1j * turns).mean()) < LEAST_TURN**2 / 2 or alike > ALIKE:
        return None
    turns, (left, top, wide, high) = _boxed(pieces, turns, reach)
    scale = shrunk[0].scale
    size = math.ceil(wide / scale), math.ceil(high / scale)
    areas = [piece.area / scale**2 for piece in pieces]
    locator = Locator(
        contrast=round(contrast, 2),
        area=(round(min(areas) * (1 - SLACK), 1), round(max(areas) * (1 + SLACK), 1)),
        size=size,
        centroid=(round(-left * size[0] / wide, 2), round(-top * size[1] / high, 2)),
        reach=round(reach / scale, 2),
    )
    moves = [placing(float(t), (p.x, p.y), (-left, -top)) for p, t in zip(pieces, turns, strict=True)]
    usual = _mean([each.relief for each in shrunk], moves, (wide, high))
    # once more with place and turn found together, as they will be at the line
    finder = Finder(locator, usual)
    moves = [finder.placed(each, piece) for each, piece in zip(shrunk, pieces, strict=True)]
    return locator, _mean([each.relief for each in shrunk], moves, (wide, high))


def _one_kind(pieces: Sequence[Piece]) -> bool:
    """Whether these are parts of one kind, each whole in its picture."""
    areas = np.array([piece.area for piece in pieces])
    return bool(areas.std() <= SPREAD * areas.mean() and np.mean([piece.touches for piece in pieces]) <= 0.01)


def _turns(shrunk: Sequence[Shrunk], pieces: Sequence[Piece], reach: float) -> tuple[NDArray[np.float64], float]:
    """How each is turned against the mean of all, in radians; and how much all differ from one another when they are
    turned back, as a share of how much they do as they lie."""
    looks = [masked(each, piece) for each, piece in zip(shrunk, pieces, strict=True)]
    seen = [rings(look, (piece.x, piece.y), reach) for look, piece in zip(looks, pieces, strict=True)]
    side = 2 * math.ceil(reach) + 2

    def laid_out(turns: NDArray[np.float64]) -> NDArray[np.float32]:
        moves = [placing(float(t), (p.x, p.y), (side / 2, side / 2)) for p, t in zip(pieces, turns, strict=True)]
        return np.stack([laid(look, move, (side, side)) for look, move in zip(looks, moves, strict=True)])

    usual, turns = seen[0], np.zeros(len(seen))
    as_they_lie = laid_out(turns).std(axis=0).mean()
    for _ in range(ROUNDS):
        turns = np.array([turn_between(usual, each)[0] for each in seen])
        turned = laid_out(turns)
        usual = rings(turned.mean(axis=0), (side / 2, side / 2), reach)
    return turns, float(turned.std(axis=0).mean() / max(as_they_lie, 1e-6))


def _boxed(
    pieces: Sequence[Piece], turns: NDArray[np.float64], reach: float
) -> tuple[NDArray[np.float64], tuple[int, int, int, int]]:
    """The turns with the longer axis along the width, and the box left, top, width, height around the centroid that
    holds every part, with a margin."""
    side = 2 * math.ceil(reach) + 2
    middle = (side / 2, side / 2)

    def silhouettes(turned: NDArray[np.float64]) -> Look:
        moves = [placing(float(t), (p.x, p.y), middle) for p, t in zip(pieces, turned, strict=True)]
        laid_out = [laid(p.silhouette.astype(np.float32), m, (side, side)) for p, m in zip(pieces, moves, strict=True)]
        mean: Look = np.mean(laid_out, axis=0).astype(np.float32)
        return mean

    usual = largest(silhouettes(turns), 0.5)
    if usual is not None:
        turns = turns + usual.axis
    ys, xs = np.nonzero(silhouettes(turns) > 0.02)
    margin = math.ceil(MARGIN * math.sqrt(np.ptp(xs) * np.ptp(ys))) + 1
    left, top = int(xs.min()) - margin - side // 2, int(ys.min()) - margin - side // 2
    return turns, (left, top, int(np.ptp(xs)) + 1 + 2 * margin, int(np.ptp(ys)) + 1 + 2 * margin)


def _mean(looks: Sequence[Look], moves: Sequence[Move], size: tuple[int, int]) -> NDArray[np.uint8]:
    """The mean look uint8[h, w] in the canonical picture, 128 being the ground."""
    mean = np.mean([laid(look, move, size) for look, move in zip(looks, moves, strict=True)], axis=0)
    usual: NDArray[np.uint8] = np.clip(np.round(mean + 128), 0, 255).astype(np.uint8)
    return usual


def _reach(piece: Piece) -> float:
    (outline, *_), _ = cv2.findContours(piece.silhouette, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    return float(np.hypot(outline[:, 0, 0] + 0.5 - piece.x, outline[:, 0, 1] + 0.5 - piece.y).max()) + 1
