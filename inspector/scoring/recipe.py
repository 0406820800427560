"""A recipe on disk: a folder with all that turns a frame into a verdict, and how each of it was obtained.

    recipe.json     the fields of Recipe, and the sha256 of every other file
    bank.faiss      the memory bank
    origins.npy     int32[n, 3]: the good picture, row and column each bank vector came from (or lies nearest to)
    good_scores.npy float64[n]: the score of each good part by the bank without its own patches
    fitted.npy      uint8[n, 32]: sha256 of each good picture, so that a part is not taken for one that was held out
    ignore.npy      bool[h, w] on the patch grid, true where ignored; only if there is an ignore mask
    hidden.npy      bool[H, W] on the network's input, true under that mask; not in older recipes
    health.json     the limits of each reading of a picture's health (inspector.scoring.health); not in older recipes
    health.npy      float32[h, w, 9]: what good pictures look like, small: mean, lowest, highest
    place.npy       float32[3, h, w]: what a picture's place is read by (inspector.scoring.place); only where it can be
    good/*.png      the good pictures that `origins` points at, as the network saw them
    graph-*/        compiled graphs: a cache, not part of the recipe

Nothing is pickled and nothing in the folder is executed. The recipe's id is the start of the sha256 over recipe.json's
content, threshold included and files by their own sha256; so one changed byte anywhere is another recipe, or an error.
"""

import hashlib
import io
import json
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from inspector.durable import rename_folder, replace_file
from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.features import FeatureSpec
from inspector.scoring.locator import Finder, Locator
from inspector.scoring.prepare import Rectangle
from inspector.scoring.score import patches_of

VERSION = 1
ID_LENGTH = 12
DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """The score up to which a part passes, and how it was chosen."""

    value: float
    rule: str
    """The rule's name."""
    basis: str
    """What it was computed from and what may be claimed, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BankFacts:
    """How the memory bank was made."""

    method: str
    size: int
    dimension: int
    pictures: int
    patches: int
    """Patches it was subsampled from."""
    seed: int
    mirrored: bool = False
    """The pictures' mirror pictures were taught too (inspector.scoring.mirrored)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """All that turns a frame into a verdict. Sizes are (width, height) in pixels."""

    id: str
    """Computed from the content."""
    folder: Path
    frame_size: tuple[int, int]
    """Size that a part's picture must have."""
    any_size: bool
    """Take pictures of any size; `frame_size` then is that of the first good picture."""
    region: Rectangle | None
    """Part of the picture that is judged; None for all of it."""
    features: FeatureSpec
    min_defect_area: float
    """In pixels² of a picture of `frame_size`; smaller regions above the threshold do not reject."""
    threshold: Threshold
    bank: BankFacts
    files: Mapping[str, str]
    """sha256 of each file."""
    locator: Locator | None = None
    """How the part is found in the region and turned to one pose; None where it is judged as it lies."""

    @property
    def min_patches(self) -> int:
        """Patches that a region above the threshold must have to count."""
        return patches_of(self.min_defect_area, self.judged, self.features.grid)

    @property
    def judged(self) -> Rectangle:
        """What the patch grid lies over: the canonical picture of a located part, else the region."""
        return self.region_of(self.frame_size) if self.locator is None else (0, 0, *self.locator.size)

    def region_of(self, size: tuple[int, int]) -> Rectangle:
        """The region judged in a picture of `size` (width, height)."""
        return self.region if self.region is not None else (0, 0, *size)

    @property
    def taught_from(self) -> str:
        """How many good parts the bank was fitted on, in words, and how many pictures of them where that differs."""
        pictures = self.bank.pictures
        if "good_scores.npy" not in self.files:  # in each there is one score a part
            return f"{pictures} good pictures"
        parts = len(self.array("good_scores.npy"))
        return f"{parts} good parts" if parts == pictures else f"{parts} good parts in {pictures} pictures"

    def ignore(self) -> NDArray[np.bool_] | None:
        """The ignore mask bool[h, w] on the patch grid, or None."""
        return self._mask("ignore.npy", self.features.grid)

    def hidden(self) -> NDArray[np.bool_] | None:
        """What the network is not shown, bool[H, W] on its input, or None."""
        return self._mask("hidden.npy", self.features.input_size)

    def _mask(self, name: str, size: tuple[int, int]) -> NDArray[np.bool_] | None:
        if name not in self.files:
            return None
        mask = self.array(name)
        if mask.dtype != bool or mask.shape != size[::-1]:
            raise RecipeError(f"{self.folder / name} is {mask.dtype}{mask.shape}, expected bool{size[::-1]}")
        return mask

    def finder(self) -> Finder | None:
        """What finds the part, or None. Raises RecipeError for a usual look that is none."""
        if self.locator is None:
            return None
        look = self.array("look.npy")
        if look.dtype != np.uint8 or look.ndim != 2:
            raise RecipeError(f"{self.folder}/look.npy is {look.dtype}{look.shape}, expected uint8[h, w]")
        return Finder(self.locator, look)

    def fitted_on(self) -> frozenset[bytes] | None:
        """The digests of the good pictures that the bank was fitted on; None where the recipe does not record them."""
        if "fitted.npy" not in self.files:
            return None
        return frozenset(digest.tobytes() for digest in self.array("fitted.npy"))

    def vectors(self) -> NDArray[np.float32]:
        """The bank's vectors float32[n, C]."""
        import faiss  # a cached graph holds the vectors already: the line starts without it

        index = faiss.deserialize_index(np.frombuffer(self.read("bank.faiss"), np.uint8))
        if (index.ntotal, index.d) != (self.bank.size, self.bank.dimension):
            raise RecipeError(
                f"{self.folder}/bank.faiss holds {index.ntotal} vectors of {index.d} dimensions, "
                f"recipe.json says {self.bank.size} of {self.bank.dimension}"
            )
        return np.asarray(index.reconstruct_n(0, index.ntotal), np.float32)

    def array(self, name: str) -> NDArray[Any]:
        """An array of the recipe; never unpickles."""
        try:
            return np.asarray(np.load(io.BytesIO(self.read(name)), allow_pickle=False))
        except ValueError as error:
            raise RecipeError(f"{self.folder / name} is not an array: {error}") from error

    def read(self, name: str) -> bytes:
        """A file's bytes, checked against its sha256. Raises RecipeError when it is missing or changed."""
        path = self.folder / name
        try:
            content = path.read_bytes()
        except OSError as error:
            raise RecipeError(f"recipe {self.folder}: {name} cannot be read ({error.strerror})") from error
        if _sha256(content) != self.files.get(name):
            raise RecipeError(
                f"recipe {self.folder}: {name} was changed or damaged (its sha256 differs from recipe.json)"
            )
        return content


