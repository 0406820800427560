"""The convolutional autoencoder and its variational twin.

    picture ─▶ down by 2 ─▶ … ─▶ down by 2 ─▶ code ─▶ up by 2 ─▶ … ─▶ up by 2 to pixels ─▶ reconstruction

Fully convolutional, so a picture of any size goes in: its right and bottom are padded to whole cells of the code, and
what comes out is cut to the picture's size again.
"""

from dataclasses import dataclass
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

GROUPS = 4
"""Group rather than batch normalisation: training and scoring then compute the same, whatever the batch."""
LOG_VARIANCE = (-12.0, 6.0)
"""Bounds of the log variance of a code, beyond which its exponential is of no use."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What the network is built from."""

    variational: bool = False
    channels: tuple[int, ...] = (16, 32, 64, 128)
    """Channels after each halving of width and height; multiples of GROUPS."""
    code: int = 8
    """Channels of the code, one vector for a cell of `cell` × `cell` pixels."""

    def __post_init__(self) -> None:
        whole = all(isinstance(n, int) and n >= 1 for n in (*self.channels, self.code))
        if not (self.channels and whole and all(n % GROUPS == 0 for n in self.channels)):
            raise ValueError(f"channels {self.channels} and code {self.code} make no autoencoder")

    @property
    def cell(self) -> int:
        """Side of the square of pixels that one vector of the code stands for."""
        return int(2 ** len(self.channels))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconstruction:
    """What came out for a batch."""

    pictures: Tensor
    """float32[n, 3, h, w] of the input's size, 0 to 1."""
    divergence: Tensor
    """float32[], summed over the batch: Kullback–Leibler divergence of the codes from N(0, 1); 0 if not variational."""


class AutoencoderNetwork(nn.Module):
    """Pictures to their reconstructions."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        rising, deepest = shape.channels[::-1], shape.channels[-1]
        self.down = nn.Sequential(*(_down(a, b) for a, b in pairwise((3, *shape.channels))))
        self.to_code = nn.Conv2d(deepest, shape.code * (2 if shape.variational else 1), 1)
        self.from_code = nn.Conv2d(shape.code, deepest, 1)
        self.up = nn.Sequential(*(_up(a, b) for a, b in pairwise(rising)))
        # the last doubling: each place gives its 2 × 2 pixels, which is cheaper than a layer as large as the picture
        self.to_pixels = nn.Sequential(nn.Conv2d(rising[-1], 3 * 4, 3, padding=1), nn.PixelShuffle(2))

    def forward(self, pictures: Tensor) -> Reconstruction:
        """float32[n, 3, h, w], 0 to 1. A variational code is drawn in training, and its mean otherwise."""
        height, width = pictures.shape[2:]
        cell = self.shape.cell
        padded = functional.pad(pictures, (0, -width % cell, 0, -height % cell), mode="replicate")
        code: Tensor = self.to_code(self.down(padded))
        divergence = code.new_zeros(())
        if self.shape.variational:
            mean, spread = code.chunk(2, dim=1)
            log_variance = spread.clamp(*LOG_VARIANCE)
            divergence = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum()
            code = mean + torch.randn_like(mean) * (0.5 * log_variance).exp() if self.training else mean
        decoded = torch.sigmoid(self.to_pixels(self.up(self.from_code(code))))
        return Reconstruction(pictures=decoded[:, :, :height, :width], divergence=divergence)


def _down(channels_in: int, channels_out: int) -> nn.Module:
    """Halves width and height."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 4, stride=2, padding=1),
        nn.GroupNorm(GROUPS, channels_out),
        nn.LeakyReLU(0.2),
    )


def _up(channels_in: int, channels_out: int) -> nn.Module:
    """Doubles width and height."""
    return nn.Sequential(
        nn.ConvTranspose2d(channels_in, channels_out, 4, stride=2, padding=1),
        nn.GroupNorm(GROUPS, channels_out),
        nn.LeakyReLU(0.2),
    )
