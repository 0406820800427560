"""Which files of a folder are its pictures, and in which order."""

import re
from pathlib import Path
from typing import Final

PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")


def picture_names(folder: Path) -> list[str]:
    """Pictures in a folder and its subfolders as relative posix paths, in natural order (`9.png` before `10.png`).

    What is hidden, or lies in a hidden subfolder, is left out.
    """
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.suffix.lower() in PICTURES)
    shown = (path for path in found if not any(part.startswith(".") for part in path.parts))
    return sorted((path.as_posix() for path in shown if (folder / path).is_file()), key=_natural)


def _natural(name: str) -> tuple[list[tuple[tuple[int, str], ...]], str]:
    """Digits compare as numbers, folder by folder; the name itself settles what is still equal (`1.png`, `01.png`)."""
    parts = [
        tuple((int(run), "") if run.isdecimal() else (-1, run) for run in re.split(r"(\d+)", part.lower()))
        for part in name.split("/")
    ]
    return parts, name
