"""The third method: a feature for each patch, compared with every patch of every good picture."""

from collections.abc import Sequence

from inspector.baselines.nearest_good import NearestGood
from inspector.messages import Image
from inspector.scoring.features import FeatureSpec
from inspector.scoring.progress import Progress
from inspector.scoring.runtime_openvino import OpenVinoFeatures

ORIGINAL_THRESHOLD = 4202.09**0.5
"""64.8: the original reported its square. It holds for a Wide-ResNet-50 on MVTec AD bottle alone."""


def full_bank(good: Sequence[Image], spec: FeatureSpec, threads: int, progress: Progress) -> NearestGood:
    """From good pictures uint8[H, W, 3] BGR of one size; the threshold is the original experiment's.

    threads: CPU threads of OpenVINO; 0: one per core. Raises RecipeError without a picture, for pictures of different
    sizes, and weights that cannot be had.
    """
    method = NearestGood(good, spec, spec.grid, OpenVinoFeatures(spec, threads), progress)
    method.threshold = ORIGINAL_THRESHOLD
    return method
