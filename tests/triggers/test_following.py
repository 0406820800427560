"""What is told of parts while they travel: a box each that goes with its part, and with the number of its verdict."""

from collections.abc import Iterable

import numpy as np
import pytest

from inspector.config import EveryFrame, PresenceTrigger
from inspector.messages import Followed, Image, Part, Scene
from inspector.triggers import open_trigger, scene_of
from tests.triggers.belts import HEIGHT, LINE, PART, WIDTH, Thing, footage, frames, scene

BEHIND = scene()
THREE = [Thing(at=-60 - 150 * n) for n in range(3)]
STEP = 4.0


def told(pictures: Iterable[Image], upright: bool = False, part: tuple[int, int] = PART) -> list[Scene]:
    """The scene of each frame."""
    trigger = open_trigger(PresenceTrigger(line=LINE, part=part, travel="vertical" if upright else "horizontal",
                                           looks="brighter"))  # fmt: skip
    assert scene_of(trigger) is None, "before the first frame there is nothing to tell"
    scenes = []
    for frame in frames(pictures):
        list(trigger.parts(frame))
        found = scene_of(trigger)
        assert found is not None
        scenes.append(found)
    return scenes


def run(length: float, step: float = STEP) -> list[float]:
    return [float(place) for place in np.arange(0, length, step)]


def middle(part: Followed) -> float:
    return part.x + part.width / 2


def test_a_box_goes_with_its_part_from_where_it_is_seen_whole_until_it_leaves() -> None:
    places = run(1050)
    found: list[list[float]] = [[] for _ in THREE]
    for place, now in zip(places, told(footage(BEHIND, THREE, places)), strict=True):
        assert (now.line, now.travel) == (LINE, "horizontal")
        for part in now.parts:
            n = min(range(3), key=lambda n: abs(THREE[n].at + place - middle(part)))
            if THREE[n].at + place > WIDTH:
                continue  # less than half of it is in sight
            found[n].append(middle(part))
            assert abs(THREE[n].at + place - middle(part)) <= 6
            assert abs(part.width - PART[0]) <= 8
            assert abs(part.height - PART[1]) <= 12
            assert abs(part.y + part.height / 2 - (HEIGHT - 40 - PART[1] / 2)) <= 6
    for went in found:
        assert went[0] <= 80
        assert went[-1] >= 620
        assert np.abs(np.diff(went) - STEP).max() <= 3, "it goes, and does not leap"


def test_it_has_its_number_from_the_line_on_and_how_far_it_has_come_since() -> None:
    places = run(800)
    scenes = told(footage(BEHIND, THREE, places))
    for place, now in zip(places, scenes, strict=True):
        for part in now.parts:
            past = middle(part) - LINE
            if past < -6:
                assert part.seq is None
            if past > 0.25 * PART[0]:
                assert part.seq is not None
                assert part.moved is not None
                assert abs(part.moved[0] - (THREE[part.seq - 1].at + place - LINE)) <= 8
                assert part.moved[1] == 0
    assert {part.seq for part in scenes[-1].parts} == {2, 3}, "the first has left the picture"


def test_its_outlines_would_come_with_it_wherever_it_was_judged() -> None:
    """The cut-out's middle, moved by as much, is the box's."""
    trigger = open_trigger(PresenceTrigger(line=LINE, part=PART, looks="brighter"))
    centres: dict[int, float] = {}
    for frame in frames(footage(BEHIND, THREE, run(900))):
        for part in trigger.parts(frame):
            assert isinstance(part, Part)
            centres[part.seq] = float(part.to_source[0, 2]) + part.image.shape[1] / 2
        now = scene_of(trigger)
        for each in now.parts if now else ():
            if each.seq is not None and each.moved is not None:
                assert abs(centres[each.seq] + each.moved[0] - middle(each)) <= 3
    assert len(centres) == 3


def test_a_belt_on_which_nothing_moves_has_no_box() -> None:
    assert all(not now.parts for now in told(footage(BEHIND, THREE, [300.0] * 60)))
    assert all(not now.parts for now in told(footage(BEHIND, [], [0.0] * 60)))


def test_a_belt_that_stands_holds_its_boxes_still() -> None:
    scenes = told(footage(BEHIND, THREE, [*run(420), *[420.0] * 60]))
    still = [tuple(round(middle(part)) for part in now.parts) for now in scenes[-40:]]
    assert len(still[0]) == 3
    assert max(np.ptp(np.array(still), axis=0)) <= 2


def test_where_parts_travel_down_the_boxes_are_upright_too() -> None:
    places = run(600)
    upright = (picture.transpose(1, 0, 2) for picture in footage(BEHIND, THREE, places))
    now = told(upright, upright=True, part=PART[::-1])[-1]
    assert now.travel == "vertical"
    for part in now.parts:
        assert min(abs(thing.at + places[-1] - (part.y + part.height / 2)) for thing in THREE) <= 6
        assert abs(part.x + part.width / 2 - (HEIGHT - 40 - PART[1] / 2)) <= 6
        assert part.moved is None or part.moved[0] == 0


def test_a_part_that_is_not_understood_has_its_number_too() -> None:
    flat = Thing(at=-60, size=(22, 100))
    numbers = {part.seq for now in told(footage(BEHIND, [flat], run(600))) for part in now.parts}
    assert numbers == {None, 1}


def test_a_trigger_that_follows_nothing_tells_nothing() -> None:
    assert scene_of(open_trigger(EveryFrame())) is None


@pytest.mark.parametrize(("seq", "moved"), [(None, (1.0, 0.0)), (3, None), (0, (1.0, 0.0))])
def test_a_part_has_a_number_and_a_way_or_neither(seq: int | None, moved: tuple[float, float] | None) -> None:
    with pytest.raises(ValueError, match="seq"):
        Followed(x=1.0, y=2.0, width=3.0, height=4.0, seq=seq, moved=moved)
