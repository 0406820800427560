from itertools import pairwise

import pytest

from inspector.sources.frame_ids import LEAP, CountsAnew, FrameIds


def followed(ids: FrameIds, *numbers: int | None) -> list[int | None]:
    return [ids.lost_before(number) for number in numbers]


def test_numbers_left_out_are_frames_lost() -> None:
    assert followed(FrameIds(), 40, 41, 44, 45) == [0, 0, 2, 0]


def test_a_number_that_came_before_is_no_new_frame_and_does_not_move_the_count() -> None:
    assert followed(FrameIds(), 7, 8, 8, 7, 9) == [0, 0, None, None, 0]


def test_a_short_counter_goes_around_without_a_loss() -> None:
    assert followed(FrameIds(65535), 65534, 65535, 1, 4, 65535) == [0, 0, 0, 2, None]
    assert followed(FrameIds(255, lowest=0), 254, 255, 0, 2) == [0, 0, 0, 1]


def test_a_counter_that_goes_around_is_followed_for_ever() -> None:
    ids = FrameIds(65535)
    numbers = [1 + step % 65535 for step in range(0, 200_000, 997)]
    assert followed(ids, *numbers) == [0] + [996 for _ in pairwise(numbers)]


@pytest.mark.parametrize("numbers", [(5, 5 + LEAP + 1), (90_000, 0)])
def test_a_camera_that_counts_anew_is_told_apart_from_one_that_loses_frames(numbers: tuple[int, int]) -> None:
    with pytest.raises(CountsAnew, match=f"from {numbers[0]} to {numbers[1]}"):
        followed(FrameIds(), *numbers)


def test_a_camera_without_numbers_loses_nothing_that_could_be_known() -> None:
    assert followed(FrameIds(), None, None) == [0, 0]
