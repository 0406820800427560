"""What follows a network in its OpenVINO graph: features on one grid, and the search in a bank. Pure.

Node for node what inspector.scoring.network does, but that a block of a coarser grid is multiplied with the bank there,
and its products are interpolated: interpolating is linear, so it is the same, and a block of half the grid's width and
height costs a quarter.
"""

from collections.abc import Sequence
from functools import reduce
from typing import Any, Final, NamedTuple

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

from inspector.scoring.features import SHORT, FeatureSpec
from inspector.scoring.search import centred

AT_ONCE: Final = 1000
"""Bank vectors multiplied at once: the products of more would leave the processor's cache before they are compared."""


class _Factor(NamedTuple):
    """Some of the features, as they are multiplied with the bank."""

    node: ov.Node
    """float32[1, C, h_i, w_i]."""
    columns: NDArray[np.int64]
    """Where they stand in a bank vector, int64[C]."""
    centred: bool
    """The bank's centre is taken off."""
    scale: ov.Node | None = None
    """What the products are multiplied with on the grid, float32[1, 1, h, w]."""


def patch_features(blocks: Sequence[ov.Output], spec: FeatureSpec) -> ov.Node:
    """Blocks float32[1, C_i, h_i, w_i] to patch features float32[h * w, sum of C_i]."""
    together = _together(blocks, spec)
    return ops.transpose(ops.reshape(together, _ints(together.shape[1], -1), False), _ints(1, 0))


def nearest(blocks: Sequence[ov.Output], spec: FeatureSpec, bank: NDArray[np.float32]) -> tuple[ov.Node, ov.Node]:
    """Blocks float32[1, C_i, h_i, w_i] to distances float32[h * w] and rows int32[h * w] of the bank float32[n, C]."""
    centre, doubled, norms = centred(bank)
    factors = _factors(blocks, spec, centre)
    for factor in factors:
        if not factor.centred:
            norms = norms + centre[factor.columns] @ doubled[factor.columns]
    best, rows = [], []
    for first in range(0, len(norms), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        products = reduce(ops.add, (_products(factor, doubled[factor.columns, part], spec) for factor in factors))
        found = _lowest(ops.subtract(_floats(norms[part].reshape(1, -1, 1, 1)), products))
        best.append(found.output(0))
        rows.append(ops.add(found.output(1), ops.constant(np.int32(first))))
    if len(best) > 1:
        found = _lowest(ops.concat(best, 1))
        best, rows = [found.output(0)], [ops.gather_elements(ops.concat(rows, 1), found.output(1), 1)]
    own = _squared(_less(_together(blocks, spec), centre))
    distance = ops.sqrt(_not_negative(ops.add(best[0], own)))
    return ops.reshape(distance, _ints(-1), False), ops.reshape(rows[0], _ints(-1), False)


def _factors(blocks: Sequence[ov.Output], spec: FeatureSpec, centre: NDArray[np.float32]) -> list[_Factor]:
    """Each block of a coarser grid alone; all others together, on the grid."""
    width, height = spec.grid
    factors, fine, at = list[_Factor](), list[ov.Node](), list[NDArray[np.int64]]()
    first = 0
    for block, length in zip(blocks, spec.lengths, strict=True):
        columns = np.arange(first, first := first + block.shape[1])
        if block.shape[2] * block.shape[3] >= width * height:
            fine.append(_finished(block, length, spec))
            at.append(columns)
        elif length:  # a centre would have to be taken off after the scale: its part is one number a bank vector
            factors.append(_Factor(block, columns, False, _scale(_on_grid(block, spec), length)))
        else:
            factors.append(_Factor(_less(block, centre[columns]), columns, True))
    if fine:
        columns = np.concatenate(at)
        factors.append(_Factor(_less(ops.concat(fine, 1), centre[columns]), columns, True))
    return factors


def _products(factor: _Factor, vectors: NDArray[np.float32], spec: FeatureSpec) -> ov.Node:
    """With vectors float32[C, n], on the grid: float32[1, n, h, w].

    As a convolution, which keeps the order that blocks lie in memory in; a matrix product would have them turned first.
    """
    weights = np.ascontiguousarray(vectors.T)[:, :, None, None]
    found = _on_grid(ops.convolution(factor.node, _floats(weights), [1, 1], [0, 0], [0, 0], [1, 1]), spec)
    return found if factor.scale is None else ops.multiply(found, factor.scale)


def _together(blocks: Sequence[ov.Output], spec: FeatureSpec) -> ov.Node:
    """All features on the grid, float32[1, C, h, w]."""
    return ops.concat([_finished(block, length, spec) for block, length in zip(blocks, spec.lengths, strict=True)], 1)


def _finished(block: ov.Output, length: float, spec: FeatureSpec) -> ov.Node:
    """A block on the grid, each cell's features brought to the length if there is one."""
    node = _on_grid(block, spec)
    return ops.multiply(node, _scale(node, length)) if length else node


def _scale(node: ov.Node, length: float) -> ov.Node:
    """What brings each cell's features float32[1, C, h, w] to a length: float32[1, 1, h, w]."""
    return ops.divide(_floats(length), ops.maximum(ops.sqrt(_squared(node)), _floats(SHORT)))


def _on_grid(node: Any, spec: FeatureSpec) -> ov.Node:
    """float32[1, C, h_i, w_i] to float32[1, C, h, w]: bilinear between the middles of cells."""
    width, height = spec.grid
    if tuple(node.shape[2:]) == (height, width):
        return node
    size, how = _ints(height, width), "pytorch_half_pixel"
    return ops.interpolate(node, size, "linear_onnx", "sizes", axes=_ints(2, 3), coordinate_transformation_mode=how)


def _lowest(values: ov.Node) -> ov.Node:
    """Of float32[1, n, h, w] the lowest along n, and where it stands: float32 and int32[1, 1, h, w]."""
    return ops.topk(values, ops.constant(np.array(1)), axis=1, mode="min", sort="none")


def _not_negative(node: ov.Node) -> ov.Node:
    """What rounding took below 0 as 0. A relu would take NaN for 0 too, which is a perfect patch."""
    return ops.select(ops.less(node, _floats(0)), _floats(0), node)


def _squared(node: ov.Node) -> ov.Node:
    """Squared lengths float32[1, 1, h, w] of float32[1, C, h, w]."""
    return ops.reduce_sum(ops.multiply(node, node), _ints(1), True)


def _less(node: Any, centre: NDArray[np.float32]) -> ov.Node:
    return ops.subtract(node, _floats(centre.reshape(1, -1, 1, 1)))


def _ints(*values: int) -> ov.Node:
    return ops.constant(np.array(values, np.int64))


def _floats(values: Any) -> ov.Node:
    return ops.constant(np.asarray(values, np.float32))
