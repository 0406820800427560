"""Good pictures made from others: many that differ a little, and some with a rare pattern. The same for a seed."""

from collections.abc import Sequence
from typing import Final

import cv2
import numpy as np

from inspector.messages import Image

MARK: Final = (205, 225, 235)
"""The colour of the printed dot, BGR: nothing on a bottle is like it."""


class Jittered(Sequence[Image]):
    """`count` pictures, each one of the given ones turned, moved, lit and grained a little otherwise; made when asked
    for, so that none of them need be kept."""

    def __init__(self, pictures: Sequence[Image], count: int, seed: int) -> None:
        self._pictures = pictures
        self._count = count
        self._seed = seed

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Image:  # type: ignore[override]  # no slices
        if not 0 <= index < self._count:
            raise IndexError(index)
        random = np.random.default_rng([self._seed, index])
        picture = self._pictures[index % len(self._pictures)]
        height, width = picture.shape[:2]
        turned = cv2.getRotationMatrix2D((width / 2, height / 2), random.uniform(-2, 2), 1)
        turned[:, 2] += random.uniform(-0.007, 0.007, 2) * np.array((width, height))
        moved = cv2.warpAffine(picture, turned, (width, height), borderMode=cv2.BORDER_REPLICATE)
        grain = random.standard_normal(moved.shape, np.float32) * np.float32(1.5)
        lit: Image = np.clip(moved * np.float32(random.uniform(0.97, 1.03)) + grain, 0, 255).astype(np.uint8)
        return lit


class Marked(Sequence[Image]):
    """The given pictures, those of `numbers` with a printed dot on the part, somewhere around its middle."""

    def __init__(self, pictures: Sequence[Image], numbers: Sequence[int], seed: int) -> None:
        self._pictures = pictures
        self._numbers = frozenset(numbers)
        self._seed = seed

    def __len__(self) -> int:
        return len(self._pictures)

    def __getitem__(self, index: int) -> Image:  # type: ignore[override]  # no slices
        picture = self._pictures[index]
        return marked(picture, [self._seed, index]) if index in self._numbers else picture


def marked(picture: Image, seed: Sequence[int]) -> Image:
    """The picture with a printed dot, a fortieth of its width in radius, at 0.28 of it from the middle."""
    height, width = picture.shape[:2]
    angle = np.random.default_rng(seed).uniform(0, 2 * np.pi)
    place = np.array([width / 2, height / 2]) + 0.28 * width * np.array([np.cos(angle), np.sin(angle)])
    shown = picture.copy()
    centre = (round(place[0]), round(place[1]))
    cv2.circle(shown, centre, max(1, width // 40), MARK, -1, cv2.LINE_AA)
    return shown


def some(count: int, share: float, seed: int) -> list[int]:
    """Which of `count` pictures carry the rare pattern: a share of them, at least one, drawn by the seed."""
    return sorted(np.random.default_rng(seed).permutation(count)[: max(1, round(share * count))].tolist())
