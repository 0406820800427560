"""Where a part lies in its picture and how it is turned: brought to one pose, a small bank is enough. Pure.

The part is what differs from the colour at the border of the picture, the largest piece of it, holes filled. Its
centroid, its principal axis (from second moments, so to a fraction of a pixel) and its heavier end (the sign of the
third moment along the axis) are its pose. What a good part looks like is learnt from the good pictures; parts without
an axis, such as round ones, and pictures that the part fills are left as they are.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.errors import Unlocated
from inspector.messages import Affine, Image
from inspector.scoring.prepare import Rectangle

SIDE: Final = 256
"""Pictures are shrunk to this for finding the part; moments of so many pixels place it to a tenth of one."""
MARGIN: Final = 1.12
"""How much larger than the largest good part the canonical picture is."""
LEARN_FROM: Final = 60
"""Good pictures looked at; evenly spread over all."""
LEAST_ELONGATION: Final = 1.25
"""Ratio of the axes' lengths under which the direction of the longer one says little."""
LEAST_TURN: Final = math.radians(4)
"""Standard deviation of the angle under which the parts lie straight already."""
ALIKE: Final = 0.85
"""Brought to one pose, good pictures must differ from one another by at most this share of what they did before."""
SPREAD: Final = 0.3
"""Coefficient of variation of the area above which what was found is not the part."""
SLACK: Final = 0.35
"""How far beyond the good parts' areas a part may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locator:
    """How a part is found. Sizes are in pixels of the region's picture."""

    contrast: float
    """Euclidean distance (BGR) from the border's colour, above which a pixel belongs to the part."""
    area: tuple[float, float]
    """Least and greatest area that a part may have."""
    size: tuple[int, int]
    """Width and height of the canonical picture, the part's axis along its width."""
    directed: bool
    """Whether the part has a heavier end, which is turned to the right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """Where a part was found."""

    x: float
    y: float
    angle: float
    """Of the axis against the picture's x axis, in radians, towards y; to the heavier end where there is one."""
    area: float
    elongation: float
    """Ratio of the principal axes' lengths, 1 or more."""
    skew: float
    """Third standardised moment along the axis, 0 or more."""
    reach: tuple[float, float]
    """Extent along the axis and across it."""
    touches: bool
    """Whether the part reaches the border of the picture."""


def locate(image: Image, locator: Locator) -> Pose:
    """The part's pose in a picture uint8[H, W, 3]. Raises Unlocated, saying why, when there is no such part."""
    pose = find(image, locator.contrast)
    if pose is None:
        raise Unlocated(f"nothing in the picture differs by {locator.contrast:.0f} from its border")
    low, high = locator.area
    if not low <= pose.area <= high:
        raise Unlocated(f"what was found covers {pose.area:.0f} pixels, a part covers {low:.0f} to {high:.0f}")
    return pose


