"""Pictures to look at: part, true defect and heat side by side, and a sheet of the worst."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from inspector.messages import Image
from inspector.scoring.contact_sheet import jpeg
from tools.command import writing
from tools.dataset import Sample, load_picture
from tools.drawing import (
    FAIL,
    INK,
    LINE_HEIGHT,
    PAPER,
    TRUTH,
    blank,
    colour_bar,
    fitted,
    heated,
    outlined,
    resized_mask,
    truth_over,
    write,
)
from tools.measure import Measured

LONG_SIDE = 320
GAP = 8
WORST = 6
"""Misses and false rejects on the sheet, of each the nearest to being right last."""


def write_maps(folder: Path, samples: Sequence[Sample], measured: Measured, threshold: float) -> None:
    """Write `<kind>-<name>.jpg` for each, and `worst.jpg`: the worst misses left, the worst false rejects right.

    Where they are few, the sheet goes on with the parts that came nearest to being one.
    """
    folder.mkdir(parents=True, exist_ok=True)
    order = [int(n) for n in np.argsort(measured.scores, kind="stable")]
    low = [n for n in order if measured.labels[n]][:WORST]
    high = [n for n in order[::-1] if not measured.labels[n]][:WORST]
    kept = {}
    for n, sample in enumerate(samples):
        strip = _strip(sample, n, measured, threshold)
        _save(folder / f"{sample.name.replace('/', '-')}.jpg", strip)
        if n in low or n in high:
            kept[n] = strip
    failed = measured.scores > threshold
    missed, rejected = ~failed & measured.labels, failed & ~measured.labels
    columns = [
        _column([kept[n] for n in chosen], _told(what, int(wrong.sum()), int(of.sum()), threshold))
        for chosen, what, wrong, of in (
            (low, "defective parts missed", missed, measured.labels),
            (high, "good parts rejected", rejected, ~measured.labels),
        )
        if chosen
    ]
    tallest = max(column.shape[0] for column in columns)
    sheet = np.hstack([_padded(column, tallest) for column in columns])
    margin = (2 * GAP, 2 * GAP, 2 * GAP, 2 * GAP)
    whole = np.vstack([colour_bar(sheet.shape[1]), sheet])
    framed = cv2.copyMakeBorder(whole, *margin, borderType=cv2.BORDER_CONSTANT, value=PAPER)
    _save(folder / "worst.jpg", np.asarray(framed, np.uint8))


def look(sample: Sample, n: int, measured: Measured, threshold: float, long_side: int) -> Image:
    """The heat over the n-th part, the true defect around it, as large as fits a square of `long_side`."""
    picture = load_picture(sample.picture)
    tile = fitted(picture, _tile_size(picture, long_side))
    shown = heated(tile, measured.maps[n], threshold)
    outlined(shown, resized_mask(measured.masks[n], shown.shape[1::-1]), TRUTH)
    return shown


def _strip(sample: Sample, n: int, measured: Measured, threshold: float) -> Image:
    picture = load_picture(sample.picture)
    size = _tile_size(picture, LONG_SIDE)
    part = fitted(picture, size)
    if not sample.defective:
        truth = blank(size, "good: no defect")
    elif not measured.masked[n]:
        truth = blank(size, "no mask of this defect")
    else:
        truth = truth_over(part, measured.masks[n])
    tiles = (part, truth, look(sample, n, measured, threshold, LONG_SIDE))
    strip = blank((len(tiles) * (size[0] + GAP), LINE_HEIGHT + size[1] + GAP))
    for place, tile in enumerate(tiles):
        left = place * (size[0] + GAP)
        strip[LINE_HEIGHT : LINE_HEIGHT + size[1], left : left + size[0]] = tile
    score = float(measured.scores[n])
    words, colour = f"{sample.name}   score {score:.1f}, threshold {threshold:.1f}: ", INK
    if (score > threshold) == sample.defective:
        words += "rejected, rightly" if sample.defective else "passed, rightly"
    else:
        words, colour = words + ("MISSED" if sample.defective else "FALSE REJECT"), FAIL
    write(strip, words, (4, 17), colour)
    return strip


def _told(what: str, wrong: int, of: int, threshold: float) -> str:
    rest = "the worst first" if wrong >= WORST else "then those nearest to it" if wrong else "these came nearest to it"
    return f"{wrong} of {of} {what} at threshold {threshold:.1f}; {rest}"


def _column(strips: Sequence[Image], heading: str) -> Image:
    width = max(strip.shape[1] for strip in strips)
    top = blank((width, LINE_HEIGHT + GAP))
    write(top, heading, (4, 18), INK, 0.6)
    wide = [np.hstack([strip, blank((width - strip.shape[1], strip.shape[0]))]) for strip in strips]
    return np.vstack([top, *wide])


def _padded(column: Image, height: int) -> Image:
    return np.vstack([column, blank((column.shape[1], height - column.shape[0]))])


def _tile_size(picture: Image, long_side: int) -> tuple[int, int]:
    """Width and height that keep the picture's shape; a very thin one is given room, so that its words fit."""
    height, width = picture.shape[:2]
    scale = long_side / max(height, width)
    return max(long_side // 2, round(width * scale)), max(long_side // 8, round(height * scale))


def _save(path: Path, picture: Image) -> None:
    with writing(path):
        path.write_bytes(jpeg(picture))
