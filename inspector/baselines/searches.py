"""Ways to find the nearest of many bank vectors, which one matrix product is measured against.

Each is made from a bank float32[n, C] and takes queries float32[m, C] to distances and rows.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray

from inspector.scoring.bank import Features
from inspector.scoring.search import centred

Found: TypeAlias = tuple[NDArray[np.float32], NDArray[np.int64]]
"""The distance float32[m] to the nearest vector, and its row int64[m]."""
Search: TypeAlias = Callable[[Features], Found]

AXES: Final = 32
"""Principal axes that pruning looks at first."""


def product(bank: Features) -> Search:
    """One matrix product, as at the line."""
    centre, twice, norms = centred(bank)

    def search(queries: Features) -> Found:
        rest = queries - centre
        less = norms - rest @ twice
        rows = less.argmin(axis=1)
        squared = np.einsum("ij,ij->i", rest, rest) + less[np.arange(len(rows)), rows]
        return np.sqrt(np.maximum(squared, 0)), rows

    return search


def pruned(bank: Features) -> Search:
    """Exact: a distance along some of the axes is never longer than the whole, so that most vectors are out by it."""
    centre = bank.mean(axis=0)
    axes = np.linalg.svd((bank - centre)[:: max(1, len(bank) // 20_000)], full_matrices=False)[2].T
    turned = ((bank - centre) @ axes).astype(np.float32)
    first = np.ascontiguousarray(turned[:, :AXES])
    norms, twice = np.einsum("ij,ij->i", first, first), np.ascontiguousarray(2 * first.T)

    def search(queries: Features) -> Found:
        seen = ((queries - centre) @ axes).astype(np.float32)
        head = seen[:, :AXES]
        less = norms - head @ twice  # the distance along the first axes, but for the query's own norm
        own = np.einsum("ij,ij->i", head, head)
        rows = less.argmin(axis=1)
        best = _squared(seen, turned[rows])
        inside, others = np.nonzero(less < (best - own)[:, None])
        for begin in range(0, len(inside), 100_000):
            query, other = inside[begin : begin + 100_000], others[begin : begin + 100_000]
            whole = _squared(seen[query], turned[other])
            order = np.lexsort((whole, query))
            query, other, whole = query[order], other[order], whole[order]
            nearest = np.flatnonzero(np.r_[True, query[1:] != query[:-1]])
            nearest = nearest[whole[nearest] < best[query[nearest]]]
            best[query[nearest]], rows[query[nearest]] = whole[nearest], other[nearest]
        return np.sqrt(best), rows

    return search


def flat(bank: Features) -> Search:
    index = faiss.IndexFlatL2(bank.shape[1])
    return _faiss(index, bank)


def inverted(probes: int) -> Callable[[Features], Search]:
    """FAISS IVF: the vectors of the `probes` nearest of 4 √n cells."""

    def make(bank: Features) -> Search:
        cells = round(4 * len(bank) ** 0.5)
        index = faiss.IndexIVFFlat(faiss.IndexFlatL2(bank.shape[1]), bank.shape[1], cells)
        index.cp.min_points_per_centroid = 1
        index.train(bank)
        index.nprobe = probes
        return _faiss(index, bank)

    return make


def graph(width: int) -> Callable[[Features], Search]:
    """FAISS HNSW, 32 neighbours each; `width`: candidates held while it searches."""

    def make(bank: Features) -> Search:
        index = faiss.IndexHNSWFlat(bank.shape[1], 32)
        index.hnsw.efSearch = width
        return _faiss(index, bank)

    return make


def _faiss(index: faiss.Index, bank: Features) -> Search:
    index.add(bank)

    def search(queries: Features) -> Found:
        squared, rows = index.search(queries, 1)
        return np.sqrt(np.maximum(squared[:, 0], 0)), rows[:, 0]

    return search


def _squared(one: Features, other: Features) -> NDArray[np.float32]:
    rest = one - other
    squared: NDArray[np.float32] = np.einsum("ij,ij->i", rest, rest)
    return squared


WAYS: Final[Mapping[str, Callable[[Features], Search]]] = {
    "one matrix product (as at the line)": product,
    f"exact pruning by {AXES} principal axes": pruned,
    "FAISS flat": flat,
    "FAISS IVF, 4 cells probed": inverted(4),
    "FAISS IVF, 16 cells probed": inverted(16),
    "FAISS HNSW, width 16": graph(16),
    "FAISS HNSW, width 64": graph(64),
}
