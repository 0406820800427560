"""What the network sees of a part's picture: its region, brought to one pose where the recipe has a locator."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from inspector.messages import Affine, Image
from inspector.scoring.features import FeatureSpec
from inspector.scoring.fill import Fill
from inspector.scoring.locator import Finder, bring, chained
from inspector.scoring.prepare import Rectangle, grid_to_source, prepare

UNMOVED: Final[Affine] = np.eye(2, 3, dtype=np.float32)
"""Of a picture that is the source's frame itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The one way from a part's picture to the network's input, for fitting, evaluation and the line."""

    region: Rectangle | None
    finder: Finder | None
    features: FeatureSpec
    fill: Fill | None = None
    """Of what lies under the ignore mask; never with a locator."""

    def look(self, image: Image, to_source: Affine) -> tuple[Image, Affine]:
        """The network's input uint8[height, width, 3], and the affine from its patch grid to source pixels.

        Raises Unlocated when the part is not found.
        """
        size = (image.shape[1], image.shape[0])
        grid = self.features.grid
        if self.finder is None:
            affine = grid_to_source(to_source, self.region or (0, 0, *size), grid)
            picture = self._prepared(image, self.region)
            return picture if self.fill is None else self.fill(picture), affine
        x, y, width, height = self.region or (0, 0, *size)
        image = image[y : y + height, x : x + width]
        to_picture, canonical_size = self.finder.locate(image), self.finder.locator.size
        canonical = bring(image, to_picture, canonical_size)
        in_part = chained(to_source, np.array([[1, 0, x], [0, 1, y]], np.float64))
        affine = grid_to_source(chained(in_part, to_picture), (0, 0, *canonical_size), grid)
        return self._prepared(canonical, None), affine

    def _prepared(self, image: Image, region: Rectangle | None) -> Image:
        return prepare(image, region, self.features.input_size, self.features.halvings)
