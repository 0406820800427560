"""Scores of labelled pictures by a method, and the figures they come to."""

import math
import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError, SourceError, Unlocated
from inspector.messages import Image, Part, ScoreMap
from inspector.scoring.heat import pixel_map
from inspector.scoring.metrics import auroc, f1_max
from inspector.scoring.pixel_metrics import pixel_figures
from inspector.scoring.progress import Progress
from inspector.scoring.recipe import picture_digest
from tools.dataset import Sample, load_picture
from tools.intervals import Interval, picture_interval, pixel_histograms, pixel_interval
from tools.machine import Meter

PIXELS = (256, 256)
"""Size at which pixel figures are computed, as the peers' tools do; masks are resized to the nearest pixel."""

FIGURES = ("image_auroc", "pixel_auroc", "aupro", "partial_pixel_auroc", "f1_max")
LIMIT = 0.3
"""False-positive rate up to which AUPRO and the partial pixel AUROC are integrated."""
IN_MEMORY = 1 << 29
"""Bytes of maps or masks from which on they lie in a file without a name, gone when they are no longer used."""


class Method(Protocol):
    """What judges a part from its picture: the line's scorer, and each baseline."""

    @property
    def threshold(self) -> float:
        """A part that scores above it fails."""
        ...

    @property
    def runtime(self) -> str:
        """Name, version and device of what computes."""
        ...

    @property
    def recipe_id(self) -> str:
        """Hash of all that the scores depend on, the threshold included."""
        ...

    def score(self, part: Part) -> ScoreMap:
        """The part's score, and the map of any resolution that shows where it comes from.

        Raises ValueError for a picture of a size it does not take.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a method gave for labelled pictures."""

    scores: NDArray[np.float64]
    labels: NDArray[np.bool_]
    """True where defective."""
    maps: NDArray[np.float32]
    """float32[n, h, w]."""
    masks: NDArray[np.bool_]
    """bool[n, h, w]; only meaningful where `masked`."""
    masked: NDArray[np.bool_]
    """Whether the picture's defective pixels are known: not of a defective one without a mask, or with a black one."""
    milliseconds: NDArray[np.float64]
    """The whole method, picture in memory to score map, for each picture."""
    digests: tuple[bytes, ...]
    """Of the pictures, as recipes have them."""
    others: float | None
    """How much of the processor other programs took meanwhile, 0 to 1; None where the system does not tell."""
    unlocated: int = 0
    """Pictures in which no part was found: rejected at the line, so scored above every other here."""


def measure(method: Method, samples: Sequence[Sample], full: bool, progress: Progress) -> Measured:
    """Score each picture as the line does. `full`: pixel figures at the first picture's own size.

    Raises SourceError, naming the picture, when one cannot be read or is of a size the method does not take, and
    RecipeError when the score of one is not finite.
    """
    scores, milliseconds, masked, digests = [], [], [], []
    first = load_picture(samples[0].picture).shape
    size = (first[1], first[0]) if full else PIXELS
    maps, masks = _room(len(samples), size, np.float32), _room(len(samples), size, np.bool_)
    meter = Meter()
    for n, sample in enumerate(samples):
        progress("scoring", n, len(samples))
        picture = load_picture(sample.picture)
        frame_size = (picture.shape[1], picture.shape[0])
        part = part_of(picture, n + 1, sample.name)
        begun = time.perf_counter()
        try:
            scored: ScoreMap | None = method.score(part)
        except Unlocated:
            scored = None
        except ValueError as error:
            raise SourceError(f"{sample.picture}: {error}") from error
        if scored is not None and not np.isfinite(scored.score):
            raise RecipeError(
                f"{sample.picture} scores {scored.score}, by {method.recipe_id}; no figure can come of it"
            )
        milliseconds.append((time.perf_counter() - begun) * 1e3)
        digests.append(picture_digest(picture))
        scores.append(np.nan if scored is None else scored.score)
        if scored is not None:
            maps[n] = pixel_map(scored, frame_size, size)
        mask = sample.read_mask(frame_size)
        masked.append(mask is not None and bool(mask.any() or not sample.defective))
        if mask is not None:
            masks[n] = _resized(mask, size)
    progress("scoring", len(samples), len(samples))
    found = np.array(scores, np.float64)
    unlocated = np.isnan(found)
    found[unlocated] = 1.01 * max(method.threshold, *found[~unlocated])
    return Measured(
        scores=found,
        labels=np.array([sample.defective for sample in samples]),
        maps=maps,
        masks=masks,
        masked=np.array(masked),
        milliseconds=np.array(milliseconds),
        digests=tuple(digests),
        others=meter.others(),
        unlocated=int(unlocated.sum()),
    )


def part_of(picture: Image, seq: int, name: str) -> Part:
    """A part whose picture is a whole file: as the line has it, without its times."""
    to_source = np.eye(2, 3, dtype=np.float32)
    return Part(seq=seq, part=name, exposed_ns=0, arrived_ns=0, image=picture, to_source=to_source)


Figures: TypeAlias = dict[str, Interval | None]
"""By name; None where the pictures do not allow a figure."""


def figures(measured: Measured) -> Figures:
    """The field's figures with 95 % intervals."""
    found: Figures = dict.fromkeys(FIGURES)
    scores, labels, masked = measured.scores, measured.labels, measured.masked
    if 0 < labels.sum() < len(labels):
        found["image_auroc"] = picture_interval(auroc, scores, labels)
        found["f1_max"] = picture_interval(lambda s, t: f1_max(s, t)[0], scores, labels)
    known = np.flatnonzero(masked)
    maps, masks, truth = [measured.maps[n] for n in known], [measured.masks[n] for n in known], labels[masked]
    if any(mask.any() for mask in masks):
        histograms, pixels = pixel_histograms(maps, masks), pixel_figures(maps, masks, LIMIT)
        found["pixel_auroc"] = pixel_interval(pixels.auroc, histograms, truth, 1.0, regions=False)
        found["partial_pixel_auroc"] = pixel_interval(pixels.partial_auroc, histograms, truth, LIMIT, regions=False)
        found["aupro"] = pixel_interval(pixels.aupro, histograms, truth, LIMIT, regions=True)
    return found


def _resized(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    return cv2.resize(mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)


def _room(count: int, size: tuple[int, int], dtype: type[np.generic]) -> NDArray[Any]:
    """Noughts [count, height, width], in memory or, where that would be much, on the disk; OSError when it is full."""
    shape = (count, size[1], size[0])
    if (wanted := math.prod(shape) * np.dtype(dtype).itemsize) <= IN_MEMORY:
        return np.zeros(shape, dtype)
    with tempfile.TemporaryFile() as file:
        os.posix_fallocate(file.fileno(), 0, wanted)  # a full disk is an error now, and would be the end of us later
        return np.asarray(np.memmap(file, dtype, "r+", shape=shape))