def load_recipe(folder: Path) -> Recipe:
    """The recipe in a folder, each file checked. Raises RecipeError naming what is missing, changed or unknown."""
    path = folder / "recipe.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RecipeError(f"no recipe at {folder} (no recipe.json); make one with: inspector teach") from None
    except (OSError, ValueError) as error:
        raise RecipeError(f"{path} cannot be read: {error}") from error
    recipe = _parse(content, folder)
    for name in recipe.files:
        recipe.read(name)
    return recipe


def save_recipe(folder: Path, recipe: Recipe, contents: Mapping[str, bytes]) -> Recipe:
    """Write a new recipe with its files (by name, `good/…` included), replacing one that is there, all or nothing."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    if folder.exists() and any(folder.iterdir()) and not (folder / "recipe.json").exists():
        raise RecipeError(f"{folder} exists and is not a recipe; choose another folder")
    recipe = _sealed(replace(recipe, folder=folder, files={name: _sha256(data) for name, data in contents.items()}))
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as temporary:
        new, old = Path(temporary, "new"), Path(temporary, "old")
        for name, data in contents.items():
            (new / name).parent.mkdir(parents=True, exist_ok=True)
            (new / name).write_bytes(data)
        (new / "recipe.json").write_text(_document(recipe), encoding="utf-8")
        rename_folder(new, folder, aside=old)
    return recipe


def save_threshold(recipe: Recipe, threshold: Threshold) -> Recipe:
    """The recipe with another threshold, a new version, written in its place in one step."""
    changed = _sealed(replace(recipe, threshold=threshold))
    replace_file(recipe.folder / "recipe.json", _document(changed).encode())
    return changed


def picture_digest(picture: Image) -> bytes:
    """sha256 over a picture's shape and pixels: the same whatever file they come from."""
    digest = hashlib.sha256(repr(picture.shape).encode())
    digest.update(np.ascontiguousarray(picture).data)
    return digest.digest()


def array_bytes(array: NDArray[Any]) -> bytes:
    """An array as a .npy file's content."""
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _sealed(recipe: Recipe) -> Recipe:
    return replace(recipe, id=_sha256(json.dumps(_content(recipe), sort_keys=True).encode())[:ID_LENGTH])


def _content(recipe: Recipe) -> dict[str, Any]:
    content = asdict(recipe)
    del content["id"], content["folder"]
    for field in fields(FeatureSpec):  # told only where there is something to tell: older recipes keep their id
        if content["features"][field.name] == field.default:
            del content["features"][field.name]
    if recipe.locator is None:
        del content["locator"]
    if not recipe.bank.mirrored:
        del content["bank"]["mirrored"]
    return {"v": VERSION, **content, "files": dict(recipe.files)}


def _document(recipe: Recipe) -> str:
    return json.dumps({"id": recipe.id, **_content(recipe)}, indent=2) + "\n"


def _parse(content: Any, folder: Path) -> Recipe:
    where = folder / "recipe.json"
    if not isinstance(content, dict) or content.pop("v", None) != VERSION:
        raise RecipeError(f"{where} is not a recipe of version {VERSION}")
    try:
        plain: dict[str, Any] = {k: _tupled(v) for k, v in content.items()}
        plain["features"] = FeatureSpec(**{k: _tupled(v) for k, v in plain["features"].items()})
        plain["threshold"] = Threshold(**plain["threshold"])
        plain["bank"] = BankFacts(**plain["bank"])
        if plain.get("locator") is not None:
            plain["locator"] = Locator(**{k: _tupled(v) for k, v in plain["locator"].items()})
        recipe = Recipe(folder=folder, **plain)
        sealed = _sealed(recipe)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecipeError(f"{where} is not a recipe: {error}") from error
    if recipe.id != sealed.id:
        raise RecipeError(f"{where} was changed or damaged: its content gives id {sealed.id}, it says {recipe.id}")
    return recipe


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
