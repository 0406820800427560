"""The camera: glare, vignetting, exposure, tone curve and the sensor's noise. Linear light in, a picture out."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image


def expose(light: NDArray[np.float32], gain: float, rng: np.random.Generator) -> Image:
    """uint8[H, W, 3] (BGR) from linear light of the same shape, 1 being white at a gain of 1."""
    height, width = light.shape[:2]
    glare = cv2.GaussianBlur(np.maximum(light - 0.75, 0), (0, 0), 5.0)
    sharp = cv2.GaussianBlur(light, (0, 0), 0.6)  # the lens
    x = (np.arange(width, dtype=np.float32) - width / 2) / (width / 2)
    y = ((np.arange(height, dtype=np.float32) - height / 2) / (width / 2))[:, None]
    vignette = 1 / (1 + 0.16 * (x * x + y * y)) ** 2
    linear = np.maximum((sharp * 0.97 + 0.22 * glare) * vignette[..., None] * np.float32(gain), 0)
    noise = rng.standard_normal(light.shape, np.float32)
    linear += noise * np.sqrt(2.2e-6 + 1.1e-4 * linear)  # read-out and photons
    tone = np.maximum(linear, 0) / (1 + np.maximum(linear, 0) * 0.55) * 1.42  # a soft shoulder for highlights
    return np.clip(255 * np.power(np.minimum(tone, 1), 1 / 2.2) + 0.5, 0, 255).astype(np.uint8)
