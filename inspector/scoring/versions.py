"""The recipe versions that a station was told to judge by, kept over its restarts.

    <folder>/in_force.json   the configured recipe when the first change came, and the versions since, newest last
    <folder>/<id>/           each version, whole: a recipe like any other, its large files linked, not copied

The configured recipe is never written to: who changes it at the desk, or in config.yaml, is followed again.
"""

import json
import os
import shutil
import tempfile
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from inspector.durable import rename_folder, replace_file
from inspector.errors import RecipeError
from inspector.scoring.recipe import Recipe, Threshold, load_recipe, save_threshold

KEPT: Final = 20
"""Versions kept to go back to."""

_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class _Changes:
    """in_force.json."""

    configured: str
    """The configured folder."""
    configured_id: str
    versions: tuple[str, ...]
    """Ids of the changes that stand, oldest first; each is a folder."""


class Versions:
    """One station's. Writing is atomic: a crash leaves the version before or the one after. Belongs to one thread."""

    def __init__(self, folder: Path, configured: Path) -> None:
        """folder: made with the first change; configured: the recipe of config.yaml."""
        self._folder = folder
        self._configured = configured

    @property
    def in_force(self) -> Path:
        """The folder of the newest change that stands; the configured recipe where there is none, or where the
        configured one was changed since: then the changes made at the line were to another recipe."""
        versions = self._standing()
        return self._folder / versions[-1] if versions else self._configured

    def prepare_threshold(self, threshold: Threshold) -> Recipe:
        """A new version of the recipe in force with another threshold. Raises RecipeError where it cannot be kept."""
        return self._kept(self.in_force, threshold)

    def prepare(self, folder: Path) -> Recipe:
        """Another recipe, kept as it is now. Raises RecipeError where it cannot be used or kept."""
        return self._kept(folder, None)

    def adopt(self, prepared: Recipe) -> None:
        """A prepared version is in force from now on. Raises RecipeError where that cannot be written."""
        self._write((*self._standing(), prepared.id))

    def before(self) -> Path:
        """The folder of what was in force before the newest change. Raises RecipeError where none stands."""
        versions = self._standing()
        if not versions:
            raise RecipeError("there is no change to take back: the configured recipe is in force")
        return self._folder / versions[-2] if len(versions) > 1 else self._configured

    def take_back(self) -> None:
        """What was before() is in force again. Raises RecipeError where that cannot be written."""
        self._write(self._standing()[:-1])

    def _standing(self) -> tuple[str, ...]:
        """The changes that stand; none once the configured recipe is another than the one they were made to."""
        changes = self._read()
        if changes is None or changes.configured != str(self._configured.absolute()):
            return ()
        return changes.versions if changes.configured_id == _id_in(self._configured) else ()

    def _kept(self, folder: Path, threshold: Threshold | None) -> Recipe:
        """A folder of its own for a recipe as it is now, or for its version with another threshold."""
        recipe = load_recipe(folder)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._folder, prefix=".new-") as temporary:
                new = Path(temporary, "version")
                shutil.copytree(recipe.folder, new, copy_function=_link)
                sealed = load_recipe(new)
                sealed = sealed if threshold is None else save_threshold(sealed, threshold)
                kept = self._folder / sealed.id
                if not kept.exists():
                    rename_folder(new, kept)
        except OSError as error:
            raise RecipeError(f"no version of it can be kept in {self._folder}: {error.strerror or error}") from error
        return load_recipe(kept)

    def _read(self) -> _Changes | None:
        path = self._folder / "in_force.json"
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content.pop("v") != _VERSION:
                raise ValueError(f"version is not {_VERSION}")
            return _Changes(**{**content, "versions": tuple(map(str, content["versions"]))})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise RecipeError(
                f"{path}, which says what recipe is in force, cannot be read ({error}); remove it to judge by the "
                f"configured recipe {self._configured}"
            ) from error

    def _write(self, versions: tuple[str, ...]) -> None:
        """Say what is in force, for good before anybody judges by it; let go of what is too old to go back to."""
        before, versions = self._standing(), versions[-KEPT:]
        changes = _Changes(configured=str(self._configured.absolute()), configured_id=_id_in(self._configured),
                           versions=versions)  # fmt: skip
        try:
            document = json.dumps({"v": _VERSION, **asdict(changes)}, indent=2) + "\n"
            replace_file(self._folder / "in_force.json", document.encode())
        except OSError as error:
            raise RecipeError(f"{self._folder} cannot say what is in force: {error.strerror or error}") from error
        for folder in self._folder.iterdir():
            if folder.is_dir() and folder.name not in (*versions, *before):  # parts of it may still be judged
                shutil.rmtree(folder, ignore_errors=True)


def _id_in(folder: Path) -> str:
    """The id that a recipe says it has; empty where it says nothing readable. Whoever loads it checks it."""
    content: Any = None
    with suppress(OSError, ValueError):
        content = json.loads((folder / "recipe.json").read_text(encoding="utf-8"))
    return str(content.get("id", "")) if isinstance(content, dict) else ""


def _link(source: str, target: str) -> None:
    """A second name for a file that nobody writes to; a copy where the disk is another one."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
