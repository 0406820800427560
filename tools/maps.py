"""Pictures to look at: part, mask and heat map side by side, and a sheet of the worst."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.messages import Image
from inspector.sources.images import read_picture
from tools.dataset import Sample
from tools.measure import Measured

SIDE = 320
GAP = 8
CAPTION = 30
PAPER, INK, ALARM = (250, 249, 247), (60, 56, 52), (40, 40, 200)
WORST = 8
"""Misses and false rejects on the sheet, of each the nearest to being right last."""


def write_maps(folder: Path, samples: Sequence[Sample], measured: Measured, threshold: float) -> None:
    """Write `<kind>-<name>.jpg` for each, and `worst.jpg`: the worst misses left, the worst false rejects right.

    Where there are none, the sheet shows the defective parts with the lowest and the good ones with the highest score.
    """
    folder.mkdir(parents=True, exist_ok=True)
    strips = {}
    for n, sample in enumerate(samples):
        strips[n] = _strip(sample, measured.maps[n], measured.masks[n], float(measured.scores[n]), threshold)
        cv2.imwrite(str(folder / f"{sample.name.replace('/', '-')}.jpg"), strips[n])
    order = np.argsort(measured.scores)
    low = [int(n) for n in order if measured.labels[n]][:WORST]
    high = [int(n) for n in order[::-1] if not measured.labels[n]][:WORST]
    columns = [np.vstack([strips[n] for n in chosen]) for chosen in (low, high) if chosen]
    tallest = max(column.shape[0] for column in columns)
    padded = [_padded(column, tallest) for column in columns]
    cv2.imwrite(str(folder / "worst.jpg"), np.hstack(padded))


def _strip(sample: Sample, heat: NDArray[np.float32], mask: NDArray[np.bool_], score: float, threshold: float) -> Image:
    picture = cv2.resize(read_picture(sample.picture), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    truth = cv2.resize(mask.astype(np.uint8) * 255, (SIDE, SIDE), interpolation=cv2.INTER_NEAREST)
    level = np.clip(heat / (2 * threshold) * 255, 0, 255).astype(np.uint8)
    colours = cv2.applyColorMap(cv2.resize(level, (SIDE, SIDE)), cv2.COLORMAP_INFERNO)
    shown = cv2.addWeighted(picture, 0.45, colours, 0.55, 0)
    outline, _ = cv2.findContours(truth, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    cv2.drawContours(shown, outline, -1, (255, 255, 255), 1, cv2.LINE_AA)
    strip = np.full((SIDE + CAPTION + GAP, 3 * (SIDE + GAP), 3), PAPER, np.uint8)
    for place, tile in enumerate((picture, cv2.cvtColor(truth, cv2.COLOR_GRAY2BGR), shown)):
        strip[CAPTION : CAPTION + SIDE, place * (SIDE + GAP) : place * (SIDE + GAP) + SIDE] = tile
    wrong = (score > threshold) != sample.defective
    words = f"{sample.name}   score {score:.1f}, threshold {threshold:.1f}"
    if wrong:
        words += "   MISSED" if sample.defective else "   FALSE REJECT"
    cv2.putText(strip, words, (4, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, ALARM if wrong else INK, 1, cv2.LINE_AA)
    return strip


def _padded(column: NDArray[np.uint8], height: int) -> NDArray[np.uint8]:
    blank = np.full((height - column.shape[0], column.shape[1], 3), PAPER, np.uint8)
    return np.vstack([column, blank])
