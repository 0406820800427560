"""The graph that scores, in torch: what every runtime runs or is checked against.

After PatchCore (K. Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022): features of several
blocks, each averaged over its neighbours, brought to one grid and concatenated; then the distance of each to its
nearest bank vector.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from inspector.scoring.backbone import load_backbone
from inspector.scoring.feature_maps import Backbone
from inspector.scoring.features import POOL, SHORT, FeatureSpec
from inspector.scoring.search import centred
from inspector.scoring.weights import weights_again


class PatchNetwork(nn.Module):
    """uint8[N, H, W, 3] (BGR) to patch features float32[N, h * w, C] on the grid (h, w) of `stride`."""

    mean: Tensor
    scale: Tensor
    order: Tensor

    def __init__(
        self,
        backbone: Backbone,
        input_size: tuple[int, int],
        stride: int,
        pools: Sequence[int] | None = None,
        shift: int = 0,
        lengths: Sequence[float] | None = None,
    ) -> None:
        """pools, shift, lengths: as in FeatureSpec; POOL for all blocks, and as long as they are, if left out."""
        super().__init__()
        self.network = backbone.network
        self.shift = shift
        self.lengths = tuple(lengths) if lengths is not None else (0.0,) * len(backbone.channels)
        self.pools = tuple(pools) if pools is not None else (POOL,) * len(backbone.channels)
        self.dimension = sum(backbone.channels)
        self.grid = (input_size[1] // stride, input_size[0] // stride)
        # BGR to RGB; on the device: an index from Python's list would be copied there, which a CUDA graph may not hold
        self.register_buffer("order", torch.tensor([2, 1, 0]))
        self.register_buffer("mean", 255 * torch.tensor(backbone.mean).view(1, 3, 1, 1))
        self.register_buffer("scale", 1 / (255 * torch.tensor(backbone.std)).view(1, 3, 1, 1))

    def forward(self, picture: Tensor) -> Tensor:
        return self.patches(self.maps(picture))

    def maps(self, picture: Tensor) -> list[Tensor]:
        """Pictures as `forward` takes them to the backbone's feature maps float32[N, C_i, h_i, w_i]."""
        maps: list[Tensor] = self.network(self.normal(picture))
        return maps

    def normal(self, picture: Tensor) -> Tensor:
        """Pictures as `forward` takes them to the backbone's input float32[N, 3, H, W]."""
        rgb = _moved(picture, self.shift).permute(0, 3, 1, 2)[:, self.order].float()
        return (rgb - self.mean) * self.scale

    def patches(self, maps: Sequence[Tensor]) -> Tensor:
        """Feature maps float32[N, C_i, h_i, w_i] to patch features float32[N, h * w, sum of C_i]."""
        on_grid = []
        for pooled, length in zip(self.pooled(maps), self.lengths, strict=True):
            if pooled.shape[-2:] != self.grid:
                pooled = functional.interpolate(pooled, size=self.grid, mode="bilinear", align_corners=False)
            on_grid.append(length * functional.normalize(pooled, eps=SHORT) if length else pooled)
        return torch.cat(on_grid, dim=1).flatten(2).transpose(1, 2)

    def pooled(self, maps: Sequence[Tensor]) -> list[Tensor]:
        """Feature maps float32[N, C_i, h_i, w_i] averaged over each cell's neighbours, on their own grids."""
        return [
            functional.avg_pool2d(block, pool, stride=1, padding=pool // 2, count_include_pad=False)
            for block, pool in zip(maps, self.pools, strict=True)
        ]


class ScoringNetwork(nn.Module):
    """uint8[1, H, W, 3] (BGR) to patch distances float32[h * w] and the nearest bank rows int32[h * w]."""

    centre: Tensor
    doubled: Tensor
    norms: Tensor

    def __init__(self, patches: PatchNetwork, bank: NDArray[np.float32]) -> None:
        super().__init__()
        self.patches = patches
        centre, doubled, norms = centred(bank)
        self.register_buffer("centre", torch.from_numpy(centre))
        self.register_buffer("doubled", torch.from_numpy(doubled))
        self.register_buffer("norms", torch.from_numpy(norms))

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """The whole way, for one picture."""
        return self.nearest(self.patches(picture)[0])

    def nearest(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features float32[n, C] to distances float32[n] and bank rows int32[n]."""
        query = features - self.centre
        squared, row = torch.min(self.norms - query @ self.doubled, dim=1)
        distance = (squared + query.square().sum(1)).clamp_min(0).sqrt()
        return distance, row.int()


def _moved(picture: Tensor, pixels: int) -> Tensor:
    """uint8[N, H, W, 3] moved right and down by so many pixels, its edge repeated."""
    if not pixels:
        return picture
    lower = torch.cat([picture[:, :1]] * pixels + [picture[:, :-pixels]], dim=1)
    return torch.cat([lower[:, :, :1]] * pixels + [lower[:, :, :-pixels]], dim=2)


def patch_network(spec: FeatureSpec) -> PatchNetwork:
    """The network that gives these features, in evaluation mode.

    Raises RecipeError when the weights are missing or not the ones asked for.
    """
    backbone = load_backbone(spec.backbone, spec.blocks, spec.input_size, weights_again(spec))
    return PatchNetwork(backbone, spec.input_size, spec.stride, spec.pools, spec.shift, spec.lengths).eval()
