"""The nearest bank vector by one matrix product, prepared for every runtime alike. Pure."""

import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError


def fitting(bank: NDArray[np.float32], dimension: int, backbone: str) -> NDArray[np.float32]:
    """The bank float32[n, C], if it is of finite vectors of this dimension. Raises RecipeError if it is not."""
    if bank.shape[1] != dimension:
        raise RecipeError(
            f"the memory bank holds vectors of {bank.shape[1]} dimensions, the blocks of {backbone} give {dimension}; "
            "it was made with another backbone or other blocks: fit the recipe again"
        )
    if not np.isfinite(bank).all():
        raise RecipeError("the memory bank holds vectors that are not finite (NaN or infinity); fit the recipe again")
    return bank


def centred(bank: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.float32]]:
    """A bank float32[n, C] as its mean float32[C], twice the rest float32[C, n], its squared norms float32[n].

    |q - b|² = |q|² + |b|² - 2 q·b. Moving both sides to the mean changes no distance and keeps the subtraction from
    losing digits, since features lie far from the origin compared with their distances.
    """
    centre = bank.mean(axis=0, dtype=np.float64)
    rest = bank - centre
    norms = np.einsum("ij,ij->i", rest, rest)
    return centre.astype(np.float32), np.ascontiguousarray(2 * rest.T, np.float32), norms.astype(np.float32)
