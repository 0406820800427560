"""What the desk's pictures are drawn with: tiles of one size, heat over a part as the viewer shows it, captions."""

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image

PAPER, INK, FAINT = (250, 249, 247), (52, 46, 40), (150, 143, 136)
FAIL = (8, 44, 191)
TRUTH = (60, 200, 255)
"""The defect as it was drawn by hand. Colours are BGR."""

STARTS, FULL, ENDS = 0.6, 1.1, 2.0
"""Scores in thresholds: from where heat is seen, from where in full, and where the colours end."""
LINE_HEIGHT = 24


def fitted(picture: Image, size: tuple[int, int]) -> Image:
    """The picture shrunk or enlarged into a tile of `size` (width, height), its shape kept, on paper."""
    width, height = size
    scale = min(width / picture.shape[1], height / picture.shape[0])
    inner = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    resized = cv2.resize(picture, inner, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    tile = blank(size)
    left, top = (width - inner[0]) // 2, (height - inner[1]) // 2
    tile[top : top + inner[1], left : left + inner[0]] = resized
    return tile


def heated(picture: Image, heat: NDArray[np.float32], threshold: float) -> Image:
    """The picture with its heat float32[h, w] over it, and a line around what lies above the threshold.

    Little heat is left out, so that the part stays to be seen; the line is where the score reaches the threshold.
    """
    larger = cv2.resize(heat, picture.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    level = np.asarray(larger / max(threshold, 1e-9), np.float32)
    rise = np.clip((level - STARTS) / (FULL - STARTS), 0, 1)
    alpha = (0.85 * rise * rise * (3 - 2 * rise))[:, :, None]
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR)
    shown: Image = ((1 - alpha) * grey + alpha * _coloured(level)).round().astype(np.uint8)
    outlined(shown, level > 1, FAIL)
    return shown


def outlined(picture: Image, mask: NDArray[np.bool_], colour: tuple[int, int, int]) -> None:
    """Draw a line around the regions of a mask of the picture's size, on a darker one, to be seen on any ground."""
    outline, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(picture, outline, -1, (30, 30, 30), 3, cv2.LINE_AA)
    cv2.drawContours(picture, outline, -1, colour, 1, cv2.LINE_AA)


def truth_over(picture: Image, mask: NDArray[np.bool_]) -> Image:
    """The picture in pale grey with its defective pixels filled."""
    grey = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), cv2.COLOR_GRAY2BGR) * 0.35 + 60
    marked = np.where(resized_mask(mask, picture.shape[1::-1])[:, :, None], np.array(TRUTH), grey)
    return marked.round().astype(np.uint8)


def resized_mask(mask: NDArray[np.bool_], size: tuple[int, int]) -> NDArray[np.bool_]:
    """To the nearest pixel of `size` (width, height)."""
    return cv2.resize(mask.view(np.uint8), size, interpolation=cv2.INTER_NEAREST).astype(bool)


def blank(size: tuple[int, int], words: str = "") -> Image:
    """A tile of paper with words in its middle."""
    tile = np.full((size[1], size[0], 3), PAPER, np.uint8)
    if words:
        width = cv2.getTextSize(words, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)[0][0]
        write(tile, words, ((size[0] - width) // 2, size[1] // 2), FAINT)
    return tile


def write(
    picture: Image, words: str, place: tuple[int, int], colour: tuple[int, int, int] = INK, size: float = 0.5
) -> None:
    """Words in ASCII whose first letter stands at a place."""
    cv2.putText(picture, words, place, cv2.FONT_HERSHEY_SIMPLEX, size, colour, 1, cv2.LINE_AA)


def colour_bar(width: int) -> Image:
    """A line that explains the colours, LINE_HEIGHT high."""
    bar = blank((width, LINE_HEIGHT))
    stripe, left = 220, 290
    write(bar, "score / threshold:   below 0.6 clear", (4, 16), INK, 0.45)
    ramp = np.tile(np.linspace(STARTS, ENDS, stripe, dtype=np.float32), (10, 1))
    bar[7:17, left : left + stripe] = _coloured(ramp).astype(np.uint8)
    at = left + round((1 - STARTS) / (ENDS - STARTS) * stripe)
    bar[4:20, at] = INK
    write(bar, "2 and more", (left + stripe + 8, 16), INK, 0.45)
    write(bar, "line: above the threshold", (left + stripe + 130, 16), FAIL, 0.45)
    swatch = left + stripe + 350
    bar[7:17, swatch : swatch + 16] = TRUTH
    write(bar, "the true defect", (swatch + 24, 16), INK, 0.45)
    return bar


def _coloured(level: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Plasma (Smith and van der Walt, CC0) from STARTS to ENDS: equal steps look equal, also without colour vision."""
    place = np.clip((level - STARTS) / (ENDS - STARTS) * 255, 0, 255).astype(np.uint8)
    return np.asarray(cv2.applyColorMap(place, cv2.COLORMAP_PLASMA), np.uint8)