def find(image: Image, contrast: float) -> Pose | None:
    """The pose of the largest thing that differs from the border; None when nothing does."""
    difference, scale = _difference(image)
    above = cv2.morphologyEx((difference > contrast).astype(np.uint8), cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    outlines, _ = cv2.findContours(above, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not outlines:
        return None
    filled = cv2.drawContours(np.zeros_like(above), [max(outlines, key=cv2.contourArea)], -1, 1, -1)
    ys, xs = np.nonzero(filled)
    if len(xs) < 16:
        return None
    x, y = xs.mean(), ys.mean()
    moved = np.stack([xs - x, ys - y])
    spread = moved @ moved.T / len(xs)
    lengths, axes = np.linalg.eigh(spread)
    along, across = axes[:, 1] @ moved, axes[:, 0] @ moved
    skew = float(np.mean(along**3) / np.mean(along**2) ** 1.5)
    axis = axes[:, 1] if skew > 0 else -axes[:, 1]
    height, width = filled.shape
    return Pose(
        x=float(x + 0.5) * image.shape[1] / width,
        y=float(y + 0.5) * image.shape[0] / height,
        angle=math.atan2(axis[1], axis[0]),
        area=len(xs) / scale**2,
        elongation=math.sqrt(lengths[1] / max(lengths[0], 1e-9)),
        skew=abs(skew),
        reach=(float(2 * np.abs(along).max() / scale), float(2 * np.abs(across).max() / scale)),
        touches=bool(xs.min() == 0 or ys.min() == 0 or xs.max() == width - 1 or ys.max() == height - 1),
    )


def canonical_to_picture(pose: Pose, locator: Locator) -> NDArray[np.float64]:
    """The affine float64[2, 3] from the canonical picture's pixels to the picture's, both from corners."""
    angle = pose.angle if locator.directed else _upright(pose.angle)
    return _placing(pose, angle, locator.size)


def bring(image: Image, to_picture: NDArray[np.float64], size: tuple[int, int]) -> Image:
    """The canonical picture uint8[height, width, 3]; what lies outside of the picture has its border's colour."""
    centres = to_picture.copy()
    centres[:, 2] += centres[:, :2] @ (0.5, 0.5) - 0.5  # warpAffine counts from pixel centres
    border = [float(value) for value in _border(image)]
    brought = cv2.warpAffine(image, centres, size, flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderValue=border)
    return brought.astype(np.uint8, copy=False)


def chained(part_to_source: Affine, to_picture: NDArray[np.float64]) -> Affine:
    """First to the picture, then from there to the source: float32[2, 3]."""
    whole: Affine = (part_to_source.astype(np.float64) @ np.vstack([to_picture, (0, 0, 1)])).astype(np.float32)
    return whole


def learn(pictures: Sequence[Image], region: Rectangle) -> Locator | None:
    """A locator for the parts in a region of good pictures; None where it would not help.

    It helps parts that lie turned, have an axis, and look alike once they are turned straight.
    """
    step = max(1, len(pictures) // LEARN_FROM)
    x, y, width, height = region
    looked_at = [pictures[n][y : y + height, x : x + width] for n in range(0, len(pictures), step)]
    contrast = float(np.median([_otsu(_difference(image)[0]) for image in looked_at]))
    poses = [find(image, contrast) for image in looked_at]
    found = [pose for pose in poses if pose is not None]
    if len(found) < len(poses) or not _one_kind(found):
        return None
    angles = np.array([pose.angle for pose in found])
    if 1 - abs(np.exp(2j * angles).mean()) < 2 * LEAST_TURN**2:  # of the axis, which is the same after half a turn
        return None
    areas = [pose.area for pose in found]
    reach = np.array([pose.reach for pose in found]).max(axis=0) * MARGIN
    locator = Locator(
        contrast=round(contrast, 2),
        area=(round(min(areas) * (1 - SLACK), 1), round(max(areas) * (1 + SLACK), 1)),
        size=(math.ceil(reach[0]), math.ceil(reach[1])),
        directed=bool(np.percentile([pose.skew for pose in found], 5) > 0.05),
    )
    turned = [bring(i, canonical_to_picture(p, locator), locator.size) for i, p in zip(looked_at, found, strict=True)]
    square = (max(locator.size),) * 2
    moved = [bring(i, _placing(p, 0.0, square), square) for i, p in zip(looked_at, found, strict=True)]
    return locator if _deviation(turned) <= ALIKE * _deviation(moved) else None


def _one_kind(found: Sequence[Pose]) -> bool:
    """Whether these are parts of one kind, each whole in its picture and with an axis."""
    areas = np.array([pose.area for pose in found])
    return bool(
        areas.std() <= SPREAD * areas.mean()
        and np.mean([pose.touches for pose in found]) <= 0.01
        and np.percentile([pose.elongation for pose in found], 5) >= LEAST_ELONGATION
    )


def _placing(pose: Pose, angle: float, size: tuple[int, int]) -> NDArray[np.float64]:
    cosine, sine = math.cos(angle), math.sin(angle)
    turn = np.array([[cosine, -sine], [sine, cosine]])
    centre = np.array([pose.x, pose.y]) - turn @ (size[0] / 2, size[1] / 2)
    return np.hstack([turn, centre[:, None]])


def _upright(angle: float) -> float:
    """The same axis within a quarter turn of the x axis."""
    return (angle + math.pi / 2) % math.pi - math.pi / 2


def _difference(image: Image) -> tuple[NDArray[np.float32], float]:
    """The shrunk picture's distance float32[h, w] from its border's colour, and the scale it was shrunk by."""
    scale = min(1.0, SIDE / max(image.shape[:2]))
    size = max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    smooth = cv2.GaussianBlur(small, (0, 0), 1.0).astype(np.float32)
    difference: NDArray[np.float32] = np.linalg.norm(smooth - _border(small), axis=2).astype(np.float32)
    return difference, scale


def _border(image: Image) -> NDArray[np.float32]:
    """The usual colour float32[3] at the border of a picture."""
    edges = [image[:2].reshape(-1, 3), image[-2:].reshape(-1, 3), image[:, :2].reshape(-1, 3)]
    edges.append(image[:, -2:].reshape(-1, 3))
    colour: NDArray[np.float32] = np.median(np.concatenate(edges), axis=0).astype(np.float32)
    return colour


def _otsu(difference: NDArray[np.float32]) -> float:
    """The level that parts a picture's differences best into two kinds (N. Otsu, 1979)."""
    level, _ = cv2.threshold(np.clip(difference, 0, 255).astype(np.uint8), 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return float(level)


def _deviation(pictures: Sequence[Image]) -> float:
    """How much pictures of one size differ from one another, per pixel."""
    stack = np.stack([cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA) for picture in pictures])
    return float(stack.astype(np.float32).std(axis=0).mean())
