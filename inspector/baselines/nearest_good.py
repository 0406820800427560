"""Every feature of every good picture kept, none chosen: what a part is compared with before there was subsampling."""

import hashlib
import json
from collections.abc import Callable, Sequence

import faiss
import numpy as np
from numpy.typing import NDArray

from inspector.errors import RecipeError
from inspector.messages import Image, Part, ScoreMap
from inspector.scoring.features import FeatureSpec
from inspector.scoring.prepare import grid_to_source, prepare
from inspector.scoring.progress import Progress
from inspector.scoring.recipe import ID_LENGTH

Extract = Callable[[Image], NDArray[np.float32]]
"""uint8[H, W, 3] BGR of the network's input size to features float32[h * w, C] on the grid."""


class NearestGood:
    """Scores parts by the Euclidean distance of their worst feature to the nearest of the good pictures'.

    The distances come from a FAISS flat index, which gives their squares; those of the original experiments were never
    rooted. Not for several threads at once.
    """

    def __init__(
        self, good: Sequence[Image], spec: FeatureSpec, grid: tuple[int, int], extract: Extract, progress: Progress
    ) -> None:
        """grid: width and height of the features' grid.

        Raises RecipeError without a picture, for pictures of different sizes, or for features that are not finite.
        """
        if not good:
            raise RecipeError("no good pictures to compare with")
        self._spec, self._grid, self._extract = spec, grid, extract
        first = good[0]
        self._frame_size = (first.shape[1], first.shape[0])
        features = []
        for n, picture in enumerate(good):
            progress("features", n, len(good))
            try:
                features.append(self._features(picture))
            except ValueError as error:
                raise RecipeError(f"good pictures differ in size: {error}") from error
        progress("features", len(good), len(good))
        self.bank = np.concatenate(features)
        """float32[n, C]."""
        if not np.isfinite(self.bank).all():
            raise RecipeError("the backbone gave features that are not finite (NaN or infinity)")
        self._index = faiss.IndexFlatL2(self.bank.shape[1])
        self._index.add(self.bank)
        self.runtime = f"FAISS {faiss.__version__}, flat, on the CPU"
        self.threshold = float("inf")

    @property
    def recipe_id(self) -> str:
        """Hash of the features' definition, the bank and the threshold."""
        digest = hashlib.sha256(json.dumps([self._spec.identity(), self._grid, self.threshold]).encode())
        digest.update(self.bank.tobytes())
        return digest.hexdigest()[:ID_LENGTH]

    def score(self, part: Part) -> ScoreMap:
        """The part's score map on the grid. Raises ValueError for a picture of another size than the good ones'."""
        squared, rows = self._index.search(self._features(part.image), 1)
        width, height = self._grid
        patch_scores = np.sqrt(np.maximum(squared, 0)).reshape(height, width)
        return ScoreMap(
            seq=part.seq,
            patch_scores=patch_scores,
            score=float(patch_scores.max()),
            nearest=rows.astype(np.int32).reshape(height, width),
            to_source=grid_to_source(part.to_source, (0, 0, *self._frame_size), self._grid),
        )

    def to_another(self) -> NDArray[np.float32]:
        """float32[n]: the distance of each vector of the bank to the nearest other one."""
        if len(self.bank) < 2:
            raise RecipeError("one good picture has no other to compare it with")
        squared, _ = self._index.search(self.bank, 2)
        distances: NDArray[np.float32] = np.sqrt(np.maximum(squared[:, 1], 0))
        return distances

    def _features(self, picture: Image) -> NDArray[np.float32]:
        size = (picture.shape[1], picture.shape[0])
        if size != self._frame_size:
            width, height = self._frame_size
            raise ValueError(f"picture of {size[0]} × {size[1]}, the good ones are {width} × {height}")
        return np.ascontiguousarray(self._extract(prepare(picture, None, self._spec.input_size, self._spec.halvings)))
