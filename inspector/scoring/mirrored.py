"""Few good parts taught from their mirror pictures too, where those look like good ones themselves. Pure.

A lamp's reflex, a scuff, a seam that few parts showed on one side only would be an anomaly on the other. A part whose
left is no other than its right gives nothing up by it. Whether parts are so is said by the good pictures: the mirror
picture of each is scored by the bank without that part, as its own pictures are.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image

LIKE: Final = 1.2
"""A usual mirror picture's score may be so many times a usual part's. Of five parts it is 1.05 times for white bottles,
1.1 for pills, 1.5 for MVTec's bottles, which lie off the picture's middle, and 2.1 for the bundled flanges."""


class AndMirrored(Sequence[Image]):
    """All pictures, then all of them with left for right."""

    def __init__(self, pictures: Sequence[Image]) -> None:
        self._pictures = pictures

    def __len__(self) -> int:
        return 2 * len(self._pictures)

    def __getitem__(self, index: int) -> Image:  # type: ignore[override]  # no slices
        count = len(self._pictures)
        return self._pictures[index] if index < count else np.ascontiguousarray(self._pictures[index - count][:, ::-1])


def is_symmetric(scores: NDArray[np.float64], mirrored: NDArray[np.float64]) -> bool:
    """Whether parts look alike in the mirror: scores float64[parts] of good parts and of their mirror pictures."""
    return bool(np.median(mirrored) <= LIKE * np.median(scores))
