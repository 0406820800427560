"""Good pictures turned all ways for the bank, where parts lie as they fell and are judged as they lie. Pure.

A hundred good pictures show a hundred turns, and a part that is turned otherwise is far from all of them. Turned
pictures fill the gaps, in a bank of the same size. It is done only where the good pictures themselves are about as near
to turned ones as to one another: not where the lamps, a grain or an axis make a turned one something else.
"""

import math
from collections.abc import Callable, Sequence
from typing import Final

import cv2
import numpy as np

from inspector.messages import Image
from inspector.scoring.bank import Features, nearest
from inspector.scoring.pictures import spread
from inspector.scoring.prepare import Rectangle, grid_to_source

WAYS: Final = 12
"""Turns of each good picture, at most."""
PICTURES: Final = 1200
"""Turned and unturned ones to fit from: with so many good ones, the gaps between their turns are narrow."""
AS_NEAR: Final = 1.05
"""How many times as far from turned pictures as from one another good ones may be: pills and bottles at any turn,
leather and stone lie below 1.03, whatever has an axis, a grain or lamps that stand still over 1.08."""
FEWEST, LOOKED_AT = 16, 32
"""Good pictures that this is told from: half of them are the bank, half are compared with it."""
PATCHES: Final = 200
"""Of each in that bank."""
UNTURNED: Final = np.eye(2, 3, dtype=np.float32)


class Turn:
    """A turn about the middle of the region that is judged."""

    def __init__(self, angle: float, region: Rectangle, grid: tuple[int, int]) -> None:
        """angle: in radians; grid: width and height of the patches over the region."""
        x, y, width, height = region
        middle = np.array([x + width / 2, y + height / 2])
        turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        back = np.hstack([turn, (middle - turn @ middle)[:, None]])
        self._between_centres = back.copy()
        self._between_centres[:, 2] += turn @ (0.5, 0.5) - 0.5  # warpAffine counts from pixel centres
        rows, columns = np.divmod(np.arange(grid[0] * grid[1]), grid[0])
        to_picture = grid_to_source(UNTURNED, region, grid).astype(np.float64)
        at = np.stack([columns + 0.5, rows + 0.5, np.ones(len(rows))])
        from_ = (back @ np.vstack([to_picture @ at, np.ones(len(rows))]) - to_picture[:, 2:]) / np.diag(to_picture)[
            :, None
        ]
        inside = ((from_ >= 1) & (from_ <= np.array(grid)[:, None] - 1)).all(axis=0)
        self.patches = np.flatnonzero(inside)
        """int64[n]: those of the turned picture that show what the picture shows, none of its repeated edge."""
        self.origins = np.floor(from_.T[:, ::-1]).astype(np.int32)
        """int32[h * w, 2]: row and column of where each lies in the picture; of `patches` alone."""

    def __call__(self, picture: Image) -> Image:
        """The picture uint8[H, W, 3], turned, its edge repeated."""
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = picture.shape[1], picture.shape[0]
        turned = cv2.warpAffine(picture, self._between_centres, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        return turned.astype(np.uint8, copy=False)


def turns(
    pictures: Sequence[Image], extract: Callable[[Image], Features], region: Rectangle, grid: tuple[int, int]
) -> list[Turn]:
    """The turns, beside as it lies, in which good pictures of one size are to be seen for the bank: none where turned
    ones are not as the good ones.

    extract: from a picture uint8[H, W, 3] to patch features float32[h * w, C].
    """
    ways = min(WAYS, PICTURES // len(pictures))
    if len(pictures) < FEWEST or ways < 2 or nearness(pictures, extract, region, grid) > AS_NEAR:
        return []
    return [Turn(2 * math.pi * way / ways, region, grid) for way in range(1, ways)]


def nearness(
    pictures: Sequence[Image], extract: Callable[[Image], Features], region: Rectangle, grid: tuple[int, int]
) -> float:
    """How many times as far good pictures lie from turned ones as from one another: the median picture's mean patch."""
    random = np.random.default_rng(0)
    chosen = spread(len(pictures), LOOKED_AT)
    lying: list[Features] = []
    turned: list[Features] = []
    for number in chosen[::2]:
        turn = Turn(random.uniform(math.pi / 6, 11 * math.pi / 6), region, grid)
        some = random.permutation(turn.patches)[:PATCHES]
        turned.append(extract(turn(pictures[number]))[some])
        lying.append(extract(pictures[number])[some])
    far: dict[bool, list[float]] = {False: [], True: []}
    banks = {False: np.concatenate(lying), True: np.concatenate(turned)}
    for number in chosen[1::2]:
        seen = extract(pictures[number])[turn.patches]
        for way, bank in banks.items():
            far[way].append(float(nearest(seen, bank)[0].mean()))
    return float(np.median(far[True]) / max(np.median(far[False]), 1e-9))
