"""The second method: one feature a picture, its backbone's blocks each averaged over the whole picture.

It sees what a picture shows, but a defect of a few pixels drowns in the average; and it cannot say where: its map is
the score, all over. Of a Wide-ResNet-50 the blocks at strides 4, 8 and 16 give 1792 numbers.
"""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from inspector.baselines.nearest_good import NearestGood
from inspector.messages import Image
from inspector.scoring.calibrate import highest_good
from inspector.scoring.features import FeatureSpec
from inspector.scoring.network import patch_network
from inspector.scoring.progress import Progress


def global_feature(good: Sequence[Image], spec: FeatureSpec, threads: int, progress: Progress) -> NearestGood:
    """From good pictures uint8[H, W, 3] BGR of one size; the threshold is the highest distance of one to the others.

    threads: CPU threads of torch; 0 leaves them as they are. Raises RecipeError for fewer than two pictures, pictures
    of different sizes, and weights that cannot be had.
    """
    if threads:
        torch.set_num_threads(threads)
    network = patch_network(spec)

    @torch.inference_mode()
    def pooled(picture: Image) -> NDArray[np.float32]:
        maps = network.maps(torch.tensor(picture).unsqueeze(0))
        return np.concatenate([block.mean(dim=(2, 3)).numpy() for block in maps], axis=1)

    method = NearestGood(good, spec, (1, 1), pooled, progress)
    method.threshold = highest_good(method.to_another()).value
    return method
