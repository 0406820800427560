"""What a camera makes of light: shot noise, read noise, and a JPEG that leaves its blocks."""

from typing import Final

import cv2
import numpy as np

from inspector.messages import Image
from tools.rendering.noise import Field

ELECTRONS: Final = 6000
"""Of a pixel that is just white."""
READ_NOISE: Final = 0.004
JPEG: Final = 90


def sensed(light: Field, random: np.random.Generator) -> Image:
    """uint8[H, W, 3] from light float32[H, W] or [H, W, 3], 0 to 1; of grey light all channels are one."""
    light = np.clip(light * np.float32(1 + random.normal(0, 0.015)), 0, 1.2)
    noise = np.sqrt(light / np.float32(ELECTRONS) + np.float32(READ_NOISE**2))
    noisy = light + noise * random.standard_normal(light.shape, np.float32)
    taken = np.clip(255 * noisy, 0, 255).astype(np.uint8)
    kept, coded = cv2.imencode(".jpg", taken, [cv2.IMWRITE_JPEG_QUALITY, JPEG])
    assert kept
    seen = cv2.imdecode(coded, cv2.IMREAD_COLOR)
    assert seen is not None
    return seen.astype(np.uint8, copy=False)
