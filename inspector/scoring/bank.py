"""Subsampling: from the patch features of good parts to a small memory bank.

kmeans      centroids: small banks cover common patterns evenly; fits in seconds
kcenter     greedy k-center (K. Roth et al., PatchCore, CVPR 2022): keeps rare good patterns, collects outliers too
both        k-means whose first centroids are those of k-center
random      for comparison

docs/fitting.md says what each gives and takes.
"""

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
    """Let FAISS use so many CPU threads from now on; 0 leaves it at one per core."""
    if count:
        faiss.omp_set_num_threads(count)


def nearest(queries: Features, bank: Features) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Euclidean distance to, and row of, the nearest bank vector for each query: float32[n], int64[n]."""
    index = faiss.IndexFlatL2(bank.shape[1])
    index.add(bank)
    squared, rows = index.search(np.ascontiguousarray(queries), 1)
    return np.sqrt(np.maximum(squared[:, 0], 0)), rows[:, 0]


def index_bytes(bank: Features) -> bytes:
    """The bank as the content of a FAISS index file."""
    index = faiss.IndexFlatL2(bank.shape[1])
    index.add(bank)
    return bytes(faiss.serialize_index(index))


def _kmeans(features: Features, size: int, seed: int, first: Features | None = None) -> NDArray[np.int64]:
    """first: the centroids to begin with, float32[size, C]; some of the features, drawn by the seed, if left out."""
    kmeans = faiss.Kmeans(
        features.shape[1],
        size,
        niter=KMEANS_ITERATIONS,
        seed=seed,
        min_points_per_centroid=1,
        max_points_per_centroid=1000,
    )
    kmeans.train(features, init_centroids=first)
    _, rows = nearest(features, np.ascontiguousarray(kmeans.centroids))
    return np.unique(rows, return_inverse=True)[1]  # a centroid that nothing lies nearest to is none


def _kcenter(features: Features, size: int, seed: int) -> NDArray[np.int64]:
    """Each next vector is the one farthest from all chosen so far."""
    norms = np.einsum("ij,ij->i", features, features)
    chosen = np.empty(size, np.int64)
    chosen[0] = np.random.default_rng(seed).integers(len(features))
    distance = np.full(len(features), np.inf, np.float32)
    for n in range(1, size):
        last = chosen[n - 1]
        squared = norms + norms[last] - 2 * (features @ features[last])
        np.minimum(distance, squared, out=distance)
        distance[last] = -np.inf
        chosen[n] = distance.argmax()
    return _alone(chosen, len(features))


def _both(features: Features, size: int, seed: int) -> NDArray[np.int64]:
    return _kmeans(features, size, seed, features[_kcenter(features, size, seed) >= 0])


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
