"""A contact sheet of good parts, the most unusual first: if a bad part slipped in among them, it is near the top."""

import math
from collections.abc import Sequence

import cv2
import numpy as np

from inspector.messages import Image

COLUMNS = 8
THUMBNAIL = 160
GAP = 10
CAPTION = 22
PAPER, INK = (250, 249, 247), (60, 56, 52)
MOST = 64
"""Parts on the sheet; of more, the most unusual ones."""


def contact_sheet(pictures: Sequence[Image], scores: Sequence[float], shown: Sequence[int] | None = None) -> Image:
    """One picture uint8[H, W, 3] of the parts, highest score first, each with its number and score below it.

    shown: the number of the part that each picture shows; of each part its most unusual picture is there. Without it
    each picture is a part, and they are counted from 1.
    """
    numbers = range(1, len(pictures) + 1) if shown is None else shown
    best = dict[int, int]()
    for n in sorted(range(len(pictures)), key=lambda n: -scores[n]):
        best.setdefault(numbers[n], n)
    order = list(best.values())[:MOST]
    columns = min(COLUMNS, len(order))
    thumbnails = [_fitted(pictures[n]) for n in order]
    tallest = max(thumbnail.shape[0] for thumbnail in thumbnails)
    step_x, step_y = THUMBNAIL + GAP, tallest + CAPTION + GAP
    rows = math.ceil(len(order) / columns)
    sheet = np.full((rows * step_y + GAP, columns * step_x + GAP, 3), PAPER, np.uint8)
    for place, n in enumerate(order):
        x, y = GAP + place % columns * step_x, GAP + place // columns * step_y
        height, width = thumbnails[place].shape[:2]
        top, left = y + (tallest - height) // 2, x + (THUMBNAIL - width) // 2
        sheet[top : top + height, left : left + width] = thumbnails[place]
        caption = f"part {numbers[n]}   " + (f"{scores[n]:.1f}" if math.isfinite(scores[n]) else "not found")
        cv2.putText(sheet, caption, (x, y + tallest + 16), cv2.FONT_HERSHEY_SIMPLEX, 0.42, INK, 1, cv2.LINE_AA)
    return sheet


def jpeg(picture: Image, quality: int = 90) -> bytes:
    """A picture as JPEG."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1])


def _fitted(picture: Image) -> Image:
    """The picture shrunk to fit a square of THUMBNAIL pixels."""
    scale = THUMBNAIL / max(picture.shape[:2])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
