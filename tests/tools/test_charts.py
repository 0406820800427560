"""Charts say what the scores say: read back from the SVG."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest

from inspector.scoring.calibrate import Costs
from tools.charts import Mark, error_rates, expected_cost, histogram

GOOD = np.array([10.0, 11, 11, 12, 14])
BAD = np.array([13.0, 18, 19])
MARKS = [Mark(value=12.5, name="new", new=True), Mark(value=15.0, name="old & before", new=False)]


def shapes(svg: str, tag: str) -> list[ElementTree.Element]:
    """Elements of a chart, which must be well-formed."""
    return list(ElementTree.fromstring(svg).iter(tag))


def counted(svg: str, kind: str) -> int:
    """Parts that the bars of a kind stand for, by what they say when pointed at."""
    titles = [bar.findtext("title") or "" for bar in shapes(svg, "rect") if bar.get("class") == kind]
    return sum(int(match[1]) for title in titles if (match := re.match(r"(\d+) ", title)))


def line(svg: str, kind: str) -> np.ndarray:
    """Points of a curve, pixels."""
    (found,) = [line for line in shapes(svg, "polyline") if line.get("class") == kind]
    return np.array([[float(number) for number in point.split(",")] for point in (found.get("points") or "").split()])


def height(svg: str, kind: str, mark: str) -> float:
    """Height of a curve where a threshold stands, as a share of the chart's."""
    (at,) = [one for one in shapes(svg, "line") if one.get("class") == mark]
    x, top, floor = (float(at.get(name) or "") for name in ("x1", "y1", "y2"))
    points = line(svg, kind)
    return float((floor - points[np.abs(points[:, 0] - x).argmin(), 1]) / (floor - top))


def test_every_part_is_in_a_bar() -> None:
    svg = histogram(GOOD, BAD, MARKS)
    assert (counted(svg, "good"), counted(svg, "bad")) == (5, 3)
    assert "good parts (5)" in svg
    assert "old &amp; before" in svg


def test_error_rates_are_those_of_the_threshold_below_them() -> None:
    svg = error_rates(GOOD, BAD, MARKS)
    assert height(svg, "good-line", "new") == pytest.approx(1 / 5, abs=0.01)
    assert height(svg, "bad-line", "new") == pytest.approx(0, abs=0.01)
    assert height(svg, "good-line", "old") == pytest.approx(0, abs=0.01)
    assert height(svg, "bad-line", "old") == pytest.approx(1 / 3, abs=0.01)
    for kind in ("good", "bad"):
        assert (line(svg, f"{kind}-bound")[:, 1] <= line(svg, f"{kind}-line")[:, 1]).all()  # at most lies above


def test_the_cost_is_least_where_the_threshold_is_chosen() -> None:
    costs = Costs(miss=10, false_reject=1, defective=0.5)
    marks = [Mark(value=12.5, name="least", new=True)]
    points = line(expected_cost(GOOD, BAD, costs, marks), "cost-line")
    lowest = points[points[:, 1] == points[:, 1].max(), 0]  # pixels count downwards
    (at,) = [one for one in shapes(expected_cost(GOOD, BAD, costs, marks), "line") if one.get("class") == "new"]
    assert lowest.min() <= float(at.get("x1") or "") <= lowest.max()


@pytest.mark.parametrize("good", [[5.0], [3.0, 3.0, 3.0], [1e-6, 2e-6], [1.0, 1e6]])
def test_scores_that_are_few_equal_tiny_or_far_apart_are_drawn(good: list[float]) -> None:
    scores, none = np.array(good), np.empty(0)
    marks = [Mark(value=max(good), name="τ", new=True)]
    for svg in (histogram(scores, none, marks), error_rates(scores, none, marks)):
        assert shapes(svg, "text")
        assert "nan" not in svg
        assert "defective" not in svg
    assert counted(histogram(scores, none, marks), "good") == len(good)
