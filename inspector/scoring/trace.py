"""Where each bank vector comes from: the good pictures that a recipe keeps, and the patch in them. Pure."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspector.scoring.bank import Features, nearest

KEPT_GOOD_PICTURES: Final = 24
"""Enough to show a nearest good patch for every bank vector; more would only make the recipe heavy."""
AT_ONCE: Final = 65_536
"""Patches at a time: 50 MB at 192 dimensions."""


def trace(
    bank: Features, features: Features, rows: NDArray[np.int64], origins: NDArray[np.int32]
) -> tuple[list[int], NDArray[np.int32]]:
    """The pictures to keep, rising, and for each bank vector the place among them of the picture it is traced to, the
    row and the column: int32[size, 3].

    Of the patches float32[n, C] from pictures, rows and columns int32[n, 3], each is part of a row int64[n] of the
    bank, or -1 of none. The part of a vector that is nearest to it says what picture it is from; the pictures that most
    are from are kept, and each vector is traced to the nearest patch of those.
    """
    distance = np.concatenate([
        np.square(features[begin : begin + AT_ONCE] - bank[rows[begin : begin + AT_ONCE]]).sum(axis=1)
        for begin in range(0, len(rows), AT_ONCE)
    ])  # fmt: skip
    order = np.lexsort((distance, rows))
    own = order[np.searchsorted(rows[order], np.arange(len(bank)))]
    kept = sorted(np.argsort(-np.bincount(origins[own, 0]), kind="stable")[:KEPT_GOOD_PICTURES].tolist())
    among = np.isin(origins[:, 0], kept)
    found = origins[among][nearest(bank, features[among])[1]]
    found[:, 0] = np.searchsorted(kept, found[:, 0])
    return kept, found
