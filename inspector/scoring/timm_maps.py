"""Any network of timm that gives feature maps: `timm/<name>`. A transformer's tokens are a map on its grid of patches.

Blocks are those that timm's `forward_intermediates` counts: the stages of a pyramid, the layers of a plain transformer.
"""

from typing import Any

import timm
import torch
from torch import Tensor, nn

from inspector.errors import RecipeError
from inspector.scoring.feature_maps import IMAGENET_MEAN, IMAGENET_STD, Backbone, State, check_blocks, misfit
from inspector.scoring.hubs import timm_config
from inspector.scoring.layout import Layout
from inspector.scoring.weights import TIMM

PYRAMID = (4, 8, 16)
"""Strides wanted of a network whose maps shrink."""


class Intermediates(nn.Module):
    """float32[N, 3, H, W] to these blocks' maps, by a network cut after the last of them."""

    def __init__(self, network: Any, blocks: tuple[int, ...]) -> None:
        super().__init__()
        self.blocks = network.prune_intermediate_layers(list(blocks))
        self.network = network

    def forward(self, pictures: Tensor) -> list[Tensor]:
        maps: list[Tensor] = self.network.forward_intermediates(
            pictures, indices=self.blocks, output_fmt="NCHW", intermediates_only=True
        )
        return maps


def timm_maps(backbone: str, blocks: tuple[int, ...], state: State, input_size: tuple[int, int]) -> Backbone:
    """The blocks of `timm/<name>` for an input of this width and height.

    Raises RecipeError for a network that gives no feature maps, blocks that do not exist, and weights that do not fit.
    """
    config = timm_config(backbone)
    network = _create(backbone, input_size, state)
    check_blocks(backbone, blocks, len(network.feature_info))
    chosen = [network.feature_info[block] for block in blocks]
    return Backbone(
        network=Intermediates(network, blocks),
        strides=tuple(info["reduction"] for info in chosen),
        channels=tuple(info["num_chs"] for info in chosen),
        mean=tuple(config.mean or IMAGENET_MEAN),
        std=tuple(config.std or IMAGENET_STD),
    )


def timm_layout(backbone: str) -> Layout:
    """Of a pyramid strides 4, 8 and 16 on the grid of stride 8; of a transformer two layers of its middle on its own.

    The input's side is the one that the network was trained with.
    """
    config = timm_config(backbone)
    with torch.device("meta"):  # nothing but its shape is asked for
        network = _create(backbone, None, None)
    strides = [info["reduction"] for info in network.feature_info]
    side = config.input_size[1]
    if len(set(strides)) == 1:
        depth, stride = len(strides), strides[0]
        blocks = tuple(sorted({(depth - 1) // 2, (3 * depth - 1) // 4}))
        return Layout(blocks=blocks, stride=stride, side=side, multiple=stride)
    blocks = tuple(n for n, stride in enumerate(strides) if stride in PYRAMID) or (0,)
    grid = min((strides[n] for n in blocks), key=lambda stride: abs(stride - PYRAMID[1]))
    return Layout(blocks=blocks, stride=grid, side=side, multiple=max(strides))


def _for_size(backbone: str, input_size: tuple[int, int]) -> dict[str, Any]:
    """Options that fit the positions of a transformer to the grid once, as they are loaded, not for each picture."""
    with torch.device("meta"):
        resizes = getattr(_create(backbone, None, None), "dynamic_img_size", False)
    if resizes:
        return {"img_size": input_size[::-1], "dynamic_img_size": False}
    return {"img_size": input_size[::-1]} if timm_config(backbone).fixed_input_size else {}


def _create(backbone: str, input_size: tuple[int, int] | None, state: State | None) -> Any:
    """The network without its classifier, whose weights it needs no more than the pictures it was meant for."""
    options: dict[str, Any] = {"num_classes": 0}
    config = timm_config(backbone)
    if input_size is not None:
        options |= _for_size(backbone, input_size)
    if state is not None:
        heads = config.classifier if isinstance(config.classifier, tuple) else (config.classifier,)
        left = {key: value for key, value in state.items() if key.rpartition(".")[0] not in heads}
        # without a classifier on either side timm loads strictly: what the file lacks would otherwise stay random
        overlay = {"state_dict": left, "num_classes": 0, "label_offset": 0, "source": ""}
        options |= {"pretrained": True, "pretrained_cfg_overlay": overlay}
    try:
        network = timm.create_model(backbone.removeprefix(TIMM), **options)
    except (RuntimeError, TypeError, ValueError, KeyError, AttributeError, AssertionError) as error:
        raise misfit(backbone, error) from error
    if not (hasattr(network, "prune_intermediate_layers") and hasattr(network, "feature_info")):
        raise RecipeError(f"{backbone} gives no feature maps: timm knows no intermediate layers of it")
    return network
