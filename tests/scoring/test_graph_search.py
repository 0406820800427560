"""The search in OpenVINO's graph, on blocks of any grids and banks of any size, against plain arithmetic."""

import numpy as np
import openvino as ov
import pytest
from numpy.typing import NDArray
from openvino import opset13 as ops

from inspector.scoring import graph_search
from inspector.scoring.features import FeatureSpec
from inspector.scoring.graph_search import nearest, patch_features

SHAPES = ((5, 12, 16), (7, 6, 8), (11, 3, 4))
"""Of each block: channels, height, width. The grid is the second's."""


def run(results: list[ov.Node], inputs: list[ov.Node], blocks: list[NDArray[np.float32]]) -> list[NDArray[np.float32]]:
    model = ov.Core().compile_model(ov.Model(results, inputs, "tried"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    return [np.array(each) for each in model(blocks).values()]


@pytest.mark.parametrize("at_once", [1000, 40, 7])
@pytest.mark.parametrize("length", [0.0, 9.0, (4.0, 0.0, 9.0)])
@pytest.mark.parametrize("shapes", [SHAPES, SHAPES[1:], SHAPES[2:]])
def test_each_patch_gets_its_nearest_vector_and_the_distance(
    shapes: tuple[tuple[int, int, int], ...],
    length: float | tuple[float, ...],
    at_once: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(graph_search, "AT_ONCE", at_once)
    random = np.random.default_rng(0)
    if isinstance(length, tuple):
        length = length[-len(shapes) :]
    some = tuple(range(len(shapes)))
    spec = FeatureSpec(backbone="", weights="", blocks=some, stride=8, input_size=(64, 48), length=length)
    blocks = [(3 + random.normal(size=(1, *shape))).astype(np.float32) for shape in shapes]
    bank = (3 + random.normal(size=(93, sum(shape[0] for shape in shapes)))).astype(np.float32)
    inputs = [ops.parameter([1, *shape], np.float32) for shape in shapes]
    outputs = [each.output(0) for each in inputs]
    features, distances, rows = run([patch_features(outputs, spec), *nearest(outputs, spec, bank)], inputs, blocks)
    apart = np.linalg.norm(features.astype(np.float64)[:, None] - bank[None], axis=2)
    assert features.shape == (6 * 8, bank.shape[1])
    np.testing.assert_array_equal(rows, apart.argmin(axis=1))
    np.testing.assert_allclose(distances, apart.min(axis=1), rtol=1e-4)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("block", [0, 1, 2])
def test_a_patch_that_is_not_finite_has_no_distance_rather_than_none_at_all(block: int, bad: float) -> None:
    """The processor's maximum of NaN and 0 is 0: a relu before the root made such a patch a perfect one."""
    random = np.random.default_rng(0)
    spec = FeatureSpec(backbone="", weights="", blocks=(0, 1, 2), stride=8, input_size=(64, 48), length=(4.0, 0.0, 9.0))
    blocks = [(3 + random.normal(size=(1, *shape))).astype(np.float32) for shape in SHAPES]
    bank = (3 + random.normal(size=(93, sum(shape[0] for shape in SHAPES)))).astype(np.float32)
    blocks[block][0, 2, 1, 1] = bad
    inputs = [ops.parameter([1, *shape], np.float32) for shape in SHAPES]
    outputs = [each.output(0) for each in inputs]
    features, distances, _ = run([patch_features(outputs, spec), *nearest(outputs, spec, bank)], inputs, blocks)
    spoilt = ~np.isfinite(features).all(axis=1)
    assert spoilt.any()
    assert not np.isfinite(distances[spoilt]).any()
    assert (distances[~spoilt] > 0).all()
