"""The scoring network on torch: CUDA, and the CPU as the reference for other runtimes."""

import numpy as np
import torch
from numpy.typing import NDArray

from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.network import ScoringNetwork, patch_network
from inspector.scoring.recipe import Recipe
from inspector.scoring.search import fitting


class TorchGraph:
    """Backbone and search stay on the device; the picture goes up and the grid comes back."""

    def __init__(self, recipe: Recipe, device: str, threads: int) -> None:
        if device == "cuda" and not torch.cuda.is_available():
            raise RecipeError("scoring.device is cuda, but torch finds no usable NVIDIA GPU; use device: cpu")
        if threads and device == "cpu":
            torch.set_num_threads(threads)
        self._device = torch.device(device)
        patches = patch_network(recipe.features)
        bank = fitting(recipe.vectors(), patches.dimension, recipe.features.backbone)
        self._network = ScoringNetwork(patches, bank).eval().to(self._device)
        where = torch.cuda.get_device_name() if device == "cuda" else f"the CPU, threads: {torch.get_num_threads()}"
        self.runtime = f"torch {torch.__version__} on {where}"

    @torch.inference_mode()
    def __call__(self, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        distances, rows = self._network(torch.tensor(picture, device=self._device).unsqueeze(0))
        return distances.cpu().numpy(), rows.cpu().numpy()
