"""Subsampling: from the patch features of good parts to a small memory bank.

kmeans      centroids: small banks cover common patterns evenly; fits in seconds
kcenter     greedy k-center (K. Roth et al., PatchCore, CVPR 2022): keeps rare good patterns, collects outliers too
random      for comparison
"""

from typing import Literal, TypeAlias, get_args

import faiss
import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError

Method: TypeAlias = Literal["kmeans", "kcenter", "random"]
Features: TypeAlias = NDArray[np.float32]
"""float32[n, C]: one patch feature a row."""

KMEANS_ITERATIONS = 8


def subsample(features: Features, size: int, method: Method, seed: int) -> Features:
    """A bank float32[size, C] from features float32[n, C]; all of them where there are no more than `size`.

    Raises RecipeError for features that are not finite or all the same: a bank of those would call everything good or
    everything bad.
    """
    if not np.isfinite(features).all():
        raise RecipeError("the backbone gave features that are not finite (NaN or infinity)")
    if len(features) > 1 and not np.ptp(features, axis=0).any():
        raise RecipeError(f"all {len(features)} patches are the same; the pictures show nothing to learn from")
    if len(features) <= size:
        return np.ascontiguousarray(features)
    if method not in get_args(Method):
        raise RecipeError(f"no way of subsampling named {method!r}; there are {', '.join(get_args(Method))}")
    return {"kmeans": _kmeans, "kcenter": _kcenter, "random": _random}[method](features, size, seed)


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


def _kmeans(features: Features, size: int, seed: int) -> Features:
    kmeans = faiss.Kmeans(
        features.shape[1],
        size,
        niter=KMEANS_ITERATIONS,
        seed=seed,
        min_points_per_centroid=1,
        max_points_per_centroid=1000,
    )
    kmeans.train(features)
    return np.ascontiguousarray(kmeans.centroids)


def _kcenter(features: Features, size: int, seed: int) -> Features:
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
    return np.ascontiguousarray(features[chosen])


def _random(features: Features, size: int, seed: int) -> Features:
    rows = np.random.default_rng(seed).choice(len(features), size, replace=False)
    return np.ascontiguousarray(features[np.sort(rows)])
