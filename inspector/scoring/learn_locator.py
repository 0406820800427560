"""What a good part looks like wherever it lies: a locator, learnt from good pictures, and whether it is worth having.

Pure. A locator that is not needed can do harm: it brings a misplaced part to its place and so hides the defect, and it
turns the lamps' light with a round part. So it is for parts that lie turned, and that are alike once turned back.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.errors import Unlocated
from inspector.messages import Image
from inspector.scoring.foreground import SIDE, Piece, Shrunk, largest, otsu, shrink
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
LEAST_TURN: Final = math.radians(3)
"""Standard deviation of the angle under which the parts lie straight already."""
ALIKE: Final = 0.85
"""Turned to one pose, good parts must differ from one another by at most this share of what they did before."""
SPREAD: Final = 0.3
"""Coefficient of variation of the area above which what was found is not the part."""
ODD: Final = 0.03
"""Share of the good pictures that may show no such part, or one cut off by the picture's border or of another size."""
TIMES: Final = 2.0
"""How many times the median area is of another size."""
SLACK: Final = 0.35
"""How far beyond the good parts' areas a part may be."""
LEEWAY: Final = 0.5
"""How much farther from the middle than the good parts a part may lie or be turned, where they are held by something;
at least a quarter of its reach, and TURN_LEEWAY."""
TURN_LEEWAY: Final = math.radians(5)
STREWN: Final = math.radians(120)
"""Parts that may be turned so far from the middle either way lie as they fell, and may lie anyhow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """A locator, and what speaks against using it."""

    locator: Locator
    look: NDArray[np.uint8]
    """uint8[h, w]: the usual look that it goes by, 128 being the ground."""
    doubt: str
    """Why it would not help, as the good pictures have it; empty where it does."""


def learn(pictures: Sequence[Image], region: Rectangle) -> Learnt:
    """A locator for the parts in a region of good pictures uint8[H, W, 3], at least two.

    Raises Unlocated, saying why, where they do not show parts of one kind, each whole.
    """
    count = min(LEARN_FROM, len(pictures))
    x, y, width, height = region
    chosen = [n * (len(pictures) - 1) // max(1, count - 1) for n in range(count)]  # from the first to the last
    every = [shrink(pictures[n][y : y + height, x : x + width]) for n in chosen]
    contrast = CONTRAST * float(np.median([otsu(each.difference) for each in every]))
    shrunk, pieces = _of_one_kind(every, contrast)
    reach = max(_reach(piece) for piece in pieces)
    turns, alike = _turns(shrunk, pieces, reach)
    doubt = _doubt(turns, alike)
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
        turn=None,
        place=None,
    )
    moves = [placing(float(t), (p.x, p.y), (-left, -top)) for p, t in zip(pieces, turns, strict=True)]
    usual = _mean([each.relief for each in shrunk], moves, (wide, high))
    # once more with the place registered, as it will be at the line
    finder = Finder(locator, usual)
    moves = [finder.placed(each, piece) for each, piece in zip(shrunk, pieces, strict=True)]
    usual = _mean([each.relief for each in shrunk], moves, (wide, high))
    return Learnt(locator=_held(locator, moves, scale, (-left, -top)), look=usual, doubt=doubt)


def _held(locator: Locator, moves: Sequence[Move], scale: float, centroid: tuple[float, float]) -> Locator:
    """With how parts may lie, where the good ones lie turned by a part of a turn only.

    moves: from the usual look's pixels to those of each shrunk picture.
    """
    angles = np.array([math.atan2(move[1, 0], move[0, 0]) for move in moves])
    middle = float(np.angle(np.exp(1j * angles).mean()))
    most = float(np.abs(np.angle(np.exp(1j * (angles - middle)))).max()) * (1 + LEEWAY) + TURN_LEEWAY
    if most > STREWN:
        return locator
    places = np.array([move @ (*centroid, 1) for move in moves]) / scale
    low, high = places.min(axis=0), places.max(axis=0)
    more = LEEWAY / 2 * np.maximum(high - low, locator.reach)
    (left, top), (right, bottom) = np.round(low - more, 1).tolist(), np.round(high + more, 1).tolist()
    return replace(locator, turn=(round(middle, 4), round(most, 4)), place=(left, top, right, bottom))


def _of_one_kind(shrunk: Sequence[Shrunk], contrast: float) -> tuple[list[Shrunk], list[Piece]]:
    """The pictures that show one whole part, and the parts. Raises Unlocated where too many do not."""
    found = [largest(each.difference, contrast) for each in shrunk]
    areas = [piece.area for piece in found if piece is not None]
    if not areas:
        raise Unlocated("nothing stands out of the good pictures' ground")
    usual = float(np.median(areas))
    most = math.ceil(ODD * len(found))
    cut = sum(piece is not None and piece.touches for piece in found)
    if cut > most:
        raise Unlocated(
            f"what stands out of the ground reaches the picture's border in {cut} of {len(found)} good pictures; a "
            "region inside of rails or frames would leave the parts alone in it"
        )
    whole = [
        (each, piece)
        for each, piece in zip(shrunk, found, strict=True)
        if piece is not None and not piece.touches and usual / TIMES <= piece.area <= usual * TIMES
    ]
    kept = np.array([piece.area for _, piece in whole])
    if len(found) - len(whole) > most or kept.std() > SPREAD * kept.mean():
        raise Unlocated(
            f"what stands out of the good pictures' ground is not parts of one kind: it covers from {min(areas)} to "
            f"{max(areas)} pixels of the picture shrunk to {SIDE}, {usual:.0f} as a rule"
        )
    return [each for each, _ in whole], [piece for _, piece in whole]


def _doubt(turns: NDArray[np.float64], alike: float) -> str:
    """Why turning back parts that lie turned so, in radians, would not help; empty where it would."""
    spread = math.sqrt(2 * (1 - min(1.0, float(abs(np.exp(1j * turns).mean())))))
    if spread < LEAST_TURN:
        return f"they lie straight, turned by {math.degrees(spread):.1f}° as a rule"
    if alike > ALIKE:
        return (
            f"turned to one pose they differ by {alike:.0%} of what they do as they lie; up to {ALIKE:.0%} would help"
        )
    return ""


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
        turns = np.array([turn_between(usual, each) for each in seen])
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
