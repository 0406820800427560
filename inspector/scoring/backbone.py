"""Pretrained networks that turn a picture into feature maps, by name.

efficientnet_lite0, efficientnet_lite1, efficientnet_lite2    weights come with the installation (Apache-2.0)
"""

from dataclasses import dataclass
from typing import Any

import timm
import torch
from torch import nn

from inspector.errors import RecipeError
from inspector.scoring.weights import weights_of

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """A network cut after its last needed block.

    `network` maps float32[N, 3, H, W] (RGB, normalised by `mean` and `std` of the 0 to 1 range) to one feature map
    float32[N, C, H / stride, W / stride] a block.
    """

    name: str
    weights: str
    """sha256 of the weights file: the recipe names it, so that no other weights are taken for these."""
    blocks: tuple[int, ...]
    strides: tuple[int, ...]
    channels: tuple[int, ...]
    network: nn.Module
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD


def load_backbone(name: str, blocks: tuple[int, ...]) -> Backbone:
    """The backbone of this name with pretrained weights, in evaluation mode, giving these blocks (0 is the first).

    Raises RecipeError for a name or block that does not exist.
    """
    weights = weights_of(name)
    full = timm.create_model(f"tf_{name}", pretrained=False)
    full.load_state_dict(_renamed(torch.load(weights.path, weights_only=True, map_location="cpu"), full))
    depth = len(full.feature_info)
    if not blocks or min(blocks) < 0 or max(blocks) >= depth:
        raise RecipeError(f"backbone {name} has blocks 0 to {depth - 1}; {blocks} was asked for")
    network = timm.create_model(f"tf_{name}", pretrained=False, features_only=True, out_indices=blocks)
    network.load_state_dict(full.state_dict(), strict=False)
    _assert_loaded(network, full)
    return Backbone(
        name=name,
        weights=weights.sha256,
        blocks=blocks,
        strides=tuple(network.feature_info.reduction()),
        channels=tuple(network.feature_info.channels()),
        network=network.eval().requires_grad_(False),
    )


def _renamed(weights: dict[str, Any], network: nn.Module) -> dict[str, Any]:
    """The same weights under timm's names: both list the same tensors in the same order and shape."""
    target = network.state_dict()
    if [tuple(w.shape) for w in weights.values()] != [tuple(w.shape) for w in target.values()]:
        raise RecipeError("the weights file does not fit the network: other shapes or another order")
    return dict(zip(target, weights.values(), strict=True))


def _assert_loaded(part: nn.Module, full: nn.Module) -> None:
    """Every tensor of the cut network is the full network's: a name that did not match would stay random, silently."""
    source = full.state_dict()
    for key, value in part.state_dict().items():
        if key not in source or not torch.equal(value, source[key]):
            raise RecipeError(f"the weights do not cover {key} of the backbone")
