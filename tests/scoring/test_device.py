"""The device's path, on the CPU: the same code that runs on a GPU, but for the capture."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from inspector.scoring.device_step import DeviceStep
from inspector.scoring.fit import Fitted
from inspector.scoring.half import HalfNetwork, holds
from inspector.scoring.network import ScoringNetwork, patch_network

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


def test_half_precision_shares_the_networks_weights_and_comes_near_its_scores(fitted: Fitted) -> None:
    recipe = fitted.recipe
    single = ScoringNetwork(patch_network(recipe.features), recipe.vectors()).eval()
    half = HalfNetwork(single)
    width, height = recipe.features.input_size
    picture = torch.from_numpy(np.random.default_rng(1).integers(0, 255, (1, height, width, 3), dtype=np.uint8))
    with torch.inference_mode():
        np.testing.assert_allclose(half(picture)[0].numpy(), single(picture)[0].numpy(), rtol=0.05)
    assert {p.data_ptr() for p in half.parameters()} == {p.data_ptr() for p in single.parameters()}
