"""The graph that scores: a picture in, patch features or patch distances out. One definition for every runtime.

After PatchCore (K. Roth et al., "Towards Total Recall in Industrial Anomaly Detection", CVPR 2022): features of several
blocks, each averaged over 3 × 3 neighbours, brought to one grid and concatenated. The nearest bank vector comes from a
matrix product, |q - b|² = |q|² + |b|² - 2 q·b; both sides are first moved to the bank's mean, which changes no distance
and keeps the subtraction from losing digits.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from inspector.scoring.backbone import Backbone

POOL = 3
"""Side of the neighbourhood each feature is averaged over, in cells of its own block."""


class PatchNetwork(nn.Module):
    """uint8[N, H, W, 3] (BGR) to patch features float32[N, h * w, C] on the grid (h, w) of `stride`."""

    mean: Tensor
    scale: Tensor

    def __init__(self, backbone: Backbone, input_size: tuple[int, int], stride: int) -> None:
        super().__init__()
        self.network = backbone.network
        self.grid = (input_size[1] // stride, input_size[0] // stride)
        self.register_buffer("mean", 255 * torch.tensor(backbone.mean).view(1, 3, 1, 1))
        self.register_buffer("scale", 1 / (255 * torch.tensor(backbone.std)).view(1, 3, 1, 1))

    def forward(self, picture: Tensor) -> Tensor:
        rgb = picture.permute(0, 3, 1, 2)[:, [2, 1, 0]].float()
        return self.patches(self.network((rgb - self.mean) * self.scale))

    def patches(self, maps: Sequence[Tensor]) -> Tensor:
        """Feature maps float32[N, C_i, h_i, w_i] to patch features float32[N, h * w, sum of C_i]."""
        on_grid = []
        for block in maps:
            pooled = functional.avg_pool2d(block, POOL, stride=1, padding=POOL // 2, count_include_pad=False)
            if pooled.shape[-2:] != self.grid:
                pooled = functional.interpolate(pooled, size=self.grid, mode="bilinear", align_corners=False)
            on_grid.append(pooled)
        return torch.cat(on_grid, dim=1).flatten(2).transpose(1, 2)


class ScoringNetwork(nn.Module):
    """uint8[1, H, W, 3] (BGR) to patch distances float32[h * w] and the nearest bank rows int32[h * w]."""

    centre: Tensor
    doubled: Tensor
    norms: Tensor

    def __init__(self, patches: PatchNetwork, bank: NDArray[np.float32]) -> None:
        super().__init__()
        self.patches = patches
        vectors = torch.from_numpy(np.array(bank, np.float32))
        centre = vectors.mean(0)
        centred = vectors - centre
        self.register_buffer("centre", centre)
        self.register_buffer("doubled", 2 * centred.T.contiguous())
        self.register_buffer("norms", centred.square().sum(1))

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """The whole way, for one picture."""
        return self.nearest(self.patches(picture)[0])

    def nearest(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features float32[n, C] to distances float32[n] and bank rows int32[n]."""
        query = features - self.centre
        squared, row = torch.min(self.norms - query @ self.doubled, dim=1)
        distance = (squared + query.square().sum(1)).clamp_min(0).sqrt()
        return distance, row.int()
