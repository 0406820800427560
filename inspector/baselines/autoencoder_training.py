"""From good pictures to an autoencoder: part of them is held out, to say when to stop and where the threshold lies."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray

from inspector.baselines.autoencoder import Autoencoder, Settings, anomaly_map, few_threads, to_batch
from inspector.baselines.autoencoder_network import AutoencoderNetwork, Shape
from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.calibrate import CONFIDENCE, rejected_at_most, upward
from inspector.scoring.prepare import input_size, prepare
from inspector.scoring.progress import Progress
from inspector.scoring.recipe import Threshold

FEWEST_PICTURES = 8
FEWEST_HELD_OUT = 2
HELD_OUT = 0.1
BATCH = 16
LAPLACE_SCALE = 0.02
"""Mean absolute difference, 0 to 1, that the variational twin takes for noise. Its loss is the evidence bound for
Laplace noise of that scale, times the scale: L1, and so much of the divergence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions:
    """How to train; the defaults take a couple of minutes on a desktop's CPU for 200 pictures."""

    shape: Shape = field(default_factory=Shape)
    side: int = 128
    """The network's input has the picture's shape and the area of a square of this side, in pixels."""
    epochs: int = 200
    """At most; 200 pictures stop falling after some 80."""
    patience: int = 8
    """Epochs without a lower held-out loss until it stops."""
    learning_rate: float = 2e-3
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """A new autoencoder, that of the epoch with the lowest held-out loss."""

    autoencoder: Autoencoder
    losses: tuple[float, ...]
    """Held-out loss after each epoch, 0 to 1."""


def train(pictures: Sequence[Image], options: TrainingOptions, progress: Progress) -> Trained:
    """Train on good pictures uint8[H, W, 3] BGR, each asked for once.

    Same pictures, options, machine and versions: same weights. Raises RecipeError when the pictures are too few, of
    different sizes or all the same, or when the loss is no longer a number.
    """
    if len(pictures) < FEWEST_PICTURES:
        raise RecipeError(
            f"too few good pictures to train an autoencoder: {len(pictures)}; at least {FEWEST_PICTURES} are needed"
        )
    stack, frame_size = _stacked(pictures, options.side, progress)
    order = np.random.default_rng(options.seed).permutation(len(stack))
    count = max(FEWEST_HELD_OUT, round(HELD_OUT * len(stack)))
    held_out, others = stack[order[:count]], stack[order[count:]]
    with few_threads(), torch.random.fork_rng(devices=[]):
        torch.manual_seed(options.seed)
        network, losses = _descend(to_batch(others), to_batch(held_out), options, progress)
    scores = [float(anomaly_map(network, picture).max()) for picture in held_out]
    settings = Settings(
        frame_size=frame_size,
        input_size=(stack.shape[2], stack.shape[1]),
        shape=options.shape,
        threshold=_threshold(scores),
        seed=options.seed,
        pictures=len(stack),
        held_out=count,
        epochs=1 + int(np.argmin(losses)),
        loss=min(losses),
    )
    return Trained(autoencoder=Autoencoder(network, settings), losses=tuple(losses))


def _stacked(pictures: Sequence[Image], side: int, progress: Progress) -> tuple[NDArray[np.uint8], tuple[int, int]]:
    """The pictures at the network's input size uint8[n, h, w, 3], and the (width, height) they had."""
    first = pictures[0]
    frame_size = (first.shape[1], first.shape[0])
    size = input_size(frame_size, side)
    stack = np.empty((len(pictures), size[1], size[0], 3), np.uint8)
    for n in range(len(pictures)):
        progress("pictures", n, len(pictures))
        picture = first if n == 0 else pictures[n]
        if picture.shape != first.shape:
            raise RecipeError(
                f"good pictures differ in size: {picture.shape[1]} × {picture.shape[0]} after "
                f"{frame_size[0]} × {frame_size[1]}; give pictures of one size"
            )
        stack[n] = prepare(picture, None, size)
    progress("pictures", len(pictures), len(pictures))
    if (stack == stack[0]).all():
        raise RecipeError(f"all {len(stack)} good pictures are the same, pixel by pixel; is the camera frozen?")
    return stack, frame_size


def _descend(
    others: torch.Tensor, held_out: torch.Tensor, options: TrainingOptions, progress: Progress
) -> tuple[AutoencoderNetwork, list[float]]:
    """The network with the weights of its best epoch, in evaluation, and the held-out loss after each."""
    network = AutoencoderNetwork(options.shape).to(memory_format=torch.channels_last)  # a third faster on a CPU
    optimizer = torch.optim.Adam(network.parameters(), options.learning_rate)
    losses: list[float] = []
    kept = 0
    best: dict[str, torch.Tensor] = {}
    for epoch in range(options.epochs):
        progress("epochs", epoch, options.epochs)
        network.train()
        for rows in torch.split(torch.randperm(len(others)), BATCH):
            optimizer.zero_grad()
            torch.autograd.backward(loss(network, others[rows]))
            optimizer.step()
        losses.append(_held_out_loss(network, held_out))
        if not math.isfinite(losses[epoch]):
            raise RecipeError(
                f"training diverged: the held-out loss is {losses[epoch]} after epoch {epoch + 1} "
                f"(learning rate {options.learning_rate:g})"
            )
        if epoch == 0 or losses[epoch] < losses[kept]:
            kept, best = epoch, {name: tensor.clone() for name, tensor in network.state_dict().items()}
        if epoch - kept == options.patience:
            break
    progress("epochs", len(losses), len(losses))
    network.load_state_dict(best)
    return network.to(memory_format=torch.contiguous_format).requires_grad_(False).eval(), losses


def loss(network: AutoencoderNetwork, batch: torch.Tensor) -> torch.Tensor:
    """What training lowers, for a batch float32[n, 3, h, w]: the mean L1 distance, and the weighed divergence."""
    made = network(batch)
    weighed: torch.Tensor = (batch - made.pictures).abs().mean() + LAPLACE_SCALE * made.divergence / batch.numel()
    return weighed


def _held_out_loss(network: AutoencoderNetwork, held_out: torch.Tensor) -> float:
    """L1 alone, which is what maps and scores are made of."""
    network.eval()
    with torch.inference_mode():
        apart = [(batch - network(batch).pictures).abs().mean(dim=(1, 2, 3)) for batch in torch.split(held_out, BATCH)]
    return float(torch.cat(apart).mean())


def _threshold(scores: Sequence[float]) -> Threshold:
    return Threshold(
        value=max(scores),
        rule="highest_good",
        basis=(
            f"highest of {len(scores)} good scores; none of them was trained on. "
            f"{len(scores)} good parts allow to claim, at {CONFIDENCE:.0%} confidence, at most "
            f"{upward(rejected_at_most(len(scores)))} false rejects; an estimate, since they said when to stop. It "
            f"claims nothing about misses."
        ),
    )
