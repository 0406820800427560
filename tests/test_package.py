"""What is installed from a wheel has all that it needs: nothing is read that only a clone has."""

import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_file_beside_the_code_is_in_the_package() -> None:
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]["package-data"]
    packaged = {
        path
        for package, globs in told.items()
        for glob in globs
        for path in (ROOT / package.replace(".", "/")).glob(glob)
    }
    beside = {path for path in (ROOT / "inspector").rglob("*") if path.is_file() and path.suffix not in (".py", ".pyc")}
    assert beside == packaged
    assert ROOT / "inspector/viewer/page/index.html" in beside


def test_every_folder_of_code_is_a_package() -> None:
    folders = {path.parent for name in ("inspector", "tools") for path in (ROOT / name).rglob("*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").exists()]
