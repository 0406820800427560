"""The scoring network on torch: CUDA, and the CPU as the reference for other runtimes."""

import faiss
import faiss.contrib.torch_utils  # lets an index take and give torch tensors, on the GPU without a copy
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.network import PatchNetwork, ScoringNetwork, patch_network
from inspector.scoring.recipe import Recipe
from inspector.scoring.search import fitting

LARGE_BANK = 16_384
"""Vectors above which FAISS searches: a matrix product would need a distance for every pair at once."""


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
        search = FaissNetwork(patches, bank, self._device) if len(bank) > LARGE_BANK else ScoringNetwork(patches, bank)
        self._network = search.eval().to(self._device)
        where = torch.cuda.get_device_name() if device == "cuda" else f"the CPU, threads: {torch.get_num_threads()}"
        self.runtime = f"torch {torch.__version__} on {where}"

    @torch.inference_mode()
    def __call__(self, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        distances, rows = self._network(torch.tensor(picture, device=self._device).unsqueeze(0))
        return distances.cpu().numpy(), rows.cpu().numpy()


class FaissNetwork(torch.nn.Module):
    """As ScoringNetwork, searching with a FAISS index: on the GPU where this faiss was built for it."""

    def __init__(self, patches: PatchNetwork, bank: NDArray[np.float32], device: torch.device) -> None:
        super().__init__()
        self.patches = patches
        self._index: faiss.Index = faiss.IndexFlatL2(bank.shape[1])
        self._index.add(bank)
        if device.type == "cuda" and hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus():
            self._resources = faiss.StandardGpuResources()  # must live as long as the index
            self._index = faiss.index_cpu_to_gpu(self._resources, device.index or 0, self._index)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """uint8[1, H, W, 3] (BGR) to patch distances float32[h * w] and the nearest bank rows int32[h * w]."""
        features = self.patches(picture)[0].contiguous()
        squared, row = self._index.search(features, 1)
        return squared[:, 0].clamp_min(0).sqrt(), row[:, 0].int()
