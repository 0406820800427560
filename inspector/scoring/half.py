"""The backbone in half precision, where a check finds that its scores are the same.

Some cards give NaN in it (the GTX 16 series is known for that), and not every network keeps its digits; so it is tried
on the recipe's own good pictures when it is loaded, and left where a patch score differs by more than the tolerance
that runtimes are held to: 1e-3 of itself or of the threshold.
"""

import copy
from collections.abc import Sequence
from typing import Any, Final, Protocol

import torch
from torch import Tensor, nn

from inspector.messages import Image
from inspector.scoring.network import PatchNetwork

TOLERANCE: Final = 1e-3


def single_is_single() -> None:
    """Convolutions of single precision are computed in it, for the whole process.

    torch lets cuDNN round their operands to ten bits (TF32) on cards since Ampere; scores must agree with the CPU's.
    """
    torch.backends.cudnn.allow_tf32 = False
    torch.backends.cuda.matmul.allow_tf32 = False


class Searching(Protocol):
    """A scoring network in its two parts."""

    patches: PatchNetwork

    def nearest(self, features: Tensor) -> tuple[Tensor, Tensor]: ...


class HalfNetwork(nn.Module):
    """A scoring network whose backbone computes in half precision; features, distances and search stay in single."""

    def __init__(self, network: Searching) -> None:
        """The network stays as it is; its backbone is copied."""
        super().__init__()
        self.single: Any = network
        self.backbone = copy.deepcopy(network.patches.network)
        for module in self.backbone.modules():
            if isinstance(module, (nn.Conv2d, nn.Linear)):  # autocast would round their weights anew for each picture
                module.half()

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """uint8[1, H, W, 3] (BGR) to patch distances float32[h * w] and the nearest bank rows int32[h * w]."""
        patches: PatchNetwork = self.single.patches
        with torch.autocast(picture.device.type, torch.float16, cache_enabled=False):
            maps = self.backbone(patches.normal(picture))
        found: tuple[Tensor, Tensor] = self.single.nearest(patches.patches([m.float() for m in maps])[0])
        return found


@torch.inference_mode()
def holds(half: nn.Module, single: nn.Module, probes: Sequence[Image], threshold: float, device: torch.device) -> bool:
    """Whether both give the same patch scores for these pictures uint8[H, W, 3], to within the tolerance."""
    for probe in probes:
        picture = torch.tensor(probe, device=device).unsqueeze(0)
        ours, theirs = half(picture)[0], single(picture)[0]
        allowed = TOLERANCE * torch.clamp(theirs, min=threshold)
        if not bool((((ours - theirs).abs() <= allowed) & torch.isfinite(theirs)).all()):
            return False
    return True
