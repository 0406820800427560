"""What lies under an ignore mask is not shown to the network at all. Pure.

A network looks far beyond a patch: what is printed under a mask would raise scores outside of it. So each pixel under
the mask gets the colour of the nearest one that is not, before the network: the picture goes on without a step at the
mask's border, in the light that it was taken in, and two pictures that differ under the mask alone score the same.
"""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image

NO_MAP: Final = np.empty(0, np.int16)
"""OpenCV takes the places from one array here, not from two."""


class Fill:
    """Fills the pixels under a mask."""

    def __init__(self, hidden: NDArray[np.bool_]) -> None:
        """hidden: bool[H, W] over the network's input, true under the mask; something must be left outside of it."""
        _, nearest = cv2.distanceTransformWithLabels(
            hidden.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
        )
        places = np.argwhere(~hidden)[:, ::-1]  # x and y
        labels = nearest[~hidden]
        of_label = np.empty((len(labels) + 1, 2), np.int16)
        of_label[labels] = places
        self._from = of_label[nearest]
        """int16[H, W, 2]: the x and y of the pixel whose colour each one gets; its own where it is seen."""

    def __call__(self, picture: Image) -> Image:
        """A filled copy of a picture uint8[H, W, 3]."""
        return cv2.remap(picture, self._from, NO_MAP, cv2.INTER_NEAREST).astype(np.uint8, copy=False)


def hidden_pixels(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """The pixels bool[H, W] of a picture shrunk or enlarged to `size` (width, height) that anything masked goes into.

    One more on each side: pictures of another size than the mask's are resized by other weights.
    """
    touched = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0
    return cv2.dilate(touched.view(np.uint8), np.ones((3, 3), np.uint8)).astype(bool)
