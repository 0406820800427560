"""What good pictures teach: patches drawn from each, the bank that is made of them, and what they score by it.

Pictures are read one at a time and never held: once to sample patches for the bank, once to score each picture by the
bank without its part, which is what the threshold is chosen from. What is held is bounded whatever their number:
MOST_PATCHES sampled patches, and the features of the first reading as far as KEPT_BYTES go, which spares reading those
again.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.bank import Features, Method, nearest, subsample
from inspector.scoring.health import Learning
from inspector.scoring.ignore import ignored_patches
from inspector.scoring.leave_out import LeaveOut
from inspector.scoring.pictures import spread
from inspector.scoring.progress import Progress
from inspector.scoring.recipe import picture_digest
from inspector.scoring.region import checked_region
from inspector.scoring.runtime_openvino import OpenVinoFeatures
from inspector.scoring.score import part_score, patches_of
from inspector.scoring.view import UNMOVED, View

MOST_PATCHES: Final = 400_000
"""Sampled for the bank, from all pictures together: 300 MB at 192 dimensions."""
KEPT_BYTES: Final = 1_000_000_000
FEWEST_PATCHES_A_VECTOR: Final = 40
HEALTH_PICTURES: Final = 300
"""Most good pictures, spread evenly over all, that the limits of a picture's health are learnt from."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How patches are drawn from good pictures, and the bank from them."""

    per_picture: int
    """More where the bank is large, fewer where the pictures are many."""
    bank_size: int
    method: Method
    seed: int


