"""Each family of backbones: the file's very tensors are in the network, and every runtime gives the same features."""

import io
import json
import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch

from inspector.config import ScoringConfig
from inspector.errors import RecipeError
from inspector.scoring import runtime_openvino
from inspector.scoring.backbone import load_backbone, read_weights
from inspector.scoring.fit import FitOptions, Fitted, feature_spec, fit
from inspector.scoring.layout import layout_of
from inspector.scoring.network import patch_network
from inspector.scoring.recipe import load_recipe
from inspector.scoring.runtime_openvino import OpenVinoFeatures
from inspector.scoring.scorer import open_scorer
from inspector.scoring.torchvision_maps import torchvision_maps
from inspector.scoring.weights import Weights, weights_of
from tests.scoring.checkpoints import State, into_hugging_face, own_cache, timm_state, torchvision_state
from tests.washers import SMALL, burnt, part_of, quiet, washers

VIT = "timm/test_vit"
"""timm's own small network for tests: a real transformer of 0.4 million weights."""


def saved(path: Path, state: State) -> Path:
    if path.suffix == ".safetensors":
        safetensors.torch.save_file(state, path)
    else:
        torch.save(state, path)
    return path


def state_of(name: str) -> State:
    return timm_state(name.removeprefix("timm/")) if name.startswith("timm/") else torchvision_state(name)


def assert_all_from(network: torch.nn.Module, state: State) -> None:
    """Each tensor of a network is one of the file's, bit for bit, and no two come from the same."""
    known = {tensor.numpy().tobytes(): name for name, tensor in state.items() if tensor.dtype != torch.long}
    tensors = [tensor for tensor in network.state_dict().values() if tensor.dtype != torch.long]
    assert len(tensors) > 10
    assert len({known[tensor.numpy().tobytes()] for tensor in tensors}) == len(tensors)


