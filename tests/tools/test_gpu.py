"""The GPU's goals are held against what was measured on one, and against nothing else."""

from tools.benchmarks.gpu import goals

RECIPE = {"largest_difference_of_thresholds": 2e-4, "device_mb": 900.0}
FAST = {"ms_p50": 1.2, "ms_p99": 2.0, "per_second": 800.0}
SLOW = {"ms_p50": 4.0, "ms_p99": 9.0, "per_second": 240.0}
ROWS = [
    {"backbone": "wide_resnet50_2", "bank": 16_000, "search": "fused", "single": SLOW, "half": FAST},
    {"backbone": "wide_resnet50_2", "bank": 53_504, "search": "faiss", "single": {**FAST, "ms_p50": 0.1}},
    {"backbone": "resnet18", "bank": 16_000, "search": "faiss", "single": FAST, "device_mb": 3500.0},
]


def test_each_goal_is_met_by_the_quickest_way_with_the_goals_bank_or_not_met() -> None:
    told = goals(RECIPE, ROWS, measured=True)
    assert [goal["met"] for goal in told] == [True, True, True, False, False]
    assert [goal["figure"] for goal in told] == [2e-4, 1.2, 2.0, 800.0, 3500.0]
    assert "device memory" in told[-1]["goal"]


def test_what_was_timed_without_a_gpu_meets_no_goal_and_misses_none() -> None:
    assert {(goal["figure"], goal["met"]) for goal in goals(RECIPE, ROWS, measured=False)} == {(None, None)}
