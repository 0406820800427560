"""Labelled pictures on disk for the desk tools: MVTec AD layout, a recording, or a plain folder of good pictures.

MVTec AD     train/good/*            test/good/*  test/<defect>/*   ground_truth/<defect>/<name>_mask.png
recording    teach/ and inspect/, each index.jsonl, frames/, truth.json, masks/
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.errors import SourceError
from inspector.messages import Image
from inspector.sources.images import UnreadablePicture, read_picture
from inspector.sources.names import picture_names

GOOD = "good"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A picture whose truth is known."""

    picture: Path
    kind: str
    """`good`, or the name of the defect."""
    mask: Path | None
    """Picture of the defective pixels, white; None where there is none."""

    @property
    def defective(self) -> bool:
        return self.kind != GOOD

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.picture.stem}"

    def read_mask(self, size: tuple[int, int]) -> NDArray[np.bool_] | None:
        """The mask bool[H, W] of a picture of `size` (width, height): all false for a good one, None if none is known.

        Raises SourceError for a mask of another size than its picture.
        """
        if not self.defective:
            return np.zeros(size[::-1], bool)
        if self.mask is None:
            return None
        mask = cv2.imread(str(self.mask), cv2.IMREAD_GRAYSCALE)
        if mask is None:
            raise SourceError(f"mask {self.mask} cannot be read")
        if mask.shape != size[::-1]:
            raise SourceError(
                f"mask {self.mask} is {mask.shape[1]} × {mask.shape[0]}, its picture {size[0]} × {size[1]}"
            )
        return np.asarray(mask > 127)


class Pictures(Sequence[Image]):
    """Pictures read when they are asked for. One that cannot be read raises SourceError, which names it, and so, where
    they must be of one size, does one that is of another than those before it."""

    def __init__(self, paths: Sequence[Path], one_size: bool = False) -> None:
        self._paths, self._one_size = paths, one_size
        self._first: tuple[Path, tuple[int, ...]] | None = None

    def __len__(self) -> int:
        return len(self._paths)

    def __getitem__(self, index: int) -> Image:  # type: ignore[override]  # no slices
        path = self._paths[index]
        picture = load_picture(path)
        first, shape = self._first = self._first or (path, picture.shape)
        if self._one_size and picture.shape != shape:
            raise SourceError(
                f"{path} is {picture.shape[1]} × {picture.shape[0]}, {first.name} {shape[1]} × {shape[0]}; good "
                "pictures must be of one size"
            )
        return picture


def load_picture(path: Path) -> Image:
    """The picture in a file, uint8[H, W, 3] BGR. Raises SourceError, naming it, when it cannot be read."""
    try:
        return read_picture(path)
    except UnreadablePicture as error:
        raise SourceError(str(error)) from error


def good_pictures(data: Path) -> list[Path]:
    """The good pictures to fit from. Raises SourceError when there are none."""
    for place in (data / "train" / GOOD, data / "teach" / "frames", data / "frames", data):
        if place.is_dir() and (found := _pictures(place)):
            return found
    raise SourceError(f"{data} holds no good pictures (looked for train/good, teach/frames, frames, and in it)")


def test_samples(data: Path) -> list[Sample]:
    """The labelled pictures to measure on. Raises SourceError when there are none, or what labels them is damaged."""
    for recording in (data / "inspect", data):
        if (recording / "truth.json").is_file():
            return _recorded(recording)
    test = data / "test"
    samples = [
        Sample(picture=picture, kind=folder.name, mask=_mask(data, folder.name, picture))
        for folder in (sorted(test.iterdir()) if test.is_dir() else [])
        if folder.is_dir()
        for picture in _pictures(folder)
    ]
    if not samples:
        raise SourceError(f"{data} holds no labelled pictures (looked for test/<kind>/ and truth.json)")
    return samples


def _recorded(recording: Path) -> list[Sample]:
    path = recording / "truth.json"
    try:
        truth = json.loads(path.read_text(encoding="utf-8"))
        return [
            Sample(
                picture=recording / "frames" / file,
                kind=known["defect"] or GOOD,
                mask=recording / "masks" / known["mask"] if known.get("mask") else None,
            )
            for file, known in sorted(truth.items())
        ]
    except OSError as error:
        raise SourceError(f"cannot read {path}: {error.strerror or error}") from error
    except (ValueError, TypeError, KeyError, AttributeError):
        raise SourceError(f'{path} is damaged; it must read {{"000001.webp": {{"defect": null}}, …}}') from None


def _mask(data: Path, kind: str, picture: Path) -> Path | None:
    if kind == GOOD:
        return None
    path = data / "ground_truth" / kind / f"{picture.stem}_mask.png"
    return path if path.is_file() else None


def _pictures(folder: Path) -> list[Path]:
    return [folder / name for name in picture_names(folder)]
