"""Check and time everything on a CUDA machine, in one go; prints JSON. None of it has been measured yet.

python -m tools.benchmarks.gpu                       # the configured recipe, and the issue's two goals

Scores against the CPU's; half precision or not; upload included, batch 1: p50, p99, pictures a second and device memory
of the recipe, and of ResNet-18 at 256² and Wide-ResNet-50 at 224² with a bank of 16,000, with random weights and banks
(labelled so); a fused search and FAISS's side by side; and the line to beat, the original configuration: Wide-ResNet-50
with its full bank of 53,504 in FAISS's flat index. `goals` says of each whether it is met; on the CPU none is measured.

python -m tools.benchmarks.gpu --device cpu --repeats 2 --bank 500   # tries this tool where there is no GPU
"""

import argparse
import json
import time
from collections.abc import Callable
from functools import partial
from itertools import cycle
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from inspector.config import ScoringConfig, load
from inspector.errors import RecipeError
from inspector.messages import Image, Part
from inspector.scoring.device_step import DeviceStep
from inspector.scoring.feature_maps import Backbone
from inspector.scoring.half import HalfNetwork
from inspector.scoring.network import PatchNetwork, ScoringNetwork
from inspector.scoring.runtime_torch import FaissNetwork, on_device
from inspector.scoring.scorer import open_scorer
from tools.command import parser, run
from tools.dataset import load_picture, test_samples
from tools.machine import versions

BANK: Final = 16_000
CASES: Final = (
    ("wide_resnet50_2", 224, None, "fused"),
    ("wide_resnet50_2", 224, None, "faiss"),
    ("resnet18", 256, None, "fused"),
    ("resnet18", 256, None, "faiss"),
    ("wide_resnet50_2", 256, 53_504, "faiss"),
)
"""Backbone, side of the input, bank if not BANK, search; the last is the line to beat."""
MOST_MB: Final = 3 * 1024
CHANNELS: Final = {"wide_resnet50_2": (512, 1024), "resnet18": (128, 256)}
"""Of layer2 and layer3."""


