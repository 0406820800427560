"""What every family of backbones gives: a network from a picture to feature maps, with weights that are certain."""

from dataclasses import dataclass

from torch import Tensor, nn

from inspector.errors import RecipeError

State = dict[str, Tensor]
"""Weights by name, as in a weights file."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backbone:
    """A network cut after its last needed block.

    `network` maps float32[N, 3, H, W] (RGB, normalised by `mean` and `std` of the 0 to 1 range) to one feature map
    float32[N, C, H / stride, W / stride] a block.
    """

    network: nn.Module
    strides: tuple[int, ...]
    channels: tuple[int, ...]
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD


def check_blocks(name: str, blocks: tuple[int, ...], depth: int) -> None:
    """Raise RecipeError for blocks that a backbone of `depth` blocks does not have, or that are not in rising order."""
    if not blocks or min(blocks) < 0 or max(blocks) >= depth or list(blocks) != sorted(set(blocks)):
        raise RecipeError(f"backbone {name} has blocks 0 to {depth - 1}, taken in that order; {blocks} was asked for")


def fill(network: nn.Module, state: State, name: str) -> None:
    """Load weights that must cover the network and no more. Raises RecipeError naming what does not fit."""
    try:
        network.load_state_dict(state, strict=True)
    except (RuntimeError, TypeError, AttributeError) as error:
        raise misfit(name, error) from error


def misfit(name: str, error: Exception) -> RecipeError:
    """What to raise for weights that are another network's."""
    return RecipeError(f"the weights file does not fit {name}: {' '.join(str(error).split())[:200]}")
