"""What is a part and what is not, pixel by pixel."""

import numpy as np

from inspector.triggers.belt import Belt


def test_a_belt_so_fast_that_every_frame_is_new_is_learnt_down_to_its_last_row() -> None:
    belt = Belt("brighter", 25, (20, 40))
    for n in range(40):
        picture = np.full((48, 80, 3), 60, np.uint8)
        picture[:, (20 * n) % 80 : (20 * n) % 80 + 20] = 200
        parts, told = belt.look(picture, starting=False)
    assert told.min() == 255, "everywhere it is known how parts and belt look"
    assert np.array_equal(parts, np.where(picture[:, :, 0] == 200, 255, 0))
