"""Drawn keys: parts with an axis and a heavier end, lying anywhere and turned any way."""

import math

import cv2
import numpy as np

from inspector.messages import Image

SIZE = (320, 240)


def key(seed: int, turned: float | None = None, scratched: bool = False) -> tuple[Image, np.ndarray]:
    """The picture, and the affine float64[2, 3] from the key lying straight around (0, 0), bow to the right, to it."""
    random = np.random.default_rng(seed)
    angle = random.uniform(-math.pi, math.pi) if turned is None else turned
    place = np.array([SIZE[0] / 2, SIZE[1] / 2]) + random.uniform(-15, 15, 2)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    straight = np.full((4 * SIZE[1], 4 * SIZE[0], 3), 50, np.uint8)
    middle = np.array([2 * SIZE[0], 2 * SIZE[1]])

    def at(x: float, y: float) -> tuple[int, int]:
        return int(middle[0] + 4 * x), int(middle[1] + 4 * y)

    cv2.rectangle(straight, at(-70, -8), at(40, 8), (170, 180, 185), -1)
    for tooth in (-64, -46, -28):
        cv2.rectangle(straight, at(tooth, 8), at(tooth + 8, 16), (170, 180, 185), -1)
    cv2.circle(straight, at(50, 0), 4 * 30, (165, 175, 180), -1)
    cv2.circle(straight, at(58, 0), 4 * 8, (50, 50, 50), -1)
    if scratched:
        cv2.line(straight, at(-20, -5), at(0, 4), (60, 60, 70), 14)
    corner = place + 0.5 - turn @ (0.125, 0.125)  # warpAffine counts from pixel centres, our affines from corners
    affine = np.hstack([turn, corner[:, None]])
    to_picture = np.hstack([turn / 4, (place - turn @ (middle / 4))[:, None]])
    picture = cv2.warpAffine(
        cv2.GaussianBlur(straight, (0, 0), 2.5), to_picture, SIZE, flags=cv2.INTER_LINEAR, borderValue=(50, 50, 50)
    )
    noisy = picture + random.normal(0, 3, picture.shape)
    return np.clip(noisy, 0, 255).astype(np.uint8), affine
