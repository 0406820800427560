"""Subsampling: from the patch features of good parts to a small memory bank.

kmeans      centroids: small banks cover common patterns evenly, and rare ones not at all
kcenter     greedy k-center (K. Roth et al., PatchCore, CVPR 2022): keeps rare good patterns, collects outliers too
both        k-means whose first centroids are those of k-center: keeps the rare, covers the common; the usual one
random      for comparison

docs/fitting.md says what each gives and takes.
"""

import os
from collections.abc import Callable
from typing import Final, Literal, TypeAlias, get_args

import faiss
import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError

Method: TypeAlias = Literal["kmeans", "kcenter", "both", "random"]
Features: TypeAlias = NDArray[np.float32]
"""float32[n, C]: one patch feature a row."""

KMEANS_ITERATIONS = 8
MOST_A_CENTROID: Final = 100
"""Features that centroids are moved by, for each; where there are more, some are drawn. All have a part in the bank."""
FLAT: Final = 16
"""Dimensions in which most features are told to be far from another, without looking at all the others."""


def subsample(features: Features, size: int, method: Method, seed: int) -> NDArray[np.int64]:
    """A bank of `size` vectors from features float32[n, C], each the mean of some of them: the row of the bank that
    each feature is part of, int64[n], -1 for none. Every feature is a vector of its own where there are no more.

    Raises RecipeError for features that are not finite or all the same: a bank of those would call everything good or
    everything bad.
    """
    if not np.isfinite(features).all():
        raise RecipeError("the backbone gave features that are not finite (NaN or infinity)")
    if len(features) > 1 and not np.ptp(features, axis=0).any():
        raise RecipeError(f"all {len(features)} patches are the same; the pictures show nothing to learn from")
    if method not in get_args(Method):
        raise RecipeError(f"no way of subsampling named {method!r}; there are {', '.join(get_args(Method))}")
    if len(features) <= size:
        return np.arange(len(features))
    return _WAYS[method](features, size, seed)


def use_threads(count: int) -> None:
    """Let FAISS use so many CPU threads from now on, one per core at most; 0 leaves it at that."""
    if count:
        faiss.omp_set_num_threads(min(count, os.cpu_count() or 1))


def nearest(queries: Features, bank: Features) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Euclidean distance to, and row of, the nearest bank vector for each query: float32[n], int64[n].

    NaN and -1 for one that is not finite: FAISS gives it the largest number there is, which is one.
    """
    index = faiss.IndexFlatL2(bank.shape[1])
    index.add(bank)
    squared, rows = index.search(np.ascontiguousarray(queries), 1)
    distances = np.sqrt(np.maximum(squared[:, 0], 0))
    distances[rows[:, 0] < 0] = np.nan
    return distances, rows[:, 0]


def index_bytes(bank: Features) -> bytes:
    """The bank as the content of a FAISS index file."""
    index = faiss.IndexFlatL2(bank.shape[1])
    index.add(bank)
    return bytes(faiss.serialize_index(index))


def _kmeans(features: Features, size: int, seed: int, first: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
    """first: the features int64[size] that are the first centroids; some drawn by the seed, if left out."""
    some = features
    if len(features) > size * MOST_A_CENTROID:
        drawn = np.random.default_rng(seed).choice(len(features), size * MOST_A_CENTROID, replace=False)
        some = features[np.union1d(drawn, drawn[:0] if first is None else first)]  # in their order, for the memory
    kmeans = faiss.Kmeans(
        features.shape[1],
        size,
        niter=KMEANS_ITERATIONS,
        seed=seed,
        min_points_per_centroid=1,
        max_points_per_centroid=len(some),
    )
    kmeans.train(some, init_centroids=None if first is None else features[first])
    _, rows = nearest(features, np.ascontiguousarray(kmeans.centroids))
    return np.unique(rows, return_inverse=True)[1]  # a centroid that nothing lies nearest to is none


def _kcenter(features: Features, size: int, seed: int) -> NDArray[np.int64]:
    return _alone(_farthest(features, size, seed), len(features))


def _farthest(features: Features, size: int, seed: int) -> NDArray[np.int64]:
    """The features int64[size] of which each next one is the farthest from all chosen before it.

    A new one comes nearer to few: the others are told by a shadow of FLAT dimensions, in which nothing lies farther
    apart than in all of them. The choice is the same as without, to rounding, in a fifth of the time. Products are by
    einsum: BLAS shares out such small ones among threads that wait for one another longer than they work.
    """
    norms = np.einsum("ij,ij->i", features, features)
    flat = _shadow(features)
    flat_norms = np.einsum("ji,ji->i", flat, flat)
    chosen = np.empty(size, np.int64)
    chosen[0] = np.random.default_rng(seed).integers(len(features))
    distance = np.full(len(features), np.inf, np.float32)
    for n in range(size):
        last = chosen[n] = chosen[0] if n == 0 else distance.argmax()
        far = flat_norms + flat_norms[last] - 2 * np.einsum("ji,j->i", flat, flat[:, last])
        near = np.flatnonzero(far < distance)
        squared = norms[near] + norms[last] - 2 * np.einsum("ij,j->i", features[near], features[last])
        distance[near] = np.minimum(distance[near], squared)
        distance[last] = -np.inf
    return chosen


def _shadow(features: Features) -> Features:
    """float32[FLAT, n]: the features along the directions in which some of them differ most."""
    some = features[:: max(1, len(features) // 10_000)]
    _, directions = np.linalg.eigh(np.cov(some, rowvar=False, dtype=np.float64))
    most = directions[:, -FLAT:].astype(np.float32)
    return np.ascontiguousarray((features @ most - some.mean(axis=0) @ most).T)


def _both(features: Features, size: int, seed: int) -> NDArray[np.int64]:
    return _kmeans(features, size, seed, np.sort(_farthest(features, size, seed)))


def _random(features: Features, size: int, seed: int) -> NDArray[np.int64]:
    rows = np.random.default_rng(seed).choice(len(features), size, replace=False)
    return _alone(np.sort(rows), len(features))


def _alone(chosen: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Each chosen feature is a vector of the bank by itself; the others have no part in it."""
    rows = np.full(count, -1, np.int64)
    rows[chosen] = np.arange(len(chosen))
    return rows


_WAYS: Final[dict[Method, Callable[[Features, int, int], NDArray[np.int64]]]] = {
    "kmeans": _kmeans,
    "kcenter": _kcenter,
    "both": _both,
    "random": _random,
}
