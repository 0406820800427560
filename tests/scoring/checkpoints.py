"""Weights files of the real networks, filled at random: what tests put into caches of their own."""

import urllib.request
from pathlib import Path

import pytest
import timm
import torch
import torchvision
import tqdm
from huggingface_hub import constants

State = dict[str, torch.Tensor]


def torchvision_state(name: str, seed: int = 0) -> State:
    with torch.device("meta"):  # what it would begin with, a second's work, is not wanted
        network = torchvision.models.get_model(name, weights=None)
    return _random(network, seed)


def timm_state(name: str, seed: int = 0) -> State:
    return _random(timm.create_model(name, pretrained=False), seed)


def own_cache(monkeypatch: pytest.MonkeyPatch, folder: Path) -> tuple[Path, Path]:
    """Empty caches of torch hub and of the Hugging Face hub for this process, and no way to the internet.

    Gives the folder of torch hub's files, and the Hugging Face hub's cache.
    """
    torch_home, hugging_face = folder / "torch", folder / "hf" / "hub"
    monkeypatch.setenv("TORCH_HOME", str(torch_home))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(hugging_face))  # read from HF_HOME when it was imported
    for scheme in ("http", "https"):
        monkeypatch.setenv(f"{scheme}_proxy", "http://127.0.0.1:9")  # nothing listens there: refused at once
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setattr(urllib.request, "_opener", None)  # else the first download leaves its proxy to all that follow
    monkeypatch.setattr(tqdm.tqdm, "monitor_interval", 0)  # the bar of a download would leave a thread behind
    return torch_home / "hub" / "checkpoints", hugging_face


def into_hugging_face(hub: Path, repository: str, file: str, content: bytes, revision: str = "0" * 40) -> Path:
    """Put a file where the Hugging Face hub's client keeps what it has downloaded."""
    place = hub / f"models--{repository.replace('/', '--')}"
    snapshot = place / "snapshots" / revision
    for folder in (snapshot, place / "refs"):
        folder.mkdir(parents=True, exist_ok=True)
    (place / "refs" / "main").write_text(revision)
    (snapshot / file).write_bytes(content)
    return snapshot / file


def _random(network: torch.nn.Module, seed: int) -> State:
    """Every tensor its own values, so that one left at its initial value shows."""
    generator = torch.Generator().manual_seed(seed)
    return {
        name: torch.zeros(tensor.shape, dtype=torch.long)
        if tensor.dtype == torch.long
        else torch.rand(tensor.shape, generator=generator) * 0.2 + 0.01
        for name, tensor in network.state_dict().items()
    }
