"""Where a picture lies against the mean good one, to a fraction of a pixel: has the camera moved? Pure.

Least squares on the picture's gradients (B. D. Lucas and T. Kanade, "An iterative image registration technique", 1981),
one step of it, which reaches as far as a camera that was knocked: a few pixels of a picture made small. What stands
still tells it best, be it only the brushing of a rail; where nothing does, the part itself, as well as it is placed.
So every place counts by how little good pictures differ there, and every row (for left and right; every column for up
and down) by how little it wandered over the good pictures. In a row the light's strength and its slope are free: a lamp
that fades on one side, or a lens whose corners are dark, moves nothing.

Farther than that one step says nothing any more; but then the edges are not where they were. How much of them is, each
counting by how little good pictures differ there, is the third reading.

All of it comes to one weight a pixel and reading, learnt once; a reading is a sum.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.scoring.small import grey

WIDTH: Final = 256
"""Of the picture that is read, at most. On half of it the brushing of the bundled recording's rails is lost."""
NOISE: Final = 0.5
"""Levels that a place differs by from one good picture to the next, at least."""
WANDERS: Final = 0.03
"""Pixels of the picture read that a row's own reading wanders, at least."""
AROUND: Final = 3.0
"""Where good pictures differ, the places around differ too, in the next one: pixels (σ)."""
TOLD: Final = (0.25, 2.0)
"""Of a move by one pixel of the picture read, what half of the good pictures must teach to read in the other half."""

Grey = NDArray[np.float32]
"""float32[h, w]: what the place is read from."""
Weights = NDArray[np.float32]
"""float32[3, h, w]: what each pixel says of the move to the right, and down, and of how much is where it was."""


def seen(halves: Image, size: tuple[int, int] | None) -> Grey:
    """A picture halved to WIDTH, made ready to be read; of that size (width, height) if one is given."""
    shades = grey(halves.astype(np.float32))
    if size is not None and shades.shape[::-1] != size:
        shades = np.asarray(cv2.resize(shades, size, interpolation=cv2.INTER_AREA), np.float32)
    return np.asarray(cv2.GaussianBlur(shades, (5, 5), 1.0), np.float32)


def place(shades: Grey, weights: Weights) -> tuple[float, float, float]:
    """By how many pixels of the picture read it lies to the right, and lower, than the mean good one; and the share of
    the mean's edges that it has where they were: 1 when all, 0 when none."""
    light = max(cv2.mean(shades)[0], 0.5)
    right, down, still = (float(np.vdot(each, shades)) / light for each in weights)
    return right, down, still


def learn_place(good: NDArray[np.float32]) -> tuple[Weights, tuple[str, str]]:
    """From float32[n, h, w], one good picture or more, made ready: the weights; and why right, and down, cannot be
    told, or ""."""
    half, others = _learnt(good[::2]), good[len(good) > 1 :: 2].mean(axis=0)
    moves = [place(np.roll(others, 1, axis=1 - axis), half)[axis] - place(others, half)[axis] for axis in (0, 1)]
    right, down = ("" if TOLD[0] <= move <= TOLD[1] else "good pictures do not show it" for move in moves)
    return _learnt(good), (right, down)


def _learnt(good: NDArray[np.float32]) -> Weights:
    lights = good.mean(axis=(1, 2), keepdims=True)
    good = good / np.maximum(lights, 0.5) * lights.mean()
    mean = good.mean(axis=0)
    apart = good - mean
    trust = 1 / (cv2.GaussianBlur(good.var(axis=0), (0, 0), AROUND) + NOISE**2)
    slopes = np.stack(gradients(mean))
    one = _lines(slopes[0], mean, trust, apart)
    other = _lines(slopes[1].T, mean.T, trust.T, apart.transpose(0, 2, 1)).T
    pair = np.stack([one, other])
    response = np.einsum("khw,jhw->kj", pair, slopes)
    # They are 1 on the diagonal, or 0 where there is nothing to read from.
    free = -np.linalg.inv(response) if abs(np.linalg.det(response)) > 0.1 else np.zeros((2, 2))
    weights = np.stack([*np.einsum("kj,jhw->khw", free, pair), _still(slopes, mean, trust)]) * lights.mean()
    return np.asarray(weights, np.float32)


def from_edges(mean: Grey, still: Grey) -> Weights:
    """As recipes from before had it: all edges that stand still (1 in `still`, else 0) count alike; along them nothing
    can be said, and how much of them is where it was is not."""
    grads = np.stack(gradients(mean))
    strengths, directions = np.linalg.eigh(np.einsum("khw,jhw,hw->kj", grads, grads, still))
    clear = (strengths > 0.1 * strengths[-1]) & (strengths > 0)
    inverse = (directions[:, clear] / strengths[clear]) @ directions[:, clear].T
    weights = -np.einsum("kj,jhw->khw", inverse, grads * still) * mean.mean()
    return np.stack([*weights, np.zeros_like(mean)]).astype(np.float32)


def gradients(picture: Grey) -> tuple[Grey, Grey]:
    """To the right and down, in levels a pixel."""
    across = cv2.Sobel(picture, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(picture, cv2.CV_32F, 0, 1, scale=1 / 8)
    return np.asarray(across, np.float32), np.asarray(down, np.float32)


def _lines(slope: Grey, mean: Grey, trust: Grey, apart: NDArray[np.float32]) -> Grey:
    """float32[h, w]: the weights by which rows tell a move along them, a unit of it as 1."""
    ramp = np.linspace(-1, 1, mean.shape[1], dtype=np.float32)
    light = np.stack([mean, mean * ramp], axis=1)  # [h, 2, w]: what free strength and slope can explain
    weighed = light * trust[:, None]
    explained = np.linalg.pinv(weighed @ light.transpose(0, 2, 1)) @ (weighed @ slope[:, :, None])
    rows = trust * (slope - (light * explained).sum(axis=1))
    response = (rows * slope).sum(axis=1)
    telling = response > 1e-3 * max(float(response.max()), 1e-9)
    rows = np.where(telling[:, None], rows / np.where(telling, response, 1)[:, None], 0)
    wander = np.einsum("nhw,hw->nh", apart, rows).var(axis=0) + WANDERS**2
    share = telling / wander
    return np.asarray(rows * (share / max(float(share.sum()), 1e-9))[:, None], np.float32)


def _still(slopes: NDArray[np.float32], mean: Grey, trust: Grey) -> Grey:
    """float32[h, w]: the weights by which a picture's gradients are compared with the mean's, the mean itself as 1."""
    trusted = slopes * trust
    trusted[:, [0, -1]] = trusted[:, :, [0, -1]] = 0  # there a slope is guessed
    across = cv2.Sobel(trusted[0], cv2.CV_32F, 1, 0, scale=1 / 8, borderType=cv2.BORDER_CONSTANT)
    down = cv2.Sobel(trusted[1], cv2.CV_32F, 0, 1, scale=1 / 8, borderType=cv2.BORDER_CONSTANT)
    weights = -np.asarray(across + down, np.float32)  # the sum of slope times slope, by parts
    whole = float((weights * mean).sum())
    return weights / whole if whole > 0 else np.zeros_like(mean)
