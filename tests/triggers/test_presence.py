"""A belt as bad as it gets: it stands, backs up, is crowded, starts full, and carries what is no part."""

from typing import Literal

import numpy as np
import pytest

from inspector.config import PresenceTrigger
from inspector.errors import ConfigError
from inspector.messages import LostPart, Part
from inspector.triggers import open_trigger
from tests.triggers.belts import HEIGHT, LINE, PART, WIDTH, Thing, footage, frames, judged, scene, seen

BEHIND = scene()
EMPTY_START = [Thing(at=-60 - 150 * n) for n in range(4)]
"""Four parts that come into an empty picture one after the other."""
FULL_START = [Thing(at=x) for x in (590, 470, 335, 230, 90, -30, -170)]
"""The third stands on the line at the start, the four behind it are still to cross."""


def run(length: float, step: float = 4.0) -> list[float]:
    return [float(place) for place in np.arange(0, length, step)]


@pytest.mark.parametrize("looks", ["brighter", "different"])
def test_each_part_that_passes_is_judged_once_from_where_it_stands_on_the_line(looks: str) -> None:
    parts = seen(footage(BEHIND, EMPTY_START, run(900)), looks=looks)
    assert [type(part) for part in parts] == [Part] * 4
    for part in judged(parts):
        centre = part.to_source @ (part.image.shape[1] / 2, part.image.shape[0] / 2, 1)
        assert abs(centre[0] - LINE) <= 6
        assert abs(centre[1] - (HEIGHT - 40 - PART[1] / 2)) <= 6


def test_a_part_that_stands_on_the_line_at_the_start_counts_and_one_beyond_it_does_not() -> None:
    assert len(judged(seen(footage(BEHIND, FULL_START, [0.0] * 60 + run(600))))) == 5


@pytest.mark.parametrize("looks", ["brighter", "different"])
def test_a_belt_that_is_covered_most_of_the_time_is_not_forgotten(looks: str) -> None:
    crowd = [Thing(at=-60 - 84 * n) for n in range(10)]
    assert len(judged(seen(footage(BEHIND, crowd, run(1300, 6.0)), looks=looks))) == 10


def test_the_direction_of_travel_makes_no_difference() -> None:
    pictures = list(footage(BEHIND, EMPTY_START, run(900)))
    assert len(judged(seen(picture[:, ::-1] for picture in pictures))) == 4
    assert len(judged(seen(pictures[::-1]))) == 4
    upright = [picture.transpose(1, 0, 2) for picture in pictures]
    assert len(judged(seen(upright, travel="vertical", part=PART[::-1]))) == 4


@pytest.mark.parametrize("step", [1.5, 8.0, 20.0])
def test_the_speed_makes_no_difference(step: float) -> None:
    assert len(judged(seen(footage(BEHIND, EMPTY_START, run(900, step))))) == 4


@pytest.mark.parametrize("gain", [0.8, 1.15])
def test_the_light_makes_no_difference(gain: float) -> None:
    assert len(judged(seen(footage(BEHIND, FULL_START, run(600), gain=gain)))) == 5


def test_a_belt_that_stops_with_a_part_on_the_line_counts_it_once() -> None:
    for at in (300, 380, 420):
        places = run(at) + [float(at)] * 180 + [at + place for place in run(900 - at)]
        assert len(judged(seen(footage(BEHIND, EMPTY_START, places)))) == 4


def test_a_belt_that_backs_up_counts_no_part_twice() -> None:
    places = run(560) + run(560)[:80:-1] + [340 + place for place in run(600)]
    assert len(judged(seen(footage(BEHIND, EMPTY_START, places)))) == 4


def test_parts_that_nearly_touch_are_told_apart() -> None:
    things = [Thing(at=-60), Thing(at=-60 - 66), Thing(at=-60 - 132)]
    assert len(judged(seen(footage(BEHIND, things, run(800))))) == 3


def test_parts_that_do_touch_are_each_not_inspected_rather_than_missed() -> None:
    things = [Thing(at=-200), Thing(at=-60, size=(2 * PART[0], PART[1]))]
    parts = seen(footage(BEHIND, things, run(800)))
    assert [isinstance(part, LostPart) and part.reason for part in parts] == ["unlocated", "unlocated", False]


