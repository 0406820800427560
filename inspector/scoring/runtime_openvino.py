"""The scoring network on OpenVINO: the CPU's runtime. Imports torch only to build features that are not cached yet.

The network is exported from torch, once per backbone and input size; the search is put behind it here, so that another
bank needs no export.
"""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import openvino as ov
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.scoring.export import exported
from inspector.scoring.features import FeatureSpec
from inspector.scoring.graph_cache import USER_CACHE, cached
from inspector.scoring.graph_search import nearest, patch_features
from inspector.scoring.recipe import Recipe
from inspector.scoring.search import fitting


class OpenVinoGraph:
    """A recipe's scoring network, from its cache where there is one."""

    def __init__(self, recipe: Recipe, threads: int) -> None:
        depends_on = {"features": recipe.features.identity(), "bank": recipe.files["bank.faiss"]}
        model = cached([recipe.folder, USER_CACHE], depends_on, lambda: _with_search(recipe))
        compiled = _compiled(model, threads)
        self._request = compiled.create_infer_request()
        used = compiled.get_property("INFERENCE_NUM_THREADS")
        self.runtime = f"OpenVINO {ov.__version__.split('-')[0]} on the CPU, threads: {used}"

    def __call__(self, picture: Image) -> tuple[NDArray[np.float32], NDArray[np.int32]]:
        outputs = self._request.infer([_rgb(picture)], share_inputs=True)
        return outputs[0], outputs[1]


class OpenVinoFeatures:
    """Patch features alone, for fitting."""

    def __init__(self, spec: FeatureSpec, threads: int) -> None:
        model, blocks = _blocks(spec)
        self.channels = tuple(int(block.shape[1]) for block in blocks)
        """Of each block, in the order of the features."""
        features = ov.Model([patch_features(blocks, spec)], model.get_parameters(), "features")
        self._request = _compiled(features, threads).create_infer_request()

    def __call__(self, picture: Image) -> NDArray[np.float32]:
        """uint8[H, W, 3] of the spec's input size to float32[h * w, C]."""
        return np.array(self._request.infer([_rgb(picture)], share_inputs=True)[0])


def _rgb(picture: Image) -> NDArray[np.uint8]:
    """uint8[H, W, 3] BGR to [1, H, W, 3] RGB: outside of the graph, which would go through it channel by channel."""
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB).astype(np.uint8, copy=False)[None]


def _compiled(model: ov.Model, threads: int) -> ov.CompiledModel:
    """For latency, in 32-bit floats: the default may be bf16 on some processors, and scores must agree."""
    settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    return ov.Core().compile_model(model, "CPU", settings)


def _blocks(spec: FeatureSpec) -> tuple[ov.Model, list[ov.Output]]:
    """The network of uint8[1, H, W, 3] (RGB), and its blocks' features float32[1, C_i, h_i, w_i]."""
    model = cached([USER_CACHE], {"network": replace(spec, length=0.0, halvings=0).identity()}, lambda: exported(spec))
    return model, [result.input_value(0) for result in model.get_results()]


def _with_search(recipe: Recipe) -> ov.Model:
    """uint8[1, H, W, 3] (RGB) to distances float32[h * w] and bank rows int32[h * w]."""
    model, blocks = _blocks(recipe.features)
    dimension = sum(block.shape[1] for block in blocks)
    bank = fitting(recipe.vectors(), dimension, recipe.features.backbone)
    return ov.Model(list(nearest(blocks, recipe.features, bank)), model.get_parameters(), "scoring")
