"""Weights come from the installation, from a cache, from a file, or not at all and with a reason."""

import hashlib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import torchvision
from huggingface_hub import constants

from inspector.errors import RecipeError
from inspector.scoring import weights
from inspector.scoring.features import FeatureSpec
from inspector.scoring.weights import TORCHVISION, weights_again, weights_of
from tests.scoring.checkpoints import into_hugging_face, own_cache

DINO = "timm/vit_small_patch14_dinov2"
DINO_REPOSITORY = "timm/vit_small_patch14_dinov2.lvd142m"


@pytest.fixture
def caches(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> tuple[Path, Path]:
    """torch hub's and the Hugging Face hub's, both empty; the internet cannot be reached."""
    return own_cache(monkeypatch, tmp_path)


def spec(**changes: object) -> FeatureSpec:
    known = {"backbone": "resnet18", "weights": "", "blocks": (1,), "stride": 8, "input_size": (64, 64)}
    return FeatureSpec(**{**known, **changes})  # type: ignore[arg-type]


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("name", ["efficientnet_lite0", "efficientnet_lite1", "efficientnet_lite2"])
def test_the_bundled_weights_are_there_without_any_cache(name: str, caches: tuple[Path, Path]) -> None:
    found = weights_of(name)
    assert found.sha256 == sha256(found.path.read_bytes())
    assert not found.own


def test_torchvisions_weights_are_those_it_publishes_first() -> None:
    for name, url in TORCHVISION.items():
        assert next(iter(torchvision.models.get_model_weights(name))).url == url


def test_torchvisions_weights_are_taken_from_torch_hubs_cache(caches: tuple[Path, Path]) -> None:
    path = caches[0] / "wide_resnet50_2-95faca4d.pth"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"weights")
    found = weights_of("wide_resnet50_2")
    assert (found.path, found.sha256) == (path, sha256(b"weights"))


@pytest.mark.parametrize("file", ["model.safetensors", "pytorch_model.bin"])
def test_timms_weights_are_taken_from_the_hugging_face_cache(file: str, caches: tuple[Path, Path]) -> None:
    path = into_hugging_face(caches[1], DINO_REPOSITORY, file, b"tokens")
    found = weights_of(DINO)
    assert (found.path, found.sha256) == (path, sha256(b"tokens"))


@pytest.mark.parametrize("name", ["resnet18", DINO])
def test_offline_the_error_comes_at_once_and_names_both_ways_out(name: str, caches: tuple[Path, Path]) -> None:
    begun = time.monotonic()
    with pytest.raises(
        RecipeError, match=rf"weights of {name} are not in .*internet once, or .*--weights PATH"
    ) as error:
        weights_of(name)
    assert time.monotonic() - begun < 10
    assert "\n" not in str(error.value)


def test_told_to_be_offline_no_request_is_made(caches: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(RecipeError, match="HF_HUB_OFFLINE is set"):
        weights_of(DINO)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        pass


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder, and the URL that it is served under."""
    folder = tmp_path / "hub"
    folder.mkdir()
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder))) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield folder, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_online_weights_are_downloaded_once_and_kept(
    hub: tuple[Path, str], caches: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, url = hub
    content = b"real weights"
    name = f"resnet18-{sha256(content)[:8]}.pth"
    (folder / name).write_bytes(content)
    monkeypatch.setitem(weights.TORCHVISION, "resnet18", f"{url}/{name}")
    assert weights_of("resnet18").path == caches[0] / name
    (folder / name).unlink()
    assert weights_of("resnet18").sha256 == sha256(content)


def test_a_download_that_is_not_what_its_name_says_is_refused_and_not_kept(
    hub: tuple[Path, str], caches: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder, url = hub
    (folder / "resnet18-00000000.pth").write_bytes(b"something else")
    monkeypatch.setitem(weights.TORCHVISION, "resnet18", f"{url}/resnet18-00000000.pth")
    with pytest.raises(RecipeError, match="invalid hash value"):
        weights_of("resnet18")
    assert list(caches[0].iterdir()) == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("resnet19", "no backbone named 'resnet19'; there are efficientnet_lite0.*resnet18.*timm/<name>"),
        ("timm/vit_smal_patch14_dinov2", r"knows no model 'vit_smal_patch14_dinov2' \(did you mean vit_small_"),
        ("timm/", "knows no model ''"),
    ],
)
def test_a_backbone_that_does_not_exist_is_named(name: str, words: str) -> None:
    with pytest.raises(RecipeError, match=words):
        weights_of(name)


def test_a_file_of_ones_own_takes_the_place_of_the_usual_weights(tmp_path: Path) -> None:
    file = tmp_path / "mine.pth"
    file.write_bytes(b"mine")
    found = weights_of("resnet18", file)
    assert (found.path, found.sha256, found.own) == (file, sha256(b"mine"), True)
    with pytest.raises(RecipeError, match=r"no weights file at .*other\.pth"):
        weights_of("resnet18", tmp_path / "other.pth")


def test_a_recipe_finds_its_own_weights_again_where_they_lay_or_where_they_may_be_put(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weights, "OWN_WEIGHTS", tmp_path / "kept")
    file = tmp_path / "mine.pth"
    file.write_bytes(b"mine")
    made_with = spec(weights=sha256(b"mine"), weights_file=str(file))
    assert weights_again(made_with).path == file
    (tmp_path / "kept").mkdir()
    file.rename(tmp_path / "kept" / "mine.pth")
    assert weights_again(made_with).path == tmp_path / "kept" / "mine.pth"


def test_a_recipe_whose_own_weights_are_gone_says_where_to_put_them_and_what_else_to_do(tmp_path: Path) -> None:
    gone = spec(weights="c0ffee" * 10, weights_file=str(tmp_path / "mine.pth"))
    with pytest.raises(RecipeError, match=r"put mine\.pth \(sha256 c0ffeec0ffee…\) at .*or fit the recipe again"):
        weights_again(gone)


def test_other_weights_under_the_same_name_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "mine.pth"
    file.write_bytes(b"changed since")
    with pytest.raises(RecipeError, match="was made with weights 000000000000 of resnet18, those in .* are"):
        weights_again(spec(weights="0" * 64, weights_file=str(file)))


def test_looking_for_weights_imports_no_torch_where_no_hub_is_asked() -> None:
    script = (
        "import sys; from inspector.scoring.layout import layout_of; from inspector.scoring.weights import weights_of;"
        "weights_of('efficientnet_lite0'); layout_of('resnet18');"
        "print([name for name in ('torch', 'timm', 'huggingface_hub') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
