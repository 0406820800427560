"""The scoring network on OpenVINO: the CPU's runtime. Imports torch only to build a graph that is not cached yet.

The cache is a folder beside the recipe, `graph-<key>/`, the key made of all that the graph depends on; its files carry
their own sha256, so that a damaged cache is rebuilt rather than believed. Where the recipe's folder cannot be written,
the cache goes to ~/.cache/inspector.
"""

import contextlib
import hashlib
import json
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray

from inspector.scoring.recipe import Recipe

if TYPE_CHECKING:
    import torch

GRAPH_VERSION = 1
"""Counted up when the network's definition changes, so that older caches are not taken for it."""


class OpenVinoGraph:
    """A recipe's scoring network, from its cache where there is one."""

    def __init__(self, recipe: Recipe, threads: int) -> None:
        core = ov.Core()
        compiled = compile_model(core, _cached(recipe, core), threads)
        self._request = compiled.create_infer_request()
        used = compiled.get_property("INFERENCE_NUM_THREADS")
        self.runtime = f"OpenVINO {ov.__version__.split('-')[0]} on the CPU, threads: {used}"

    def __call__(self, picture: NDArray[np.uint8]) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        outputs = self._request.infer([picture[None]], share_inputs=True)
        return outputs[0], outputs[1]


def compile_model(core: ov.Core, model: ov.Model, threads: int) -> ov.CompiledModel:
    """For latency, in 32-bit floats: the default may be bf16 on some processors, and scores must agree."""
    settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    return core.compile_model(model, "CPU", settings)


def convert(network: "torch.nn.Module", input_size: tuple[int, int]) -> ov.Model:
    """A torch network that takes one picture uint8[1, H, W, 3] of `input_size` (width, height) as an OpenVINO model."""
    import torch  # seconds of import that a cached graph spares

    width, height = input_size
    example = torch.zeros(1, height, width, 3, dtype=torch.uint8)
    with torch.no_grad():
        model = ov.convert_model(torch.export.export(network, (example,)))
    model.reshape(list(example.shape))
    return model


def _cached(recipe: Recipe, core: ov.Core) -> ov.Model:
    """The recipe's graph from the cache, or built and cached."""
    key = _key(recipe)
    places = [recipe.folder / f"graph-{key}", Path.home() / ".cache" / "inspector" / f"graph-{key}"]
    for place in places:
        if _intact(place):
            return core.read_model(place / "graph.xml")
    from inspector.scoring.build import scoring_network  # imports torch

    model = convert(scoring_network(recipe), recipe.input_size)
    for place in places:
        with contextlib.suppress(OSError):
            _write(place, lambda folder: ov.save_model(model, folder / "graph.xml", compress_to_fp16=False))
            break
    return model


def _key(recipe: Recipe) -> str:
    """Names a graph by what it depends on; the threshold and the ignore mask are not in it."""
    parts = {
        "graph": GRAPH_VERSION,
        "openvino": ov.__version__,
        "backbone": [recipe.backbone, recipe.weights, recipe.blocks, recipe.stride],
        "input": recipe.input_size,
        "bank": recipe.files["bank.faiss"],
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:12]


def _intact(place: Path) -> bool:
    try:
        expected = json.loads((place / "sha256.json").read_text())
        return bool(expected) and all(_sha256(place / name) == digest for name, digest in expected.items())
    except (OSError, ValueError, AttributeError):
        return False


def _write(place: Path, save: Callable[[Path], None]) -> None:
    """Fill a folder beside its final place and rename it there, so that a reader never sees half of it."""
    place.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place.parent, prefix=".graph-") as temporary:
        new = Path(temporary, "new")
        new.mkdir()
        save(new)
        digests = {file.name: _sha256(file) for file in sorted(new.iterdir())}
        (new / "sha256.json").write_text(json.dumps(digests))
        if place.exists():
            os.rename(place, Path(temporary, "damaged"))
        os.rename(new, place)


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
