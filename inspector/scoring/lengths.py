"""How long a block's features usually are, for recipes in which their direction alone counts. Pure.

A block brought to one length still needs one: its weight beside the other blocks. The usual length of its own features
leaves that as it was, whatever the parts look like.
"""

from collections.abc import Sequence

import numpy as np

from inspector.errors import RecipeError
from inspector.scoring.bank import Features


def usual_lengths(
    features: Features, channels: Sequence[int], blocks: tuple[int, ...], wanted: tuple[int, ...]
) -> tuple[float, ...]:
    """The median length, to a tenth, of the `wanted` ones of `blocks` in features float32[n, sum of channels].

    0 for the others, which stay as they are. Raises RecipeError for one that is not taken, or that gives nothing.
    """
    if strangers := set(wanted) - set(blocks):
        raise RecipeError(f"block {min(strangers)} cannot be brought to one length: the blocks taken are {blocks}")
    ends = np.cumsum(channels)
    lengths = []
    for block, end, count in zip(blocks, ends, channels, strict=True):
        if block not in wanted:
            lengths.append(0.0)
            continue
        usual = round(float(np.median(np.linalg.norm(features[:, end - count : end], axis=1))), 1)
        if not usual > 0:
            raise RecipeError(f"block {block} gives nothing on most patches, so it has no length to be brought to")
        lengths.append(usual)
    return tuple(lengths)
