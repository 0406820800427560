"""Latencies: percentiles within 1 % of the sorted list's, whatever the numbers."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inspector.line.latency import Latencies


@given(st.lists(st.floats(0.01, 1e6), min_size=1, max_size=200), st.sampled_from([50, 95, 99, 100]))
def test_a_percentile_is_the_sorted_lists_within_one_percent(values: list[float], percent: int):
    latencies = Latencies()
    for value in values:
        latencies.add(value)
    exact = sorted(values)[math.ceil(len(values) * percent / 100) - 1]
    assert exact * 0.99999 <= latencies.percentile(percent) <= exact * 1.01001
    assert latencies.max_ms == max(values)


def test_without_latencies_all_figures_are_zero():
    assert Latencies().as_json() == {"p50": 0, "p95": 0, "p99": 0, "max": 0}


@pytest.mark.parametrize("value", [0.0, -1.0, 1e-9, 1e12])
def test_a_latency_beyond_the_histogram_is_counted(value: float):
    latencies = Latencies()
    latencies.add(value)
    assert len(latencies) == 1
    assert latencies.max_ms == max(value, 0.0)
