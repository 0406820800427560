"""The picture for people: the part as JPEG, its score map, its defects' outlines. Off the verdict path."""

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from inspector.line.decide import Judgement
from inspector.line.identity import Identity
from inspector.line.scorer import Scorer
from inspector.messages import Affine, Image, Overlay, Scene, ScoreMap
from inspector.scoring.score import regions

JPEG_QUALITY: Final = 85
LONG_SIDE: Final = 1280
"""A larger picture is scaled down to this, in pixels: more than a web page shows."""
ENLARGED: Final = 8
"""The patch mask is enlarged so many times before it is traced, and rounded, since a defect has no square corners."""
OUTLINE_LIMIT: Final = 64
"""Most outlines drawn, the worst defects first."""

Outline = tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A judged part to be shown: a copy of its picture, since its slot in the ring goes back."""

    seq: int
    part: str
    image: Image
    to_source: Affine
    judgement: Judgement
    scorer: Scorer
    """By which it was judged."""
    scored: ScoreMap | None
    """None when the part has no score map."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The newest frame, uint8[H, W, 3], and where its parts are, if the trigger follows them."""

    image: Image
    scene: Scene | None = None


def draw(shown: Shown | Preview, identity: Identity) -> Overlay:
    """The message for one picture; raises ValueError for one that cannot be encoded."""
    jpeg, (width, height) = _encode(shown.image)
    scale = np.diag((shown.image.shape[1] / width, shown.image.shape[0] / height, 1.0))
    to_source = shown.to_source if isinstance(shown, Shown) else np.eye(2, 3, dtype=np.float32)
    part = shown if isinstance(shown, Shown) else None
    scored = part.scored if part else None
    return Overlay(
        kind="part" if part else "preview",
        station=identity.station,
        run=identity.run,
        seq=part.seq if part else None,
        part=part.part if part else "",
        outcome=part.judgement.outcome if part else None,
        score=part.judgement.score if part else None,
        threshold=part.scorer.threshold if part else 0.0,
        outlines=_outlines(part, scored) if part and scored and part.judgement.outcome == "fail" else (),
        picture_size=(width, height),
        picture_to_source=_flat(to_source @ scale),
        map_size=(scored.patch_scores.shape[1], scored.patch_scores.shape[0]) if scored else (0, 0),
        map_to_source=_flat(scored.to_source if scored else np.eye(2, 3)),
        jpeg=jpeg,
        score_map=_as_bytes(scored.patch_scores, part.scorer.threshold) if part and scored else b"",
        scene=shown.scene if isinstance(shown, Preview) else None,
    )


def _encode(image: Image) -> tuple[bytes, tuple[int, int]]:
    """JPEG bytes, and the width and height of what is in them."""
    height, width = image.shape[:2]
    shrink = LONG_SIDE / max(height, width)
    if shrink < 1:
        width, height = max(1, round(width * shrink)), max(1, round(height * shrink))
        image = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    done, encoded = cv2.imencode(".jpg", image, (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY))
    if not done:
        raise ValueError(f"picture of {width} × {height} cannot be encoded as JPEG")
    return encoded.tobytes(), (width, height)


def _as_bytes(patch_scores: NDArray[np.float32], threshold: float) -> bytes:
    """uint8, row by row: 128 is the threshold, 255 twice the threshold and above, or a score that is no number."""
    levels = patch_scores * (128.0 / threshold) if threshold > 0 else np.where(patch_scores > 0, 255.0, 128.0)
    return np.nan_to_num(levels, nan=255.0).clip(0, 255).round().astype(np.uint8).tobytes()


def _outlines(part: Shown, scored: ScoreMap) -> tuple[Outline, ...]:
    """Polygons around the regions above the threshold, rounded, in source pixels."""
    found = regions(scored.patch_scores, part.scorer.threshold, part.scorer.min_patches)[:OUTLINE_LIMIT]
    return tuple(outline for region in found for outline in _traced(region.mask, scored.to_source))


def _traced(mask: NDArray[np.bool_], to_source: Affine) -> list[Outline]:
    large = cv2.resize(mask.astype(np.float32), None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_NEAREST)
    # At this width and level a single patch keeps an outline, two that touch at a corner share one.
    rounded = cv2.GaussianBlur(large, (0, 0), ENLARGED * 0.375, borderType=cv2.BORDER_REPLICATE) > 0.35
    contours, _ = cv2.findContours(rounded.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    outlines = []
    for contour in contours:
        points = cv2.approxPolyDP(contour, 0.5, closed=True)[:, 0, :]
        grid = np.column_stack(((points + 0.5) / ENLARGED, np.ones(len(points))))
        outlines.append(tuple((round(x, 1), round(y, 1)) for x, y in (grid @ to_source.T.astype(np.float64)).tolist()))
    return outlines


def _flat(affine: NDArray[np.floating]) -> tuple[float, ...]:
    return tuple(affine.ravel().tolist())
