"""What fitting chooses on the drawn materials, what the page says of it, and what the tool refuses."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import pytest

from inspector.scoring.locating import decided
from tests.washers import quiet
from tools.locating import hazelnut, held, nut, screw, still, textures
from tools.locating.page import FURTHER, Row, faults, page
from tools.locating.turned import Pair, weave

ROW = Row(material="screw", never=0.6, always=0.97, located=True, why="they lie turned", ms=1.9, machine="a machine")


@pytest.mark.parametrize(
    ("draw", "located"),
    [
        (screw.screw, True), (screw.shining, True), (nut.nut, True), (hazelnut.hazelnut, True),
        (still.transistor, False), (still.zipper, False), (weave, False),
        *((partial(held.held, name), False) for name in held.PARTS),
        *((partial(textures.texture, name), False) for name in textures.TEXTURES),
    ],
)  # fmt: skip
def test_turned_parts_are_located_and_parts_that_stand_still_and_textures_are_not(
    draw: Callable[[tuple[int, ...], str | None], Pair], located: bool
) -> None:
    pictures = [draw((0, number), None)[0] for number in range(10)]
    height, width = pictures[0].shape[:2]
    assert (decided(pictures, (0, 0, width, height), None, quiet).finder is not None) == located


def test_a_choice_that_costs_more_than_it_may_is_a_fault_and_so_is_a_good_part_that_is_not_found() -> None:
    assert not [*faults(ROW)]
    assert not [*faults(replace(ROW, never=0.974))]
    assert "costs 0.0100" in next(faults(replace(ROW, never=0.98)))
    assert not [*faults(replace(ROW, never=0.98, located=False))]
    assert "in 2.0% of the good ones" in next(faults(replace(ROW, unlocated=0.02)))


def test_the_page_tells_each_way_the_choice_and_what_is_not_measured() -> None:
    text = page([ROW, Row(material="cloth", never=0.9, why="nothing stands out")])
    assert "| screw | 0.6000 | 0.9700 | 0.9700 | 0.0% | 1.9 |" in text
    assert "| cloth | 0.9000 | not found | 0.9000 |  |  |" in text
    assert "- cloth: as it lies, for nothing stands out." in text
    assert "## Other banks" not in text
    name, *others = FURTHER
    further = page([replace(ROW, further={name: 0.8})])
    assert f"| {name} | 0.8000 |" in further
    assert all(f"| {other} | not measured |" in further for other in others)