def test_an_empty_belt_and_a_still_life_have_no_part() -> None:
    assert seen(footage(BEHIND, [], [0.0] * 150)) == []
    assert seen(footage(BEHIND, FULL_START, [0.0] * 150)) == []


def test_small_things_and_a_hand_are_ignored() -> None:
    crumbs = [Thing(at=-60 - 80 * n, size=(14, 20)) for n in range(3)]
    hand = Thing(at=-400, size=(150, HEIGHT), top=0)
    assert seen(footage(BEHIND, [*crumbs, hand], run(1000)), looks="different") == []


def test_a_crushed_part_is_a_part() -> None:
    crushed = Thing(at=-60, size=(70, 62))
    (part,) = seen(footage(BEHIND, [crushed], run(600)))
    assert isinstance(part, Part)


def test_what_is_part_sized_and_not_understood_is_not_inspected() -> None:
    flat = Thing(at=-60, size=(22, 100))
    (part,) = seen(footage(BEHIND, [flat], run(600)))
    assert isinstance(part, LostPart)
    assert part.reason == "unlocated"


@pytest.mark.parametrize("looks", ["brighter", "different"])
@pytest.mark.parametrize("shape", ["ring", "bolt", "slanted bar"])
def test_a_part_that_is_not_filled_from_side_to_side_is_one_part(shape: Literal["ring", "bolt"], looks: str) -> None:
    things = [Thing(at=-80 - 250 * n, size=(100, 100), shape=shape) for n in range(3)]
    parts = seen(footage(BEHIND, things, run(1000, 6.0)), looks=looks, part=(100, 100))
    assert [type(part) for part in parts] == [Part] * 3
    for part in judged(parts)[1:]:
        centre = part.to_source @ (part.image.shape[1] / 2, part.image.shape[0] / 2, 1)
        assert abs(centre[0] - LINE) <= 12
        assert abs(centre[1] - (HEIGHT - 40 - 50)) <= 12


def test_dark_parts_on_a_bright_belt_are_found_as_darker() -> None:
    pictures = [255 - picture for picture in footage(BEHIND, FULL_START, run(600))]
    assert len(judged(seen(pictures, looks="darker"))) == 5


def test_every_crop_has_one_size_and_follows_its_part() -> None:
    jitter = [Thing(at=-60 - 130 * n, top=90 + 9 * n) for n in range(4)]
    parts = judged(seen(footage(BEHIND, jitter, run(900), noise=0)))
    assert {part.image.shape for part in parts} == {(125, 75, 3)}
    for n, part in enumerate(parts):
        assert abs(part.to_source[1, 2] + 12.5 - (90 + 9 * n)) <= 3
        assert not part.image.flags.writeable


def test_before_grey_only_the_part_is_left_in_its_picture() -> None:
    parts = judged(seen(footage(BEHIND, EMPTY_START, run(900), noise=0), behind="grey"))
    for part in parts:
        grey = part.image[0, 0]
        assert np.all(part.image[:, :4] == grey)
        assert np.all(part.image[:, -4:] == grey)
        assert 0.65 * 215 < grey[0] < 0.75 * 215
        assert np.all(part.image[40:80, 20:55] >= 200)


def test_to_learn_from_each_part_is_seen_more_than_once_under_its_own_number() -> None:
    trigger = open_trigger(PresenceTrigger(line=LINE, part=PART), all_views=True)
    found = [part for frame in frames(footage(BEHIND, EMPTY_START, run(900))) for part in trigger.parts(frame)]
    assert [part.seq for part in found] == sorted(part.seq for part in found)
    for seq in range(1, 5):
        places = [part.to_source[0, 2] for part in found if isinstance(part, Part) and part.seq == seq]
        assert len(places) >= 3
        assert abs(places[0] + 75 / 2 - LINE) <= 6, "first the one that would be judged"
        assert len(set(places)) == len(places)


def test_a_line_or_part_that_does_not_fit_the_picture_is_said() -> None:
    with pytest.raises(ConfigError, match=r"trigger.line is 700, but the picture ends at 640"):
        seen(footage(BEHIND, [], [0.0]), line=700)
    with pytest.raises(ConfigError, match=r"trigger.part is 60 × 300"):
        seen(footage(BEHIND, [], [0.0]), part=(60, 300))
    assert WIDTH == 640
