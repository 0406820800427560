"""A part's score by plain loops in double precision: what every runtime and every fast path is checked against.

It shares with the scorer the picture that the network sees, the pretrained weights and nothing else: padding, pooling,
resampling, the search, the ignore mask and the area opening are written out again here, as their definitions say.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.scoring.backbone import load_backbone
from inspector.scoring.recipe import Recipe
from inspector.scoring.weights import weights_again

Map = NDArray[np.float64]


def oracle(recipe: Recipe, seen: Image) -> tuple[Map, float]:
    """Patch scores float64[h, w] and the score of what the network sees, uint8[H, W, 3] BGR."""
    spec = recipe.features
    columns, rows = spec.grid
    pools = spec.pools or (3,) * len(spec.blocks)
    maps = [_resampled(_pooled(m, side), rows, columns) for m, side in zip(_maps(recipe, seen), pools, strict=True)]
    lengths = spec.length if isinstance(spec.length, tuple) else (spec.length,) * len(maps)
    maps = [_of_length(each, length) if length else each for each, length in zip(maps, lengths, strict=True)]
    features = np.concatenate(maps).reshape(-1, rows * columns).T
    bank = recipe.vectors().astype(np.float64)
    distances = np.array([np.sqrt(((bank - feature) ** 2).sum(axis=1).min()) for feature in features])
    scores = distances.reshape(rows, columns)
    ignored = recipe.ignore()
    if ignored is not None:
        scores[ignored] = 0
    return scores, max(level for level in np.unique(scores) if _largest(scores >= level) >= recipe.min_patches)


def _maps(recipe: Recipe, seen: Image) -> Sequence[Map]:
    """Feature maps float64[C, h, w]; the picture moved right and down by the recipe's shift, its edge repeated."""
    spec = recipe.features
    backbone = load_backbone(spec.backbone, spec.blocks, spec.input_size, weights_again(spec))
    height, width = seen.shape[:2]
    down, across = (np.maximum(np.arange(length) - spec.shift, 0) for length in (height, width))
    rgb = seen[down][:, across, ::-1].astype(np.float64) / 255
    normal = (rgb - np.array(backbone.mean)) / np.array(backbone.std)
    with torch.no_grad():
        maps = backbone.network.double()(torch.from_numpy(normal.transpose(2, 0, 1)[None].copy()))
    return [each[0].numpy() for each in maps]


def _of_length(block: Map, length: float) -> Map:
    """Each cell's features brought to a length; those that are nothing stay so."""
    brought: Map = length * block / np.maximum(1e-3, np.sqrt((block**2).sum(axis=0)))
    return brought


def _pooled(block: Map, side: int) -> Map:
    """The mean of each cell's neighbourhood of side × side cells, of those that lie in the map."""
    reach = side // 2
    pooled = np.empty_like(block)
    for row, column in np.ndindex(block.shape[1:]):
        window = (slice(max(0, row - reach), row + reach + 1), slice(max(0, column - reach), column + reach + 1))
        pooled[:, row, column] = block[:, window[0], window[1]].mean(axis=(1, 2))
    return pooled


def _resampled(block: Map, rows: int, columns: int) -> Map:
    """Bilinear between cell centres; beyond the outermost centres the outermost cell."""
    (top, bottom, lower), (left, right, further) = _between(block.shape[1], rows), _between(block.shape[2], columns)
    along = block[:, top] * (1 - lower)[:, None] + block[:, bottom] * lower[:, None]
    return along[:, :, left] * (1 - further) + along[:, :, right] * further


def _between(cells: int, wanted: int) -> tuple[NDArray[np.int64], NDArray[np.int64], Map]:
    """The two cells that each wanted place lies between, and the share of the second."""
    places = np.clip((np.arange(wanted) + 0.5) * cells / wanted - 0.5, 0, None)
    first = np.minimum(places.astype(np.int64), cells - 1)
    return first, np.minimum(first + 1, cells - 1), places - first


def _largest(above: NDArray[np.bool_]) -> int:
    """Patches in the largest 8-connected region, by flooding."""
    left, largest = {(int(row), int(column)) for row, column in np.argwhere(above)}, 0
    while left:
        edge, size = [left.pop()], 1
        while edge:
            row, column = edge.pop()
            near = {(row + y, column + x) for y in (-1, 0, 1) for x in (-1, 0, 1)} & left
            left -= near
            size += len(near)
            edge += near
        largest = max(largest, size)
    return largest