@pytest.mark.parametrize("name", ["resnet18", "mobilenet_v3_large"])
def test_torchvisions_backbones_are_filled_from_torch_hubs_cache(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints, _ = own_cache(monkeypatch, tmp_path)
    checkpoints.mkdir(parents=True)
    state = torchvision_state(name)
    file = {"resnet18": "resnet18-f37072fd.pth", "mobilenet_v3_large": "mobilenet_v3_large-8738ca79.pth"}[name]
    saved(checkpoints / file, state)
    backbone = load_backbone(name, (1, 2, 3))
    assert backbone.strides == (4, 8, 16)
    assert_all_from(backbone.network, state)


def test_the_wide_resnets_blocks_have_the_channels_that_the_global_feature_is_made_of() -> None:
    backbone = torchvision_maps("wide_resnet50_2", (1, 2, 3), torchvision_state("wide_resnet50_2"))
    assert sum(backbone.channels) == 1792


@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_timms_backbones_are_filled_from_the_hugging_face_cache(
    file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, hub = own_cache(monkeypatch, tmp_path)
    state = timm_state("test_vit")
    into_hugging_face(hub, "timm/test_vit.r160_in1k", file, saved(tmp_path / file, state).read_bytes())
    backbone = load_backbone(VIT, (1, 3), (160, 160))
    assert (backbone.strides, backbone.channels) == ((16, 16), (64, 64))
    assert_all_from(backbone.network, state)


def test_a_backbones_stages_are_the_networks_own(tmp_path: Path) -> None:
    """The chain of stages gives what torchvision's network gives: its last map, averaged, is what it classifies."""
    import torchvision

    pictures = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    for name in ("resnet18", "mobilenet_v3_large"):
        full = torchvision.models.get_model(name, weights=None)
        full.load_state_dict(torchvision_state(name))
        full.eval()
        weights = weights_of(name, saved(tmp_path / f"{name}.pth", full.state_dict()))
        with torch.inference_mode():
            (last,) = load_backbone(name, (4,), weights=weights).network(pictures)
            pooled = last.mean(dim=(2, 3))
            classified = full.fc(pooled) if name == "resnet18" else full.classifier(pooled)
            torch.testing.assert_close(classified, full(pictures))


@pytest.mark.parametrize("name", ["resnet18", VIT])
def test_every_family_gives_the_same_patches_on_every_runtime(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_openvino, "USER_CACHE", tmp_path / "graphs")
    path = saved(tmp_path / "w.safetensors", state_of(name))
    spec = feature_spec(FitOptions(backbone=name, weights=path, side=96), (200, 100))
    picture = np.random.default_rng(0).integers(0, 256, (*spec.input_size[::-1], 3), np.uint8)
    network = patch_network(spec)
    with torch.inference_mode():
        reference = network(torch.from_numpy(picture)[None])[0].numpy()
    width, height = spec.grid
    assert width > height
    assert reference.shape == (width * height, network.dimension)
    assert np.ptp(reference, axis=0).max() > 0
    found = OpenVinoFeatures(spec, 1)(picture)
    np.testing.assert_allclose(found, reference, rtol=1e-3, atol=1e-3 * np.abs(reference).max())


def test_a_recipe_of_ones_own_weights_finds_them_again_and_scores_on_every_runtime(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtime_openvino, "USER_CACHE", tmp_path / "graphs")
    path = saved(tmp_path / "w.safetensors", state_of(VIT))
    fit(washers(6), tmp_path / "recipe", replace(SMALL, backbone=VIT, weights=path), quiet)
    recipe = load_recipe(tmp_path / "recipe")
    assert recipe.features.weights_file == str(path)
    assert recipe.features.weights == weights_of(VIT, path).sha256
    openvino_score, torch_score = (
        open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu", runtime=runtime, threads=1))
        .score(part_of(burnt(9)))
        .score
        for runtime in ("openvino", "torch")
    )
    assert openvino_score == pytest.approx(torch_score, rel=1e-3)
    path.rename(tmp_path / "moved")
    with pytest.raises(RecipeError, match=r"put w\.safetensors \(sha256 .* or fit the recipe again"):
        open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu", runtime="torch"))


def test_where_bundled_weights_lie_is_no_part_of_a_recipe(fitted: Fitted) -> None:
    assert "weights_file" not in json.loads((fitted.recipe.folder / "recipe.json").read_text())["features"]


def test_a_transformers_tokens_lie_on_the_grid_of_its_patches() -> None:
    layout = layout_of("timm/vit_small_patch14_dinov2")
    assert (layout.blocks, layout.stride, layout.side, layout.multiple) == ((5, 8), 14, 518, 14)


def test_pyramids_are_looked_at_in_their_middle() -> None:
    assert layout_of("timm/resnet18").blocks == layout_of("efficientnet_lite0").blocks == (1, 2, 3)
    assert layout_of("resnet18").blocks == layout_of("wide_resnet50_2").blocks == (2, 3)
    assert layout_of("timm/convnext_tiny").blocks == (0, 1, 2)
    with pytest.raises(RecipeError, match="no backbone named 'resnet19'"):
        layout_of("resnet19")


def test_the_pictures_are_normalised_as_the_backbone_was_trained(tmp_path: Path) -> None:
    name = "timm/vit_tiny_patch16_224"
    spec = feature_spec(FitOptions(backbone=name, weights=saved(tmp_path / "w.pth", state_of(name)), side=64), (64, 64))
    assert patch_network(spec).mean.flatten().tolist() == [127.5] * 3


@pytest.mark.parametrize("blocks", [(), (-1,), (5,), (2, 1), (1, 1)])
@pytest.mark.parametrize("name", ["efficientnet_lite0", "resnet18"])
def test_blocks_that_do_not_exist_are_refused(name: str, blocks: tuple[int, ...], tmp_path: Path) -> None:
    own = None if name.startswith("efficient") else weights_of(name, saved(tmp_path / "w.pth", state_of(name)))
    with pytest.raises(RecipeError, match=f"{name} has blocks 0 to 4"):
        load_backbone(name, blocks, weights=own)


@pytest.mark.parametrize("name", ["resnet18", VIT, "efficientnet_lite0"])
def test_another_networks_weights_are_refused(name: str, tmp_path: Path) -> None:
    path = saved(tmp_path / "other.safetensors", timm_state("test_resnet"))
    with pytest.raises(RecipeError, match=f"weights file does not fit {name}") as error:
        load_backbone(name, (1,), weights=weights_of(name, path))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["resnet18", VIT])
def test_weights_that_lack_a_tensor_are_refused_rather_than_left_random(name: str, tmp_path: Path) -> None:
    state = state_of(name)
    lacking = next(key for key in list(state)[5:] if key.endswith("weight"))
    del state[lacking]
    with pytest.raises(RecipeError, match=f"does not fit {name}.*{lacking}"):
        load_backbone(name, (1,), weights=weights_of(name, saved(tmp_path / "w.pth", state)))


def test_a_checkpoint_without_its_classifier_is_enough_for_timm(tmp_path: Path) -> None:
    state = {key: tensor for key, tensor in timm_state("test_vit").items() if not key.startswith("head.")}
    backbone = load_backbone(VIT, (1,), (160, 160), weights_of(VIT, saved(tmp_path / "w.safetensors", state)))
    assert_all_from(backbone.network, state)


class _Bomb:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return exec, ("raise SystemExit('executed')",)


@pytest.mark.parametrize("name", ["w.pth", "w.safetensors", "pytorch_model.bin"])
@pytest.mark.parametrize("content", [b"", b"no weights at all" * 100, pickle.dumps(_Bomb())])
def test_what_is_no_weights_file_is_said_to_be_none_and_never_executed(
    name: str, content: bytes, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(RecipeError, match=f"{name} is not a weights file"):
        read_weights(tmp_path / name)


def test_a_bomb_inside_torchs_own_format_does_not_go_off(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"w": _Bomb()}, buffer)
    (tmp_path / "w.pth").write_bytes(buffer.getvalue())
    with pytest.raises(RecipeError, match="is not a weights file"):
        read_weights(tmp_path / "w.pth")


def test_a_wrapped_checkpoint_is_unwrapped_and_a_training_state_refused(tmp_path: Path) -> None:
    state = {"w": torch.ones(2)}
    torch.save({"state_dict": state, "epoch": 7}, tmp_path / "wrapped.pth")
    torch.save({"model": {"w": torch.ones(2)}, "epoch": 7}, tmp_path / "training.pth")
    assert list(read_weights(tmp_path / "wrapped.pth")) == ["w"]
    with pytest.raises(RecipeError, match=r"holds more than weights; save the network's state_dict\(\) alone"):
        read_weights(tmp_path / "training.pth")


def test_the_bundled_weights_may_be_given_as_a_file_too(tmp_path: Path) -> None:
    usual = weights_of("efficientnet_lite0")
    (tmp_path / "w.pth").write_bytes(usual.path.read_bytes())
    given = Weights(path=tmp_path / "w.pth", sha256=usual.sha256, own=True)
    ours, theirs = (load_backbone("efficientnet_lite0", (1, 2), weights=each) for each in (usual, given))
    for one, other in zip(ours.network.parameters(), theirs.network.parameters(), strict=True):
        assert torch.equal(one, other)
