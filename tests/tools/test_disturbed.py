"""Footage in worse conditions is the same footage, but for what is worse."""

import numpy as np

from inspector.config import PresenceTrigger
from tools.disturbed import backing_up, exposed, shaded, shaken
from tools.made_belts import belt, coloured, footage
from tools.measure_presence import measured


def test_a_belt_that_backs_up_shows_frames_again_and_leaves_none_out() -> None:
    pictures = [np.full((2, 2, 3), n, np.uint8) for n in range(8)]
    assert [int(picture[0, 0, 0]) for picture in backing_up(pictures, (4, 1))] == [
        0,
        1,
        2,
        3,
        4,
        3,
        2,
        1,
        2,
        3,
        4,
        5,
        6,
        7,
    ]


def test_another_exposure_begins_at_its_frame_and_a_shadow_leaves_again() -> None:
    pictures = [np.full((4, 40, 3), 100, np.uint8)] * 30
    assert [int(picture[0, 0, 0]) for picture in exposed(pictures, 1.25, 2)][:4] == [100, 100, 125, 125]
    middles = [int(picture[0, 20, 0]) for picture in shaded(pictures, 0.4, 40, 5)]
    assert (middles[0], min(middles), middles[-1]) == (99, 63, 99)


def test_parts_before_a_camera_that_shakes_are_each_found_once() -> None:
    pictures = shaken(footage(coloured(2, 90), belt(40, 5)), 2)
    row = measured("shaken", pictures, PresenceTrigger(line=300, part=(90, 90)), 2)
    assert (row.found, row.not_inspected) == (2, 0)
