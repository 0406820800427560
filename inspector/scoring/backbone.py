"""Pretrained networks that turn a picture into feature maps, by name (inspector.scoring.weights lists them)."""

from pathlib import Path
from typing import Any

import safetensors.torch
import torch

from inspector.errors import RecipeError
from inspector.scoring.efficientnet_lite import lite_maps
from inspector.scoring.feature_maps import Backbone, State
from inspector.scoring.timm_maps import timm_maps
from inspector.scoring.torchvision_maps import torchvision_maps
from inspector.scoring.weights import TIMM, TORCHVISION, Weights, weights_of

ANY_SIZE = (224, 224)


def load_backbone(
    name: str, blocks: tuple[int, ...], input_size: tuple[int, int] = ANY_SIZE, weights: Weights | None = None
) -> Backbone:
    """The backbone of this name with pretrained weights, in evaluation mode, giving these blocks (0 is the first).

    input_size: width and height of its input; only networks that are made for one size, such as transformers, ask.
    weights: its usual ones if left out. Raises RecipeError for a name or block that does not exist, and for weights
    that cannot be had, cannot be read or are another network's.
    """
    state = read_weights((weights or weights_of(name)).path)
    if name.startswith(TIMM):
        backbone = timm_maps(name, blocks, state, input_size)
    elif name in TORCHVISION:
        backbone = torchvision_maps(name, blocks, state)
    else:
        backbone = lite_maps(name, blocks, state)
    backbone.network.eval().requires_grad_(False)
    return backbone


def read_weights(path: Path) -> State:
    """The tensors of a weights file, safetensors or torch's own format; nothing in it is executed.

    Raises RecipeError when it is neither, is damaged, or holds anything but tensors.
    """
    state: Any
    try:
        if path.suffix == ".safetensors":
            state = safetensors.torch.load_file(path)
        else:
            state = torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # a damaged file raises what it likes: pickle's, zipfile's, torch's own errors
        raise RecipeError(f"{path} is not a weights file (safetensors, or tensors saved by torch): "
                          f"{' '.join(str(error).split())[:120]}") from error  # fmt: skip
    if isinstance(state, dict) and isinstance(state.get("state_dict"), dict):
        state = state["state_dict"]  # how a checkpoint is often wrapped
    if not isinstance(state, dict) or not all(isinstance(value, torch.Tensor) for value in state.values()):
        raise RecipeError(f"{path} holds more than weights; save the network's state_dict() alone")
    found: State = state
    return found
