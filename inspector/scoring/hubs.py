"""Weights files from the caches of torch hub and of the Hugging Face hub, downloaded when they are not there.

The caches are looked at first and without the network. Before a download one short request asks whether the hub can be
reached at all: the hubs' own clients try again for half a minute before they say that it cannot.
"""

import difflib
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import huggingface_hub
import timm
import torch
from huggingface_hub import constants

from inspector.errors import RecipeError
from inspector.scoring.weights import TIMM

PATIENCE_S = 10.0
HUGGING_FACE_FILES = ("model.safetensors", "pytorch_model.bin")
"""What timm's weights are called on the hub, the safe form first."""


def torch_hub_file(backbone: str, url: str) -> Path:
    """The file behind a URL, from torch hub's cache; its name carries the start of its sha256, checked on download."""
    name = Path(urlsplit(url).path).name
    path = Path(torch.hub.get_dir(), "checkpoints", name)
    if not path.is_file():
        with _online(backbone, url, path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
            torch.hub.download_url_to_file(url, str(path), hash_prefix=path.stem.rpartition("-")[2])
    return path


def timm_config(backbone: str) -> Any:
    """What timm knows of the weights of `timm/<name>`. Raises RecipeError for a name that timm does not know."""
    name = backbone.removeprefix(TIMM)
    config = timm.get_pretrained_cfg(name) if timm.is_model(name) else None
    if config is None:
        near = difflib.get_close_matches(name, timm.list_models(), 1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise RecipeError(f"timm {timm.__version__} knows no model {name!r}{hint}")
    return config


def timm_file(backbone: str) -> Path:
    """The weights of `timm/<name>`. Raises RecipeError for a name that timm does not know, or has no weights for."""
    config = timm_config(backbone)
    if not config.hf_hub_id:
        raise RecipeError(f"the Hugging Face hub has no weights of {backbone}; give a file of them: {_GIVE}")
    repository, _, revision = config.hf_hub_id.partition("@")
    files = (config.hf_hub_filename,) if config.hf_hub_filename else HUGGING_FACE_FILES
    for file in files:
        cached = huggingface_hub.try_to_load_from_cache(repository, file, revision=revision or None)
        if isinstance(cached, str):
            return Path(cached)
    with _online(backbone, f"{constants.ENDPOINT}/{repository}", Path(constants.HF_HUB_CACHE)):
        file = next((file for file in files if huggingface_hub.file_exists(repository, file)), files[0])
        return Path(huggingface_hub.hf_hub_download(repository, file, revision=revision or None))


_GIVE = "--weights PATH"


@contextmanager
def _online(backbone: str, url: str, cache: Path) -> Iterator[None]:
    """Do a download, if the URL can be reached. Raises RecipeError that names both ways out when it fails."""
    try:
        if constants.HF_HUB_OFFLINE:
            raise OSError("HF_HUB_OFFLINE is set")
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=PATIENCE_S):
            pass
        yield
    except (OSError, RuntimeError, ValueError, HTTPException) as error:  # the clients' errors are among these
        reason = error.reason if isinstance(error, urllib.error.URLError) else error
        words = " ".join(str(reason).split())
        raise RecipeError(
            f"the weights of {backbone} are not in {cache}, and downloading them from {urlsplit(url).netloc} failed "
            f"({words[:120]}); connect this machine to the internet once, or give a file of them: {_GIVE}"
        ) from error
