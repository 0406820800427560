"""A torch network as an OpenVINO graph: from a picture to its blocks' features, each on its own grid. Imports torch
only when called.

What comes before the network is written here anew, in the order of a picture's bytes: exported from torch it moved
every pixel five times.
"""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from inspector.errors import RecipeError
from inspector.scoring.features import FeatureSpec


def exported(spec: FeatureSpec) -> ov.Model:
    """uint8[1, H, W, 3] (RGB) to one float32[1, C_i, h_i, w_i] a block, averaged over neighbours."""
    import torch  # seconds of import that a cached graph spares
    from openvino.frontend import FrontEndManager
    from openvino.frontend.pytorch.fx_decoder import TorchFXPythonDecoder

    from inspector.scoring.network import PatchNetwork, patch_network

    class Blocks(torch.nn.Module):
        """A normalised picture float32[1, 3, H, W] to the blocks."""

        def __init__(self, patches: PatchNetwork) -> None:
            super().__init__()
            self.patches = patches

        def forward(self, normal: torch.Tensor) -> tuple[torch.Tensor, ...]:
            return tuple(self.patches.pooled(self.patches.network(normal)))

    width, height = spec.input_size
    patches = patch_network(spec)
    example = torch.zeros(1, 3, height, width)
    try:
        with torch.no_grad(), _without_warnings():
            # By the front end itself: ov.convert_model reports each conversion to its makers over the internet.
            program = torch.export.export(Blocks(patches).eval(), (example,))
            decoder = TorchFXPythonDecoder.from_exported_program(program)  # held: what is loaded asks it
            frontend = FrontEndManager().load_by_framework("pytorch")
            model = frontend.convert(frontend.load(decoder))
    except Exception as error:  # of either library, without a common class
        reason = " ".join(str(error).split())[-200:]
        raise RecipeError(f"{spec.backbone} cannot be converted to OpenVINO, choose another: {reason}") from error
    model.reshape(list(example.shape))
    picture = ops.parameter([1, height, width, 3], np.uint8, "picture")
    mean, scale = (each.numpy().reshape(1, 1, 1, 3) for each in (patches.mean, patches.scale))
    model.get_parameters()[0].output(0).replace(_normal(picture, spec.shift, mean, scale).output(0))
    return ov.Model(model.get_results(), [picture], "features")


def _normal(picture: ov.Node, shift: int, mean: Any, scale: Any) -> ov.Node:
    """uint8[1, H, W, 3] to float32[1, 3, H, W], normalised; moved right and down by so many pixels, edge repeated."""
    if shift:
        before, after = np.array([0, shift, shift, 0]), np.array([0, -shift, -shift, 0])
        picture = ops.pad(picture, ops.constant(before), ops.constant(after), "edge")
    normal = ops.multiply(ops.subtract(ops.convert(picture, "f32"), ops.constant(mean)), ops.constant(scale))
    return ops.transpose(normal, ops.constant(np.array([0, 3, 1, 2])))


@contextlib.contextmanager
def _without_warnings() -> Iterator[None]:
    """The decoder warns, with a traceback, of operations that newer versions of torch no longer list."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