def main() -> None:
    options = _arguments()
    device = torch.device(options.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        raise RecipeError("torch finds no usable NVIDIA GPU; --device cpu tries this tool without one")
    found: dict[str, Any] = {"device": str(device), "versions": versions(), "rows": []}
    if device.type == "cuda":
        found["device"] = torch.cuda.get_device_name()
    found["recipe"] = _recipe(load(options.config).scoring, options.data, device, options.repeats)
    for backbone, side, size, search in CASES:
        bank = size if size and options.bank >= BANK else options.bank
        found["rows"].append(_timed(backbone, side, bank, search, device, options.repeats))
    found["goals"] = goals(found["recipe"], found["rows"], measured=device.type == "cuda" and options.bank >= BANK)
    print(json.dumps(found, indent=2))


def goals(recipe: dict[str, Any], rows: list[dict[str, Any]], measured: bool) -> list[dict[str, Any]]:
    """Each goal, its figure and whether it is met; None for both where this was no GPU. Of each backbone with a bank of
    BANK the quickest search and precision count."""

    def best(backbone: str) -> dict[str, float]:
        timed = [row[how] for row in rows for how in ("half", "single")
                 if row["backbone"] == backbone and row["bank"] <= BANK and how in row]  # fmt: skip
        return min(timed, key=lambda figures: float(figures["ms_p50"]))

    wide, small = best("wide_resnet50_2"), best("resnet18")
    memory = max((row.get("device_mb", 0.0) for row in (recipe, *rows)), default=0.0)
    told = (
        ("scores within 1e-3 of the threshold of the CPU's", recipe["largest_difference_of_thresholds"], "<=", 1e-3),
        ("Wide-ResNet-50, 224², bank 16,000: p50 in ms", wide["ms_p50"], "<=", 1.5),
        ("Wide-ResNet-50, 224², bank 16,000: p99 in ms", wide["ms_p99"], "<=", 2.5),
        ("ResNet-18, 256²: pictures a second", small["per_second"], ">=", 1500),
        ("device memory in MB, everything", memory, "<=", MOST_MB),
    )
    return [
        {
            "goal": f"{name} {sign} {limit}",
            "figure": figure if measured else None,
            "met": (figure <= limit if sign == "<=" else figure >= limit) if measured else None,
        }
        for name, figure, sign, limit in told
    ]


def _recipe(config: ScoringConfig, data: Path, device: torch.device, repeats: int) -> dict[str, Any]:
    """The recipe on the device against the same on the CPU's runtime."""
    reference = open_scorer(ScoringConfig(recipe=config.recipe, device="cpu", runtime="openvino"))
    ours = open_scorer(
        ScoringConfig(recipe=config.recipe, device="cuda" if device.type == "cuda" else "cpu", runtime="torch")
    )
    parts = [_part(load_picture(sample.picture)) for sample in test_samples(data)[:24]]
    turns = cycle(parts)
    apart = [abs(ours.score(part).score - reference.score(part).score) for part in parts]
    return {
        "runtime": ours.runtime,
        "largest_difference_of_thresholds": max(apart) / ours.threshold,
        "within": max(apart) <= 1e-3 * ours.threshold,
        **_spread(lambda: ours.score(next(turns)), repeats),
        **_memory(device),
    }


def _timed(backbone: str, side: int, size: int, search: str, device: torch.device, repeats: int) -> dict[str, Any]:
    """A backbone with random weights and a random bank: for its time alone."""
    import torchvision
    from torchvision.models.feature_extraction import create_feature_extractor

    if device.type == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    layers = create_feature_extractor(getattr(torchvision.models, backbone)(weights=None), ["layer2", "layer3"])
    maps = Backbone(network=_Listed(layers), strides=(8, 16), channels=CHANNELS[backbone])
    patches = PatchNetwork(maps, (side, side), 8)
    bank = np.random.default_rng(0).random((size, patches.dimension), np.float32)
    searching = ScoringNetwork(patches, bank) if search == "fused" else FaissNetwork(patches, bank, device)
    network = on_device(searching, device)  # as a recipe's
    row: dict[str, Any] = {"backbone": backbone, "side": side, "bank": size, "search": search, "weights": "random"}
    for half in (False, True) if device.type == "cuda" else (False,):
        tried = HalfNetwork(network) if half else network
        capture = device.type == "cuda" and search == "fused"
        step = DeviceStep(tried, (side, side, 3), device, capture=capture)
        image = np.random.default_rng(1).integers(0, 255, (side, side, 3), dtype=np.uint8)
        row["half" if half else "single"] = _spread(partial(step, image), repeats)
    return row | _memory(device)


def _memory(device: torch.device) -> dict[str, float]:
    """In MB: the most that torch held, and what is taken of the whole device just now, by FAISS, CUDA itself and other
    programs too."""
    if device.type != "cuda":
        return {}
    free, whole = torch.cuda.mem_get_info()
    return {"torch_mb": torch.cuda.max_memory_reserved() / 2**20, "device_mb": (whole - free) / 2**20}


class _Listed(torch.nn.Module):
    """A feature extractor's dict as a list."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, pictures: torch.Tensor) -> list[torch.Tensor]:
        return list(self.network(pictures).values())


def _spread(call: Callable[[], Any], repeats: int) -> dict[str, float]:
    for _ in range(5):
        call()
    times = []
    for _ in range(repeats):
        begun = time.perf_counter()
        call()
        times.append((time.perf_counter() - begun) * 1e3)
    p50, p99 = np.percentile(times, (50, 99))
    return {"ms_p50": float(p50), "ms_p99": float(p99), "per_second": 1e3 / float(np.mean(times))}


def _part(image: Image) -> Part:
    return Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=np.eye(2, 3, dtype=np.float32))


def _arguments() -> argparse.Namespace:
    add = parser("tools.benchmarks.gpu", __doc__)
    add.add_argument("-c", "--config", type=Path, default=Path("config.yaml"), metavar="FILE")
    add.add_argument("--data", type=Path, default=Path("recordings/flange"), metavar="DIR")
    add.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    add.add_argument("--repeats", type=int, default=500, metavar="N")
    add.add_argument("--bank", type=int, default=BANK, metavar="N", help="vectors; default: %(default)s")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
