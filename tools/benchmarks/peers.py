"""anomalib's PatchCore, timed: run by the Python of an environment of its own, which need not have this project.

python peers.py --repeats 30        # prints JSON

Random weights and banks of the right size filled at random: what it takes does not depend on the numbers, and what it
finds is not asked. The model alone, normalised picture in, score and map out.
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from typing import Any

import torch

CASES = (
    ("resnet18", 256, 0.1, 384),
    ("resnet18", 256, 0.01, 384),
    ("wide_resnet50_2", 224, 0.1, 1536),
    ("wide_resnet50_2", 224, 0.01, 1536),
)
"""Backbone, side of the input, share of the patches kept, dimensions of a patch."""
PICTURES = 209
"""Good pictures that the bank's size is worked out for: MVTec AD bottle."""


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--repeats", type=int, default=30)
    arguments.add_argument("--threads", type=int, default=0)
    options = arguments.parse_args()
    if options.threads:
        torch.set_num_threads(options.threads)
    rows = []
    for backbone, side, share, dimension in CASES:
        bank = int((side // 8) ** 2 * PICTURES * share)
        model = _patchcore(backbone, bank, dimension)
        picture = torch.rand(1, 3, side, side)
        row: dict[str, Any] = {
            "backbone": backbone,
            "side": side,
            "share": share,
            "bank": bank,
            "anomalib": version("anomalib"),
        }
        times = _times(partial(model, picture), options.repeats)
        rows.append({**row, "runtime": "torch", "ms": times})
        try:
            compiled = _openvino(model, picture, options.threads)
            times = _times(partial(compiled, picture.numpy()), options.repeats)
            rows.append({**row, "runtime": "OpenVINO", "ms": times})
        except Exception as error:  # an export that fails is a fact about it too
            rows.append({**row, "runtime": "OpenVINO", "failed": " ".join(str(error).split())[:200]})
    print(json.dumps(rows))


def _patchcore(backbone: str, bank: int, dimension: int) -> Any:
    from anomalib.models.image.patchcore.torch_model import PatchcoreModel  # type: ignore[import-not-found]

    model = PatchcoreModel(layers=["layer2", "layer3"], backbone=backbone, pre_trained=False)
    model.memory_bank = torch.rand(bank, dimension)
    return model.eval()


def _openvino(model: Any, picture: torch.Tensor, threads: int) -> Any:
    import openvino as ov

    settings: dict[str, Any] = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    if threads:
        settings["INFERENCE_NUM_THREADS"] = threads
    return ov.Core().compile_model(ov.convert_model(_Told(model), example_input=picture), "CPU", settings)


class _Told(torch.nn.Module):
    """Score and map as a plain tuple, which is what can be traced."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, picture: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        found = self.model(picture)
        return found.pred_score, found.anomaly_map


@torch.no_grad()
def _times(call: Callable[[], Any], repeats: int) -> list[float]:
    for _ in range(3):
        call()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append((time.perf_counter() - begun) * 1e3)
    return times


if __name__ == "__main__":
    main()
