"""Overlays: the picture, the map and the outlines fall on the same pixels of the source."""

import cv2
import numpy as np
import pytest

from inspector.line.decide import Judgement, decide, not_inspected
from inspector.line.identity import Identity
from inspector.line.overlay import LONG_SIDE, Preview, Shown, draw
from inspector.messages import Affine, Scene, ScoreMap
from inspector.wire.codec import decode_overlay, encode_overlay
from tests.fakes import ScriptedScorer

IDENTITY = Identity("line1", "run", "replay")
IN_SOURCE = np.array([[1, 0, 200], [0, 1, 100]], np.float32)
"""The part is a crop whose corner is at (200, 100)."""
GRID = np.array([[8, 0, 200], [0, 8, 100]], np.float32)


def shown(patches: np.ndarray, threshold: float = 10.0, size: tuple[int, int] = (320, 240)) -> Shown:
    scored = ScoreMap(seq=3, patch_scores=patches.astype(np.float32), score=float(patches.max()),
                      nearest=np.zeros(patches.shape, np.int32), to_source=GRID)  # fmt: skip
    return part(decide(scored, threshold), scored, threshold, size)


def part(judgement: Judgement, scored: ScoreMap | None, threshold: float = 10.0, size: tuple[int, int] = (320, 240),
         to_source: Affine = IN_SOURCE) -> Shown:  # fmt: skip
    image = np.full((size[1], size[0], 3), 80, np.uint8)
    return Shown(seq=3, part="p", image=image, to_source=to_source, judgement=judgement,
                 scorer=ScriptedScorer(threshold=threshold), scored=scored)  # fmt: skip


def one_patch(row: int, column: int, score: float = 20.0) -> np.ndarray:
    patches = np.zeros((30, 40))
    patches[row, column] = score
    return patches


@pytest.mark.parametrize(("row", "column"), [(5, 7), (0, 0), (29, 39)])
def test_the_outline_lies_around_the_defect_in_source_pixels_also_at_the_rim(row: int, column: int):
    [outline] = draw(shown(one_patch(row, column)), IDENTITY).outlines
    (left, top), (right, bottom) = np.min(outline, axis=0), np.max(outline, axis=0)
    x, y = 200 + 8 * column, 100 + 8 * row
    assert x - 4 <= left < right <= x + 12
    assert y - 4 <= top < bottom <= y + 12
    assert cv2.pointPolygonTest(np.array(outline, np.float32), (x + 4.0, y + 4.0), False) > 0


def test_two_defects_have_two_outlines_and_a_pass_has_none():
    assert len(draw(shown(one_patch(5, 7) + one_patch(20, 30)), IDENTITY).outlines) == 2
    assert draw(shown(one_patch(5, 7, score=10.0)), IDENTITY).outlines == ()


def test_128_is_the_threshold_and_255_twice_the_threshold_and_above():
    patches = np.array([[0, 5, 10, 15], [19.9, 20, 500, 0]])
    overlay = draw(shown(patches), IDENTITY)
    assert (overlay.map_size, list(overlay.score_map)) == ((4, 2), [0, 64, 128, 192, 255, 255, 255, 0])


def test_a_score_that_is_no_number_shows_as_the_worst():
    assert list(draw(shown(np.array([[np.nan, 1.0]])), IDENTITY).score_map) == [255, 13]


def test_a_large_picture_is_scaled_down_and_says_where_its_pixels_come_from():
    overlay = draw(shown(one_patch(1, 1), size=(2560, 1024)), IDENTITY)
    assert overlay.picture_size == (LONG_SIDE, 512)
    assert overlay.picture_to_source == (2.0, 0.0, 200.0, 0.0, 2.0, 100.0)
    assert cv2.imdecode(np.frombuffer(overlay.jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (512, LONG_SIDE, 3)


def test_a_part_without_a_score_shows_its_picture_only():
    overlay = draw(part(not_inspected("error"), None), IDENTITY)
    assert (overlay.outcome, overlay.score, overlay.map_size, overlay.score_map) == ("not_inspected", None, (0, 0), b"")


def test_a_preview_is_a_picture_without_a_part():
    overlay = draw(Preview(image=np.zeros((240, 320, 3), np.uint8)), IDENTITY)
    assert (overlay.kind, overlay.seq, overlay.outcome, overlay.picture_size) == ("preview", None, None, (320, 240))


def test_a_preview_tells_where_the_parts_in_its_frame_are():
    scene = Scene(line=160.0, travel="horizontal", parts=())
    assert draw(Preview(image=np.zeros((240, 320, 3), np.uint8), scene=scene), IDENTITY).scene == scene
    assert draw(shown(one_patch(5, 7)), IDENTITY).scene is None


def test_what_is_drawn_survives_the_wire():
    overlay = draw(shown(one_patch(5, 7)), IDENTITY)
    assert decode_overlay(encode_overlay(overlay)) == overlay
