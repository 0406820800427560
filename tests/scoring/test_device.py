"""The device's path, on the CPU: the same code that runs on a GPU, but for the capture."""

import os

import msgspec
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inspector.config import ScoringConfig
from inspector.errors import DeviceLost, RecipeError
from inspector.scoring.device_step import DeviceStep
from inspector.scoring.fit import Fitted
from inspector.scoring.half import HalfNetwork, holds
from inspector.scoring.network import ScoringNetwork, patch_network
from inspector.scoring.scorer import open_scorer

CPU = torch.device("cpu")
DEVICES = [CPU] + ([torch.device("cuda")] if torch.cuda.is_available() else [])


class Sums(nn.Module):
    """The sum of each row of the picture, and its rows' numbers; off by a share, or not finite."""

    def __init__(self, share: float = 0.0, spoilt: bool = False) -> None:
        super().__init__()
        self.share, self.spoilt = share, spoilt

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        sums = picture[0].float().sum((1, 2)) * (1 + self.share)
        if self.spoilt:
            sums = sums / torch.zeros_like(sums)
        return sums, torch.arange(len(sums), dtype=torch.int32, device=picture.device)


def pictures(count: int) -> list[np.ndarray]:
    random = np.random.default_rng(3)
    return [random.integers(0, 255, (8, 6, 3), dtype=np.uint8) for _ in range(count)]


@pytest.mark.parametrize("device", DEVICES, ids=str)
def test_each_picture_gets_its_own_result_and_may_keep_it(device: torch.device) -> None:
    step = DeviceStep(Sums().to(device), (8, 6, 3), device, capture=device.type == "cuda")
    given = pictures(4)
    found = [step(picture) for picture in given]
    for picture, (distances, rows) in zip(given, found, strict=True):
        assert distances.tolist() == picture.sum((1, 2)).tolist()
        assert rows.tolist() == list(range(8))


@pytest.mark.parametrize(("other", "same"), [(Sums(), True), (Sums(5e-4), True), (Sums(0.01), False),
                                             (Sums(spoilt=True), False)])  # fmt: skip
def test_half_precision_is_taken_only_where_its_scores_are_the_same(other: Sums, same: bool) -> None:
    assert holds(other, Sums(), pictures(2), 1.0, CPU) == same


def test_half_precision_is_not_taken_where_single_has_no_score() -> None:
    assert not holds(Sums(), Sums(spoilt=True), pictures(2), 1.0, CPU)


def test_half_precision_rounds_the_backbones_weights_once_and_gives_what_rounding_them_each_time_does(
    fitted: Fitted,
) -> None:
    recipe = fitted.recipe
    single = ScoringNetwork(patch_network(recipe.features), recipe.vectors()).eval()
    half = HalfNetwork(single)
    width, height = recipe.features.input_size
    picture = torch.from_numpy(np.random.default_rng(1).integers(0, 255, (1, height, width, 3), dtype=np.uint8))
    with torch.inference_mode():
        with torch.autocast("cpu", torch.float16, cache_enabled=False):
            maps = single.patches.maps(picture)
        each_time, _ = single.nearest(single.patches.patches([m.float() for m in maps])[0])
        distances, _ = half(picture)
        assert torch.equal(distances, each_time)
        np.testing.assert_allclose(distances.numpy(), single(picture)[0].numpy(), rtol=0.05)
    convolutions = [module for module in half.backbone.modules() if isinstance(module, nn.Conv2d)]
    assert convolutions
    assert {module.weight.dtype for module in convolutions} == {torch.float16}
    assert {parameter.dtype for parameter in single.parameters()} == {torch.float32}


class Fails(Sums):
    """As a GPU that falls off its bus after some parts."""

    left = 2

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        if self.left == 0:
            raise torch.AcceleratorError("CUDA error: unspecified launch failure\nCompile with TORCH_USE_CUDA_DSA")
        self.left -= 1
        return super().forward(picture)


def test_a_device_that_fails_is_lost_and_no_matter_of_one_part() -> None:
    step = DeviceStep(Fails(), (8, 6, 3), CPU, capture=False)
    step(pictures(1)[0])
    with pytest.raises(DeviceLost, match="the GPU failed .CUDA error: unspecified launch failure") as raised:
        step(pictures(1)[0])
    assert raised.value.exit_code == 70


def test_a_gpu_that_cannot_run_the_recipe_is_one_clear_error(fitted: Fitted, monkeypatch: pytest.MonkeyPatch) -> None:
    if torch.cuda.is_available():
        pytest.skip("this machine has a GPU")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)  # what follows fails of itself
    with pytest.raises(RecipeError, match=r"the GPU cannot run the recipe .*NVIDIA.*; use device: cpu"):
        open_scorer(ScoringConfig(recipe=str(fitted.recipe.folder), device="cuda"))


def test_more_threads_than_cores_are_as_many_as_cores(fitted: Fitted) -> None:
    """A hundred thousand ended the process."""
    before, config = torch.get_num_threads(), ScoringConfig(recipe=str(fitted.recipe.folder), device="cpu")
    try:
        scorer = open_scorer(msgspec.structs.replace(config, runtime="torch", threads=100_000))
        assert scorer.runtime.endswith(f"threads: {os.cpu_count()}, single precision")
    finally:
        torch.set_num_threads(before)
