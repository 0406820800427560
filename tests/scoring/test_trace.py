"""Where bank vectors come from is told by their own parts."""

import numpy as np

from inspector.scoring import trace as trace_module
from inspector.scoring.trace import trace

FEATURES = np.array([[0, 0], [2, 0], [9, 9], [9, 8], [50, 50]], np.float32)
ORIGINS = np.array([[0, 1, 1], [3, 2, 2], [3, 3, 3], [5, 4, 4], [7, 5, 5]], np.int32)


def test_a_vector_is_traced_to_the_nearest_of_its_parts() -> None:
    bank = np.array([[1.5, 0], [9, 8.9]], np.float32)
    kept, origins = trace(bank, FEATURES, np.array([0, 0, 1, 1, -1]), ORIGINS)
    assert 3 in kept
    assert origins.tolist() == [[kept.index(3), 2, 2], [kept.index(3), 3, 3]]


def test_a_vector_whose_picture_is_not_kept_is_traced_to_the_nearest_patch_of_those_that_are(monkeypatch) -> None:
    monkeypatch.setattr(trace_module, "KEPT_GOOD_PICTURES", 1)
    monkeypatch.setattr(trace_module, "AT_ONCE", 2)
    bank = np.array([[9, 9], [2, 0], [50, 50]], np.float32)
    kept, origins = trace(bank, FEATURES, np.array([-1, 1, 0, -1, 2]), ORIGINS)
    assert kept == [3]
    assert origins.tolist() == [[0, 3, 3], [0, 2, 2], [0, 3, 3]]
