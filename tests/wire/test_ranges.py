import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.wire.ranges import Ranges

SPANS = st.tuples(st.integers(0, 5), st.integers(0, 5))
TAKES = st.tuples(st.integers(0, 40), st.integers(0, 40))


@given(st.lists(SPANS, max_size=6), st.lists(TAKES, max_size=8))
def test_it_is_a_set(appended: list[tuple[int, int]], taken: list[tuple[int, int]]) -> None:
    ranges, oracle, top = Ranges(), set[int](), 0
    for skip, length in appended:
        first, top = top + 1 + skip, top + skip + length
        ranges.append(first, top)
        oracle |= set(range(first, top + 1))
    for first, last in taken:
        pieces = ranges.take(first, last)
        assert {n for low, high in pieces for n in range(low, high + 1)} == oracle & set(range(first, last + 1))
        oracle -= set(range(first, last + 1))
        lowest = ranges.lowest
        assert (lowest[0] if lowest else None) == min(oracle, default=None)
    assert {n for low, high in ranges.clear() for n in range(low, high + 1)} == oracle
    assert ranges.lowest is None


def test_neighbours_become_one_range() -> None:
    ranges = Ranges()
    ranges.append(1, 3)
    ranges.append(4, 9)
    assert ranges.clear() == [(1, 9)]


def test_numbers_join_at_the_upper_end_only() -> None:
    ranges = Ranges()
    ranges.append(5, 9)
    with pytest.raises(ValueError, match="9"):
        ranges.append(9, 12)
