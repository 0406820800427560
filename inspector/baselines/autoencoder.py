"""The first method: an autoencoder that has seen good pictures only, and so cannot rebuild a defect.

A picture's map is how far it is from its reconstruction, pixel by pixel, averaged over the channels, in grey levels of
0 to 255, and smoothed, since single pixels at edges are never rebuilt. The score is the highest value of the map; its
mean over the picture, the other usual choice, lets a small defect drown. Score and map so have one scale and threshold.

It is a file of weights in safetensors form, everything else in its header as JSON; loading it executes nothing.
"""

import hashlib
import json
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch.nn import functional

from inspector.baselines.autoencoder_network import AutoencoderNetwork, Shape
from inspector.errors import RecipeError
from inspector.messages import Image, Part, ScoreMap
from inspector.scoring.prepare import grid_to_source, prepare
from inspector.scoring.recipe import ID_LENGTH, Threshold

VERSION = 1
HEADER = "inspector.autoencoder"
"""Key of the settings among the file's metadata."""
THREADS = 1
"""The network is too small for more: with other work on the machine, waiting for each other took twice the time. And
the same seed gives the same weights, however many cores there are."""
SMOOTHING = 4 / 256
"""Standard deviation of the Gaussian, as a share of the map's width: the usual 4 pixels at 256."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All but the weights. Sizes are (width, height) in pixels."""

    frame_size: tuple[int, int]
    """Size that a picture must have."""
    input_size: tuple[int, int]
    """Size that it is brought to."""
    shape: Shape
    threshold: Threshold
    seed: int
    pictures: int
    """Good pictures it was made from."""
    held_out: int
    """Those of them that were not trained on, and said when to stop."""
    epochs: int
    """Passes over the others until the weights that were kept."""
    loss: float
    """Mean difference of the held-out pictures from their reconstructions, 0 to 1."""


class Autoencoder:
    """Scores parts by how badly they are reconstructed. Deterministic: of a variational code it takes the mean."""

    def __init__(self, network: AutoencoderNetwork, settings: Settings) -> None:
        self.settings = settings
        self.network = network.eval()
        self.runtime = f"torch {torch.__version__} on the CPU, threads: {THREADS}"
        self.recipe_id = _identity(settings, network.state_dict())

    @property
    def threshold(self) -> float:
        """In grey levels."""
        return self.settings.threshold.value

    def score(self, part: Part) -> ScoreMap:
        """The part's score map: a patch is a pixel of the input, `nearest` is -1 as there is no bank.

        Raises ValueError for a picture of another size than the autoencoder was trained on.
        """
        size = (part.image.shape[1], part.image.shape[0])
        if size != self.settings.frame_size:
            width, height = self.settings.frame_size
            raise ValueError(f"picture of {size[0]} × {size[1]}, the autoencoder was trained on {width} × {height}")
        found = anomaly_map(self.network, prepare(part.image, None, self.settings.input_size))
        return ScoreMap(
            seq=part.seq,
            patch_scores=found,
            score=float(found.max()),
            nearest=np.full(found.shape, -1, np.int32),
            to_source=grid_to_source(part.to_source, (0, 0, *size), self.settings.input_size),
        )

    def save(self, path: Path) -> None:
        """Write it to a file, replacing one that is there, all or nothing."""
        content = save(self.network.state_dict(), {HEADER: _header(self.settings, self.recipe_id)})
        path.parent.mkdir(parents=True, exist_ok=True)
        new = path.with_name(f".{path.name}.new")
        new.write_bytes(content)
        os.replace(new, path)


def load_autoencoder(path: Path) -> Autoencoder:
    """The autoencoder in a file. Raises RecipeError when it is missing, damaged, changed, or something else's."""
    if not path.is_file():
        raise RecipeError(f"no autoencoder at {path}; train one with: python -m tools.train_pixel --out {path}")
    try:
        with safe_open(path, framework="pt") as file:
            header = (file.metadata() or {}).get(HEADER)
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (OSError, SafetensorError) as error:
        raise RecipeError(f"{path} is damaged or not a safetensors file: {error}") from error
    if header is None:
        raise RecipeError(f"{path} holds weights, but not those of an autoencoder trained here")
    try:
        content = json.loads(header)
        if content.pop("v") != VERSION:
            raise RecipeError(f"{path} is not an autoencoder of version {VERSION}")
        identity = content.pop("id")
        settings = _parse(content)
        with torch.device("meta"):  # no memory for weights that the file then replaces
            network = AutoencoderNetwork(settings.shape)
        network.load_state_dict(weights, strict=True, assign=True)
    except (AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise RecipeError(f"{path} is not an autoencoder: {' '.join(str(error).split())}") from error
    loaded = Autoencoder(network.requires_grad_(False), settings)
    if loaded.recipe_id != identity:
        raise RecipeError(f"{path} was changed or damaged: its content gives id {loaded.recipe_id}, it says {identity}")
    return loaded


def anomaly_map(network: AutoencoderNetwork, picture: Image) -> NDArray[np.float32]:
    """float32[h, w], 0 to 255, of a picture uint8[h, w, 3]: its smoothed distance from its reconstruction.

    The network is one in evaluation.
    """
    batch = to_batch(picture[None])
    with few_threads(), torch.inference_mode():
        apart = (batch - network(batch).pictures).abs().mean(dim=1, keepdim=True)
        found: NDArray[np.float32] = (_smoothed(apart, SMOOTHING * apart.shape[3])[0, 0] * 255).numpy()
    return found


def to_batch(pictures: NDArray[np.uint8]) -> torch.Tensor:
    """Pictures uint8[n, h, w, 3] BGR as the network takes them: float32[n, 3, h, w], 0 to 1."""
    return torch.from_numpy(pictures.transpose(0, 3, 1, 2).copy()).float() / 255


@contextmanager
def few_threads() -> Iterator[None]:
    """Let torch work with THREADS threads meanwhile."""
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _smoothed(maps: torch.Tensor, deviation: float) -> torch.Tensor:
    """Maps float32[n, 1, h, w] after a Gaussian of this standard deviation in pixels; the border continues outwards."""
    reach = math.ceil(4 * deviation)
    weights = torch.exp(-0.5 * (torch.arange(-reach, reach + 1) / deviation).square())
    weights = (weights / weights.sum()).reshape(1, 1, 1, -1)
    padded = functional.pad(maps, (reach, reach, reach, reach), mode="replicate")
    return functional.conv2d(functional.conv2d(padded, weights), weights.transpose(2, 3))


def _identity(settings: Settings, weights: dict[str, torch.Tensor]) -> str:
    digest = hashlib.sha256(json.dumps(asdict(settings), sort_keys=True).encode())
    for name, tensor in sorted(weights.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()[:ID_LENGTH]


def _header(settings: Settings, identity: str) -> str:
    return json.dumps({"v": VERSION, "id": identity, **asdict(settings)})


def _parse(content: dict[str, Any]) -> Settings:
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in content.items()
    }
    plain["shape"] = Shape(**{**plain["shape"], "channels": tuple(plain["shape"]["channels"])})
    plain["threshold"] = Threshold(**plain["threshold"])
    return Settings(**plain)