class Extractor:
    """A picture to its patch features, on the runtime that the line uses."""

    def __init__(
        self,
        view: View,
        frame_size: tuple[int, int],
        ignore: NDArray[np.bool_] | None,
        min_defect_area: float,
        any_size: bool,
        threads: int,
    ) -> None:
        """The view's, of pictures of frame_size (width, height) or of any; ignore, min_defect_area: see FitOptions."""
        spec = view.features
        region = (0, 0, *view.finder.locator.size) if view.finder else view.region or (0, 0, *frame_size)
        self.grid = spec.grid
        self.ignore = None if ignore is None else ignored_patches(ignore, region, spec.grid)
        self.min_patches = patches_of(min_defect_area, region, spec.grid)
        self._frame_size = frame_size
        self._view = view
        self._any_size = any_size
        self._features = OpenVinoFeatures(spec, threads)
        self.channels = self._features.channels

    def __call__(self, picture: Image) -> Features:
        """float32[h * w, C]."""
        if not self._any_size and size_of(picture) != self._frame_size:
            (width, height), (first_width, first_height) = size_of(picture), self._frame_size
            raise RecipeError(
                f"good pictures differ in size: {width} × {height} after {first_width} × {first_height}; "
                "give pictures of one size, or take any with --any-size"
            )
        checked_region(self._view.region, size_of(picture))
        return self._features(self._view.look(picture, UNMOVED)[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Patches drawn from each good picture."""

    features: Features
    origins: NDArray[np.int32]
    """int32[n, 3]: picture, row, column."""
    digests: tuple[bytes, ...]
    """Of each picture."""
    whole: tuple[Features, ...]
    """All patch features of the first pictures, as many as are kept."""
    health: Learning
    """Has seen some of the pictures."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """A bank, and what good parts score by it."""

    sample: Sample
    rows: NDArray[np.int64]
    """int64[n]: the row of the bank that each patch of the sample is part of, -1 for none."""
    leave_out: LeaveOut
    shown: NDArray[np.int32]
    """int32[pictures]: the part that each picture shows, counted from 0."""
    scores: list[float]
    """Of each picture."""
    of_parts: NDArray[np.float64]
    """float64[parts]: of each part, the highest of its pictures'."""

    @property
    def parts(self) -> int:
        return len(self.of_parts)


def taught_from(
    pictures: Sequence[Image],
    parts: NDArray[np.int32],
    extract: Extractor,
    drawing: Drawing,
    progress: Progress,
) -> Taught:
    """Learn from pictures of the parts int32[n]."""
    sample = _sample(pictures, extract, drawing, progress)
    parts = _joined(parts, sample.digests)
    progress("memory bank", 0, 1)
    rows = subsample(sample.features, drawing.bank_size, drawing.method, drawing.seed)
    leave_out = LeaveOut(sample.features, parts[sample.origins[:, 0]], rows, int(rows.max()) + 1)
    progress("memory bank", 1, 1)
    scores = _good_scores(pictures, parts, extract, sample, leave_out, progress)
    return Taught(
        sample=sample,
        rows=rows,
        leave_out=leave_out,
        shown=parts,
        scores=scores,
        of_parts=highest_of(scores, parts),
    )


def highest_of(scores: Sequence[float], parts: NDArray[np.int32]) -> NDArray[np.float64]:
    """float64[parts]: the highest score of each part's pictures."""
    of_parts = np.zeros(int(parts.max()) + 1)
    np.maximum.at(of_parts, parts, scores)
    return of_parts


def _joined(parts: NDArray[np.int32], digests: Sequence[bytes]) -> NDArray[np.int32]:
    """The parts int32[n] of pictures, those of the same picture made one: beside its copy in the bank it scores 0."""
    joined, first = parts.copy(), dict[bytes, int]()
    for n, digest in enumerate(digests):
        if (m := first.setdefault(digest, n)) != n:
            joined[joined == joined[n]] = joined[m]
    return np.unique(joined, return_inverse=True)[1].astype(np.int32)


def _sample(
    pictures: Sequence[Image],
    extract: Extractor,
    drawing: Drawing,
    progress: Progress,
) -> Sample:
    """Patches from each picture at random places, none from under the ignore mask."""
    width, height = extract.grid
    usable = np.arange(width * height) if extract.ignore is None else np.flatnonzero(~extract.ignore)
    if not len(usable):
        raise RecipeError("the ignore mask covers everything; nothing is left to inspect")
    count = max(drawing.per_picture, math.ceil(FEWEST_PATCHES_A_VECTOR * drawing.bank_size / len(pictures)))
    count = max(1, min(len(usable), count, MOST_PATCHES // len(pictures)))
    random = np.random.default_rng(drawing.seed)
    features, origins, digests = [], [], []
    whole: list[Features] = []
    held = 0
    health, looked_at = Learning(), set(spread(len(pictures), HEALTH_PICTURES))
    for n, picture in enumerate(pictures):
        progress("features", n, len(pictures))
        digests.append(picture_digest(picture))
        if n in looked_at:
            health.add(picture)
        places = np.sort(random.choice(usable, count, replace=False))
        found = extract(picture)
        features.append(found[places])
        if held + found.nbytes <= KEPT_BYTES and len(whole) == n:
            whole.append(found)
            held += found.nbytes
        origins.append(np.stack([np.full(count, n), places // width, places % width], axis=1))
    progress("features", len(pictures), len(pictures))
    if len(set(digests)) == 1:
        raise RecipeError(f"all {len(pictures)} good pictures are the same, pixel by pixel; is the camera frozen?")
    return Sample(
        features=np.concatenate(features),
        origins=np.concatenate(origins).astype(np.int32),
        digests=tuple(digests),
        whole=tuple(whole),
        health=health,
    )


def _good_scores(
    pictures: Sequence[Image],
    parts: NDArray[np.int32],
    extract: Extractor,
    sample: Sample,
    leave_out: LeaveOut,
    progress: Progress,
) -> list[float]:
    """The score of each picture by the bank without the part int32[n] that it shows."""
    scores = []
    for n in range(len(pictures)):
        progress("good scores", n, len(pictures))
        features = sample.whole[n] if n < len(sample.whole) else extract(pictures[n])
        scores.append(score_without(features, int(parts[n]), extract, leave_out))
    progress("good scores", len(pictures), len(pictures))
    return scores


def score_without(features: Features, part: int, extract: Extractor, leave_out: LeaveOut) -> float:
    """Of a picture's patch features, by the bank without the part."""
    width, height = extract.grid
    patch_scores = nearest(features, leave_out.without(part))[0].reshape(height, width)
    if extract.ignore is not None:
        patch_scores = np.where(extract.ignore, np.float32(0), patch_scores)
    return part_score(patch_scores, extract.min_patches)


def size_of(picture: Image) -> tuple[int, int]:
    """Width and height."""
    return picture.shape[1], picture.shape[0]
