"""torchvision's ResNets and MobileNetV3. Blocks 0 to 4 are the stages at strides 2, 4, 8, 16 and 32.

Of a ResNet they are the stem and layer1 to layer4.
"""

from collections.abc import Sequence
from typing import Any

import torch
import torchvision
from torch import Tensor, nn

from inspector.scoring.feature_maps import Backbone, State, check_blocks, fill

STRIDES = (2, 4, 8, 16, 32)


class Stages(nn.Module):
    """A chain of stages, as far as the last that is wanted: float32[N, 3, H, W] to the wanted stages' maps."""

    def __init__(self, stages: Sequence[nn.Module], wanted: tuple[int, ...]) -> None:
        super().__init__()
        self.stages = nn.ModuleList(stages[: max(wanted) + 1])
        self.wanted = wanted

    def forward(self, pictures: Tensor) -> list[Tensor]:
        maps = []
        for number, stage in enumerate(self.stages):
            pictures = stage(pictures)
            if number in self.wanted:
                maps.append(pictures)
        return maps


def torchvision_maps(name: str, blocks: tuple[int, ...], state: State) -> Backbone:
    """The named network's blocks. Raises RecipeError for blocks that do not exist, and weights that do not fit."""
    check_blocks(name, blocks, len(STRIDES))
    full = torchvision.models.get_model(name, weights=None)
    fill(full, state, name)
    network = Stages(_mobilenet(full) if name.startswith("mobilenet") else _resnet(full), blocks).eval()
    with torch.inference_mode():
        maps = network(torch.zeros(1, 3, STRIDES[-1], STRIDES[-1]))
    return Backbone(
        network=network,
        strides=tuple(STRIDES[block] for block in blocks),
        channels=tuple(block.shape[1] for block in maps),
    )


def _resnet(net: Any) -> list[nn.Module]:
    stem = nn.Sequential(net.conv1, net.bn1, net.relu)
    return [stem, nn.Sequential(net.maxpool, net.layer1), net.layer2, net.layer3, net.layer4]


def _mobilenet(net: Any) -> list[nn.Module]:
    """Cut before each layer that halves the map (table 1 of A. Howard et al., "Searching for MobileNetV3", 2019)."""
    ends = (2, 4, 7, 13, len(net.features))
    return [net.features[begin:end] for begin, end in zip((0, *ends), ends, strict=False)]
