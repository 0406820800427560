"""Footage as it would be in worse conditions: a camera that shakes, light that changes, a belt that backs up. Pure.

Each takes pictures uint8[H, W, 3] and gives as many, but for `backing_up`, which shows some more than once.
"""

from collections.abc import Iterable, Iterator, Sequence

import cv2
import numpy as np

from inspector.messages import Image


def shaken(pictures: Iterable[Image], pixels: int, seed: int = 0) -> Iterator[Image]:
    """Each moved by up to so many pixels, another way each time."""
    random = np.random.default_rng(seed)
    for picture in pictures:
        x, y = random.integers(-pixels, pixels + 1, 2).tolist()
        move, size = np.array([[1, 0, x], [0, 1, y]], np.float32), (picture.shape[1], picture.shape[0])
        yield np.asarray(cv2.warpAffine(picture, move, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)


def smeared(pictures: Iterable[Image], pixels: int) -> Iterator[Image]:
    """As by a belt that moves so many pixels while the shutter is open."""
    for picture in pictures:
        yield np.asarray(cv2.blur(picture, (pixels, 1)), np.uint8)


def glaring(pictures: Iterable[Image], levels: float) -> Iterator[Image]:
    """A soft reflex of the lamp that stands in the middle of the upper half."""
    glare = None
    for picture in pictures:
        if glare is None:
            height, width = picture.shape[:2]
            spot = np.zeros((height, width), np.float32)
            cv2.ellipse(spot, (width // 2, height // 4), (width // 7, height // 9), 0, 0, 360, levels, -1)
            glare = np.asarray(cv2.GaussianBlur(spot, (0, 0), width / 30), np.float32)[..., None]
        yield np.clip(picture + glare, 0, 255).astype(np.uint8)


def exposed(pictures: Iterable[Image], gain: float, since: int) -> Iterator[Image]:
    """The camera takes another exposure from a frame on."""
    for n, picture in enumerate(pictures):
        yield np.asarray(cv2.convertScaleAbs(picture, alpha=gain), np.uint8) if n >= since else picture


def shaded(pictures: Iterable[Image], depth: float, width: int, step: float) -> Iterator[Image]:
    """A shadow with soft edges, that many pixels wide, over everything; it moves so many pixels a frame, once."""
    for n, picture in enumerate(pictures):
        from_middle = np.arange(picture.shape[1], dtype=np.float32) + width - step * n
        inside = 1 / (1 + np.exp(np.clip((np.abs(from_middle) - width / 2) / 8, -30, 30)))
        yield np.asarray(picture * (1 - depth * inside)[None, :, None], np.uint8)


def backing_up(pictures: Sequence[Image], *turns: tuple[int, int]) -> Iterator[Image]:
    """The belt goes to the frame `to`, back to the frame `until`, and on, at each turn (to, until)."""
    at = 0
    for to, until in turns:
        yield from pictures[at:to]
        yield from pictures[to:until:-1]
        at = until
    yield from pictures[at:]


def noisy(pictures: Iterable[Image], levels: float) -> Iterator[Image]:
    """A camera's noise, of so many levels (standard deviation), in four different pictures of it."""
    grain = None
    for n, picture in enumerate(pictures):
        if grain is None:
            grain = np.random.default_rng(0).normal(0, levels, (4, *picture.shape)).astype(np.float32)
        yield np.clip(picture + grain[n % 4], 0, 255).astype(np.uint8)


def recompressed(pictures: Iterable[Image], quality: int) -> Iterator[Image]:
    """Through JPEG of that quality."""
    for picture in pictures:
        coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
        yield np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)


def lit(pictures: Iterable[Image], gain: float) -> Iterator[Image]:
    """In so many times as much light."""
    return exposed(pictures, gain, 0)


def turned(pictures: Iterable[Image]) -> Iterator[Image]:
    """The travel, from left to right, is from top to bottom."""
    return (np.ascontiguousarray(picture.transpose(1, 0, 2)) for picture in pictures)


def seen_from(side: int, pictures: Iterable[Image]) -> Iterator[Image]:
    """As from a camera beside the belt, on the left (-1) or right (1): what is nearer to it looks a fifth larger."""
    for picture in pictures:
        height, width = picture.shape[:2]
        corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
        near = corners.copy()
        near[[0, 3] if side > 0 else [1, 2], 1] += np.array([0.1, -0.1], np.float32) * height
        matrix = cv2.getPerspectiveTransform(corners, near)
        size = (width, height)
        yield np.asarray(cv2.warpPerspective(picture, matrix, size, borderMode=cv2.BORDER_REPLICATE), np.uint8)
