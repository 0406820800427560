"""The score map in pixels: to be shown, or measured per pixel."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import ScoreMap


def pixel_map(
    scored: ScoreMap, frame_size: tuple[int, int], size: tuple[int, int], smoothing: float = 0.0
) -> NDArray[np.float32]:
    """The score map of a frame (width, height), upsampled bicubically to float32[height, width] of `size`.

    smoothing: standard deviation of a Gaussian, as a share of the width; the usual 4 pixels at 256 cost AUPRO, so there
    is none by default. What lies outside the region that was judged is 0.
    """
    scale = np.diag([size[0] / frame_size[0], size[1] / frame_size[1]])
    to_pixels = scale @ scored.to_source.astype(np.float64)
    # warpAffine counts from pixel centres, our affines from corners: move by half a pixel on both sides
    to_pixels[:, 2] += to_pixels[:, :2] @ (0.5, 0.5) - 0.5
    heat = cv2.warpAffine(scored.patch_scores, to_pixels, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    if smoothing > 0:
        heat = cv2.GaussianBlur(heat, (0, 0), smoothing * size[0], borderType=cv2.BORDER_REPLICATE)
    judged = np.zeros(size[::-1], np.uint8)
    height, width = scored.patch_scores.shape
    corners = np.array([[0, 0, 1], [width, 0, 1], [width, height, 1], [0, height, 1]]) @ (scale @ scored.to_source).T
    cv2.fillConvexPoly(judged, np.round(corners - 0.5).astype(np.int32), 1)
    return np.where(judged > 0, heat, np.float32(0))
