"""The bank without one picture is the one that the other pictures' patches make."""

import numpy as np
import pytest

from inspector.scoring import leave_out
from inspector.scoring.leave_out import LeaveOut

RANDOM = np.random.default_rng(5)
FEATURES = RANDOM.normal(3, 1, (600, 8)).astype(np.float32)
PICTURES = np.repeat(np.arange(6, dtype=np.int32), 100)


def means(rows: np.ndarray, kept: np.ndarray) -> np.ndarray:
    return np.array([FEATURES[kept & (rows == row)].mean(0) for row in np.unique(rows[kept & (rows >= 0)])])


@pytest.mark.parametrize("at_once", [7, 100_000])
def test_a_vector_loses_what_the_picture_gave_it_and_goes_when_nothing_is_left(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leave_out, "AT_ONCE", at_once)
    rows = RANDOM.integers(-1, 20, len(FEATURES))
    rows[rows == 4] = -1
    rows[PICTURES == 2] = np.where(np.arange(100) % 10 == 0, 4, rows[PICTURES == 2])  # row 4 is picture 2's alone
    made = LeaveOut(FEATURES, PICTURES, rows, 20)
    np.testing.assert_allclose(made.bank, means(rows, PICTURES >= 0), rtol=1e-5)
    for picture in range(6):
        np.testing.assert_allclose(made.without(picture), means(rows, picture != PICTURES), rtol=1e-5)
    assert len(made.without(2)) == len(made.bank) - 1


def test_a_picture_that_gave_nothing_changes_nothing() -> None:
    rows = np.where(PICTURES == 3, -1, np.arange(600) % 9)
    made = LeaveOut(FEATURES, PICTURES, rows, 9)
    assert np.array_equal(made.without(3), made.bank)


def test_a_bank_of_one_picture_stays_whole() -> None:
    rows = np.where(PICTURES == 0, np.arange(600) % 9, -1)
    made = LeaveOut(FEATURES, PICTURES, rows, 9)
    assert np.array_equal(made.without(0), made.bank)
