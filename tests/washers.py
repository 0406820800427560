"""Drawn washers: parts so simple that a small recipe, fitted in a second on the real backbone, judges them right."""

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import cv2
import numpy as np

from inspector.config import ScoringConfig
from inspector.messages import Image, Part
from inspector.scoring.fit import FitOptions, Fitted, fit
from inspector.scoring.recipe import load_recipe, save_threshold
from inspector.scoring.scorer import open_scorer
from inspector.sources.recording import RecordingWriter

SIZE = (200, 160)
SMALL = FitOptions(side=96, bank_size=60, patches_per_picture=60, threads=1)


def washer(seed: int, size: tuple[int, int] = SIZE) -> Image:
    """A grey ring on a dark ground, with a little noise and jitter."""
    random = np.random.default_rng(seed)
    image = np.full((size[1], size[0], 3), 40, np.uint8)
    centre = (size[0] // 2 + int(random.integers(-2, 3)), size[1] // 2 + int(random.integers(-2, 3)))
    cv2.circle(image, centre, min(size) // 3, (180, 180, 185), -1, cv2.LINE_AA)
    cv2.circle(image, centre, min(size) // 8, (40, 40, 40), -1, cv2.LINE_AA)
    return np.clip(image + random.normal(0, 4, image.shape), 0, 255).astype(np.uint8)


def washers(count: int) -> Sequence[Image]:
    return [washer(seed) for seed in range(count)]


def burnt(seed: int) -> Image:
    """A washer with a red spot that nobody could miss."""
    image = washer(seed)
    cv2.circle(image, (100, 120), 9, (0, 0, 255), -1, cv2.LINE_AA)
    return image


def part_of(image: Image) -> Part:
    """A part that nothing took: for scoring."""
    return Part(seq=1, part="", exposed_ns=0, arrived_ns=0, image=image, to_source=np.eye(2, 3, dtype=np.float32))


def quiet(what: str, done: int, whole: int) -> None:
    assert 0 <= done <= whole, what


def fit_small(folder: Path) -> Fitted:
    """A recipe for washers, the caller's own: a copy of one that is fitted once, with the graph exported for it."""
    fitted = _fitted()
    return replace(fitted, recipe=load_recipe(Path(shutil.copytree(fitted.recipe.folder, folder))))


def fit_clear(folder: Path, options: FitOptions = SMALL) -> Path:
    """The same with its threshold half-way between good and burnt, so that no machine's rounding turns a verdict."""
    fitted = fit_small(folder) if options is SMALL else fit(washers(12), folder, options, quiet)
    scorer = open_scorer(ScoringConfig(recipe=str(folder), device="cpu", threads=1))  # leaves its graph in the cache
    level = (scorer.score(part_of(burnt(99))).score + max(fitted.scores)) / 2
    return save_threshold(fitted.recipe, replace(fitted.recipe.threshold, value=level)).folder


@cache
def _fitted() -> Fitted:
    kept = Path(tempfile.mkdtemp(prefix="washers-"))
    atexit.register(shutil.rmtree, kept)
    return fit(washers(12), kept / "recipe", SMALL, quiet)


def write_pictures(folder: Path, pictures: Sequence[Image], suffix: str = ".png") -> Path:
    """00.png, 01.png, … in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, picture in enumerate(pictures):
        assert cv2.imwrite(str(folder / f"{number:02d}{suffix}"), picture)
    return folder


def write_recording(folder: Path, pictures: Sequence[Image], fps: float = 10) -> Path:
    with RecordingWriter(folder) as writer:
        for number, picture in enumerate(pictures):
            writer.write(picture, 1_764_547_200_000_000_000 + round(number * 1e9 / fps), number + 1)
    return folder


def write_video(path: Path, pictures: Sequence[Image], fourcc: str = "MJPG", fps: float = 10) -> Path:
    height, width = pictures[0].shape[:2]
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*fourcc), fps, (width, height))
    assert writer.isOpened()
    for picture in pictures:
        writer.write(picture)
    writer.release()
    return path
