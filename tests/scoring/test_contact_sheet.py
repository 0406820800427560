"""The contact sheet of good parts."""

import numpy as np

from inspector.scoring.contact_sheet import GAP, THUMBNAIL, contact_sheet


def grey(level: int) -> np.ndarray:
    return np.full((100, 100, 3), level, np.uint8)


def levels(sheet: np.ndarray) -> list[int]:
    """The middles of the thumbnails in the first row."""
    middles = sheet[GAP + THUMBNAIL // 2, GAP + THUMBNAIL // 2 :: THUMBNAIL + GAP]
    return [int(middle[0]) for middle in middles]


def test_the_most_unusual_part_is_first() -> None:
    assert levels(contact_sheet([grey(10), grey(20), grey(30)], [1.0, 3.0, 2.0])) == [20, 30, 10]


def test_of_a_part_seen_more_than_once_its_most_unusual_picture_alone_is_shown() -> None:
    sheet = contact_sheet([grey(10), grey(20), grey(30), grey(40)], [1.0, 3.0, 2.0, 2.5], [1, 1, 7, 7])
    assert levels(sheet) == [20, 40]
