"""The scoring network on torch: CUDA, and the CPU as the reference for other runtimes."""

import os

import faiss
import faiss.contrib.torch_utils  # lets an index take and give torch tensors, on the GPU without a copy
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.device_step import DeviceStep
from inspector.scoring.half import HalfNetwork, holds, single_is_single
from inspector.scoring.network import PatchNetwork, ScoringNetwork, patch_network
from inspector.scoring.recipe import Recipe
from inspector.scoring.search import fitting

LARGE_BANK = 16_384
"""Vectors above which FAISS searches: a matrix product would need a distance for every pair at once."""
SCRATCH_BYTES = 256 * 2**20
"""Of device memory, for FAISS to work in; its own choice is up to 1.5 GB, half of what a small card has."""
PROBES = 4
"""Good pictures of the recipe that half precision is tried on."""


class TorchGraph:
    """Backbone and search stay on the device; the picture goes up and the grid comes back."""

    def __init__(self, recipe: Recipe, device: str, threads: int) -> None:
        """Raises RecipeError where there is no such device, or it cannot run the recipe: out of memory, say."""
        if device == "cuda" and not torch.cuda.is_available():
            raise RecipeError(
                "torch finds no usable NVIDIA GPU, which scoring.device asks for: it is cuda, or auto where NVIDIA's "
                "driver is loaded; use device: cpu"
            )
        if threads and device == "cpu":
            torch.set_num_threads(min(threads, os.cpu_count() or 1))  # far more of them end the process
        patches = patch_network(recipe.features)
        bank = fitting(recipe.vectors(), patches.dimension, recipe.features.backbone)
        try:
            self._step, precision = _ready(recipe, patches, bank, torch.device(device))
        except RuntimeError as error:  # torch's own of a device, of its memory too, and FAISS's
            if device == "cpu":
                raise
            why = " ".join(str(error).split())[:200]
            raise RecipeError(f"the GPU cannot run the recipe {recipe.folder} ({why}); use device: cpu") from error
        name = torch.cuda.get_device_name() if device == "cuda" else f"the CPU, threads: {torch.get_num_threads()}"
        self.runtime = f"torch {torch.__version__} on {name}, {precision}"

    def __call__(self, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        return self._step(picture)


class FaissNetwork(torch.nn.Module):
    """As ScoringNetwork, searching with a FAISS index: on the GPU where this faiss was built for it, else on the CPU,
    where the features go down to it."""

    def __init__(self, patches: PatchNetwork, bank: NDArray[np.float32], device: torch.device) -> None:
        super().__init__()
        self.patches = patches
        self._index: faiss.Index = faiss.IndexFlatL2(bank.shape[1])
        self._index.add(bank)
        if device.type == "cuda" and hasattr(faiss, "StandardGpuResources") and faiss.get_num_gpus():
            self._resources = faiss.StandardGpuResources()  # must live as long as the index
            self._resources.setTempMemory(SCRATCH_BYTES)
            self._index = faiss.index_cpu_to_gpu(self._resources, device.index or 0, self._index)
        self._takes = device if hasattr(self._index, "getDevice") else torch.device("cpu")

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """uint8[1, H, W, 3] (BGR) to patch distances float32[h * w] and the nearest bank rows int32[h * w]."""
        return self.nearest(self.patches(picture)[0])

    def nearest(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Features float32[n, C] to distances float32[n] and bank rows int32[n]."""
        squared, row = self._index.search(features.to(self._takes).contiguous(), 1)
        distance, row = squared[:, 0].clamp_min(0).sqrt(), row[:, 0].int()
        distance = distance.masked_fill(row < 0, torch.nan)  # as inspector.scoring.bank.nearest
        return distance.to(features.device), row.to(features.device)


def on_device(search: ScoringNetwork | FaissNetwork, device: torch.device) -> ScoringNetwork | FaissNetwork:
    """The same network, on the device and as it is quickest there."""
    search.eval().to(device)
    if device.type == "cuda":
        single_is_single()
        search.patches.network.to(memory_format=torch.channels_last)  # what its convolutions are quickest in
    return search


def _ready(
    recipe: Recipe, patches: PatchNetwork, bank: NDArray[np.float32], device: torch.device
) -> tuple[DeviceStep, str]:
    """The recipe's network in the quickest form that keeps its scores, and in which precision that is."""
    fused = len(bank) <= LARGE_BANK
    single = on_device(ScoringNetwork(patches, bank) if fused else FaissNetwork(patches, bank, device), device)
    network: torch.nn.Module = single
    precision = "single precision"
    if device.type == "cuda":
        half = HalfNetwork(single)
        if holds(half, single, _probes(recipe), recipe.threshold.value, device):
            network, precision = half, "half precision"
    width, height = recipe.features.input_size
    # FAISS keeps streams of its own, which a capture would miss
    return DeviceStep(network, (height, width, 3), device, capture=device.type == "cuda" and fused), precision


def _probes(recipe: Recipe) -> list[Image]:
    """Good pictures as the network saw them, and a black one."""
    import cv2

    width, height = recipe.features.input_size
    found = [np.zeros((height, width, 3), np.uint8)]
    for name in sorted(name for name in recipe.files if name.startswith("good/"))[:PROBES]:
        picture = cv2.imdecode(np.frombuffer(recipe.read(name), np.uint8), cv2.IMREAD_COLOR)
        if picture is not None:
            found.append(picture.astype(np.uint8, copy=False))
    return found
