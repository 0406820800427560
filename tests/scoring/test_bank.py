"""Subsampling, and the search against a brute-force oracle in double precision."""

import numpy as np
import pytest
import torch

from inspector.errors import RecipeError
from inspector.scoring import bank as bank_module
from inspector.scoring.backbone import load_backbone
from inspector.scoring.bank import nearest, subsample
from inspector.scoring.network import PatchNetwork, ScoringNetwork

METHODS = ("kmeans", "kcenter", "both", "random")


def features(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(3, 1, (count, 24)).astype(np.float32)


def oracle(queries: np.ndarray, bank: np.ndarray) -> np.ndarray:
    return np.sqrt(((queries[:, None].astype(np.float64) - bank[None]) ** 2).sum(-1))


@pytest.mark.parametrize("method", METHODS)
def test_a_bank_has_the_size_asked_for_and_is_the_same_each_time(method: str) -> None:
    rows = subsample(features(500), 40, method, seed=3)
    assert set(rows[rows >= 0].tolist()) == set(range(40))
    assert np.array_equal(rows, subsample(features(500), 40, method, seed=3))


@pytest.mark.parametrize("method", METHODS)
def test_fewer_features_than_the_bank_holds_are_all_kept(method: str) -> None:
    assert subsample(features(30), 40, method, seed=0).tolist() == list(range(30))


def test_each_feature_is_part_of_the_centroid_nearest_to_it() -> None:
    points = np.concatenate([features(200), features(200) + 50])
    rows = subsample(points, 2, "kmeans", seed=0)
    assert len(set(rows[:200].tolist())) == len(set(rows[200:].tolist())) == 1
    assert rows[0] != rows[399]


def test_greedy_k_center_takes_the_farthest_each_time() -> None:
    points = np.array([[0, 0], [0.1, 0], [10, 0], [0, 4], [10, 0.2]], np.float32)
    chosen = {tuple(point) for point in points[subsample(points, 3, "kcenter", seed=0) >= 0].tolist()}
    assert {(0.0, 4.0)} <= chosen
    assert len(chosen & {(10.0, 0.0), (10.0, np.float32(0.2).item())}) == 1


def test_greedy_k_center_takes_what_a_search_through_all_of_them_would() -> None:
    points = features(3000) * np.linspace(0.2, 4, 24, dtype=np.float32)
    chosen = [int(np.random.default_rng(5).integers(len(points)))]
    distance = np.full(len(points), np.inf)
    while len(chosen) < 60:
        distance = np.minimum(distance, oracle(points, points[chosen[-1:]])[:, 0])
        chosen.append(int(distance.argmax()))
    assert set(np.flatnonzero(subsample(points, 60, "kcenter", seed=5) >= 0)) == set(chosen)


def test_where_only_some_features_move_the_centroids_a_rare_one_is_kept_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(bank_module, "MOST_A_CENTROID", 3)
    points = np.concatenate([features(2000), features(1) + 50])
    rows = subsample(points, 8, "both", seed=0)
    assert (rows >= 0).all()
    assert np.count_nonzero(rows == rows[-1]) == 1
    assert np.array_equal(rows, subsample(points, 8, "both", seed=0))


def test_k_means_that_begins_from_k_center_keeps_the_rare_pattern_and_averages_the_common_ones() -> None:
    common, rare = features(400), features(1) + 50
    rows = subsample(np.concatenate([common, rare]), 8, "both", seed=0)
    assert (rows >= 0).all()  # no feature is left out, as k-center leaves all but the chosen
    assert np.count_nonzero(rows == rows[-1]) == 1


def test_features_that_are_not_finite_or_all_the_same_are_refused() -> None:
    spoiled = features(50)
    spoiled[7, 3] = np.nan
    with pytest.raises(RecipeError, match="not finite"):
        subsample(spoiled, 10, "kmeans", 0)
    with pytest.raises(RecipeError, match="all 50 patches are the same"):
        subsample(np.ones((50, 24), np.float32), 10, "kmeans", 0)


def test_both_searches_agree_with_brute_force_in_double_precision() -> None:
    bank, queries = features(300, 1), features(200, 2)
    exact = oracle(queries, bank)
    distance, row = nearest(queries, bank)
    np.testing.assert_allclose(distance, exact.min(1), rtol=1e-4)
    assert np.array_equal(row, exact.argmin(1))

    network = ScoringNetwork(PatchNetwork(load_backbone("efficientnet_lite0", (1,)), (64, 64), 4), bank)
    distance, row = (tensor.numpy() for tensor in network.nearest(torch.from_numpy(queries)))
    np.testing.assert_allclose(distance, exact.min(1), rtol=1e-4)
    assert np.array_equal(row, exact.argmin(1))


def test_a_bank_vector_is_at_distance_nought_of_itself_within_rounding() -> None:
    bank = features(300, 1)
    network = ScoringNetwork(PatchNetwork(load_backbone("efficientnet_lite0", (1,)), (64, 64), 4), bank)
    distance, row = (tensor.numpy() for tensor in network.nearest(torch.from_numpy(bank)))
    assert np.array_equal(row, np.arange(300))
    assert distance.max() < 0.01


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_feature_that_is_not_finite_has_no_distance_rather_than_a_large_one(bad: float) -> None:
    """A large one among good scores would be a threshold that passes everything."""
    queries = features(30)
    queries[4, 2] = bad
    distances, rows = nearest(queries, features(50, 1))
    assert np.flatnonzero(np.isnan(distances)).tolist() == np.flatnonzero(rows < 0).tolist() == [4]
