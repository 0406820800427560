"""Ways to search a large bank: the exact ones are exact, the others find what is near."""

import numpy as np
import pytest

from inspector.baselines.searches import WAYS, flat
from inspector.scoring.bank import Features

EXACT = [name for name in WAYS if "FAISS IVF" not in name and "HNSW" not in name]


@pytest.fixture(scope="module")
def drawn() -> tuple[Features, Features]:
    """A bank and queries of a few directions that matter, as features have."""
    random = np.random.default_rng(0)
    spread = np.linspace(3, 0.1, 64, dtype=np.float32) ** 2
    vectors = (random.standard_normal((2300, 64), np.float32) * spread + 5).astype(np.float32)
    return vectors[:2000], vectors[2000:]


@pytest.mark.parametrize("name", WAYS)
def test_each_way_finds_a_vector_and_its_distance_and_the_exact_ones_the_nearest(
    name: str, drawn: tuple[Features, Features]
) -> None:
    bank, queries = drawn
    distances, rows = WAYS[name](bank)(queries)
    assert distances == pytest.approx(np.linalg.norm(queries - bank[rows], axis=1), rel=1e-3)
    truth = flat(bank)(queries)[0]
    assert (distances >= truth * (1 - 1e-3)).all()
    if name in EXACT:
        assert distances == pytest.approx(truth, rel=1e-3)
