"""The scoring network on OpenVINO: the CPU's runtime. Imports torch only to build features that are not cached yet.

The features are exported from the torch network, once per backbone and input size; the search is put behind them here,
node for node as in inspector.scoring.network, so that another bank needs no export.
"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import openvino as ov
from numpy.typing import NDArray
from openvino import opset13 as ops

from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.features import FeatureSpec
from inspector.scoring.graph_cache import USER_CACHE, cached
from inspector.scoring.recipe import Recipe
from inspector.scoring.search import centred, fitting


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
        outputs = self._request.infer([picture[None]], share_inputs=True)
        return outputs[0], outputs[1]


class OpenVinoFeatures:
    """Patch features alone, for fitting."""

    def __init__(self, spec: FeatureSpec, threads: int) -> None:
        self._request = _compiled(_feature_model(spec), threads).create_infer_request()

    def __call__(self, picture: Image) -> NDArray[np.float32]:
        """uint8[H, W, 3] of the spec's input size to float32[h * w, C]."""
        return np.array(self._request.infer([picture[None]], share_inputs=True)[0][0])


def _compiled(model: ov.Model, threads: int) -> ov.CompiledModel:
    """For latency, in 32-bit floats: the default may be bf16 on some processors, and scores must agree."""
    settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    return ov.Core().compile_model(model, "CPU", settings)


def _feature_model(spec: FeatureSpec) -> ov.Model:
    """uint8[1, H, W, 3] to float32[1, h * w, C]."""
    return cached([USER_CACHE], {"features": spec.identity()}, lambda: _exported(spec))


def _exported(spec: FeatureSpec) -> ov.Model:
    import torch  # seconds of import that a cached graph spares
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.fx_decoder import TorchFXPythonDecoder

    from inspector.scoring.network import patch_network

    width, height = spec.input_size
    example = torch.zeros(1, height, width, 3, dtype=torch.uint8)
    network = patch_network(spec)
    try:
        with torch.no_grad(), _without_warnings():
            # By the front end itself: ov.convert_model reports each conversion to its makers over the internet.
            decoder = TorchFXPythonDecoder.from_exported_program(torch.export.export(network, (example,)))
            frontend = FrontEndManager().load_by_framework("pytorch")
            model = frontend.convert(frontend.load(decoder))
    except Exception as error:  # of either library, without a common class
        reason = " ".join(str(error).split())[-200:]
        raise RecipeError(f"{spec.backbone} cannot be converted to OpenVINO, choose another: {reason}") from error
    model.reshape(list(example.shape))
    return model


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """The decoder warns, with a traceback, of operations that newer versions of torch no longer list."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)


def _with_search(recipe: Recipe) -> ov.Model:
    """uint8[1, H, W, 3] to distances float32[h * w] and bank rows int32[h * w]."""
    model = _feature_model(recipe.features)
    found = model.get_results()[0].input_value(0)
    centre, doubled, norms = centred(fitting(recipe.vectors(), found.get_shape()[-1], recipe.features.backbone))
    features = ops.squeeze(found, ops.constant(np.array([0])))
    query = ops.subtract(features, ops.constant(centre))
    relative = ops.subtract(ops.constant(norms), ops.matmul(query, ops.constant(doubled), False, False))
    best = ops.topk(relative, ops.constant(1), axis=1, mode="min", sort="none")
    own = ops.reduce_sum(ops.multiply(query, query), ops.constant(np.array([1])), keep_dims=False)
    squared = ops.add(ops.squeeze(best.output(0), ops.constant(np.array([1]))), own)
    distance = ops.sqrt(ops.relu(squared))
    row = ops.squeeze(best.output(1), ops.constant(np.array([1])))
    return ov.Model([distance, row], model.get_parameters(), "scoring")
