"""Charts as SVG: the histogram of scores, and how often a threshold is wrong wherever it is put. Pure."""

import math
from dataclasses import dataclass
from html import escape

import numpy as np
from numpy.typing import NDArray

from inspector.scoring.calibrate import Costs
from tools.intervals import at_most

WIDTH, HEIGHT = 760, 270
LEFT, RIGHT, TOP, BOTTOM = 56, 14, 26, 46
BINS = 48
POINTS = 160
"""Thresholds at which the error rates are computed."""

Scores = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A threshold to be drawn."""

    value: float
    name: str
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plot:
    """Where values lie in the picture."""

    x: tuple[float, float]
    y: tuple[float, float]

    def at(self, x: float, y: float) -> tuple[float, float]:
        across = (x - self.x[0]) / (self.x[1] - self.x[0])
        up = (y - self.y[0]) / (self.y[1] - self.y[0])
        return LEFT + across * (WIDTH - LEFT - RIGHT), HEIGHT - BOTTOM - up * (HEIGHT - TOP - BOTTOM)


def histogram(good: Scores, bad: Scores, marks: list[Mark]) -> str:
    """Bars of the good and, on top of them, the defective scores, with the thresholds."""
    edges = _edges(good, bad, marks)
    counts = [np.histogram(scores, edges)[0] for scores in (good, bad)]
    plot = _Plot(x=(edges[0], edges[-1]), y=(0.0, float(max(1, (counts[0] + counts[1]).max())) * 1.05))
    bars = []
    for n in range(len(edges) - 1):
        base = 0
        for kind, count in zip(("good", "bad"), (int(column[n]) for column in counts), strict=True):
            if count:
                (x0, y0), (x1, y1) = plot.at(edges[n], base), plot.at(edges[n + 1], base + count)
                bars.append(
                    f'<rect class="{kind}" x="{x0 + 0.5:.1f}" y="{y1:.1f}" width="{x1 - x0 - 1:.1f}" '
                    f'height="{y0 - y1:.1f}"><title>{count} {_KIND[kind]}, {edges[n]:.2f} to {edges[n + 1]:.2f}</title>'
                    "</rect>"
                )
            base += count
    legend = [("good", f"good parts ({len(good)})")] + ([("bad", f"defective parts ({len(bad)})")] if len(bad) else [])
    return _svg("Histogram of scores", plot, "parts", "{:.0f}", bars, legend, marks)


def error_rates(good: Scores, bad: Scores, marks: list[Mark]) -> str:
    """Share of these parts that a threshold gets wrong, wherever it is put, and what that allows of all parts."""
    edges = _edges(good, bad, marks)
    levels = np.unique(np.concatenate([np.linspace(edges[0], edges[-1], POINTS), [mark.value for mark in marks]]))
    lines, bounds = [], []
    plot = _Plot(x=(edges[0], edges[-1]), y=(0.0, 1.0))
    rejected = [int((good > level).sum()) for level in levels]
    missed = [int((bad <= level).sum()) for level in levels]
    for kind, found, of in (("good", rejected, len(good)), ("bad", missed, len(bad))):
        if not of:
            continue
        lines.append(_line(f"{kind}-line", plot, levels, [count / of for count in found]))
        known = {count: at_most(count, of) for count in set(found)}
        bounds.append(_line(f"{kind}-bound", plot, levels, [known[count] for count in found]))
    legend = [("good", "false rejects")] + ([("bad", "misses")] if len(bad) else [])
    legend.append(("bound", "dashed: at most, at 95 % confidence"))
    return _svg("Error rates by threshold", plot, "share of parts", "{:.0%}", [*bounds, *lines], legend, marks)


def expected_cost(good: Scores, bad: Scores, costs: Costs, marks: list[Mark]) -> str:
    """What a part costs on average, wherever the threshold is put."""
    edges = _edges(good, bad, marks)
    levels = np.unique(np.concatenate([np.linspace(edges[0], edges[-1], POINTS), [mark.value for mark in marks]]))
    scores, labels = np.concatenate([good, bad]), np.arange(len(good) + len(bad)) >= len(good)
    found = [costs.of(scores, labels, level) for level in levels]
    plot = _Plot(x=(edges[0], edges[-1]), y=(0.0, max(*found, 1e-12) * 1.05))
    body = [_line("cost-line", plot, levels, found)]
    return _svg("Expected cost by threshold", plot, "cost a part", "{:.2g}", body, [], marks)


_KIND = {"good": "good", "bad": "defective"}


def _edges(good: Scores, bad: Scores, marks: list[Mark]) -> NDArray[np.float64]:
    every = np.concatenate([good, bad, [mark.value for mark in marks]])
    low, high = float(every.min()), float(every.max())
    room = (high - low or abs(high) or 1.0) * 0.04
    return np.linspace(low - room, high + room, BINS + 1)


def _line(kind: str, plot: _Plot, xs: NDArray[np.float64], ys: list[float]) -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (plot.at(x, y) for x, y in zip(xs, ys, strict=True)))
    return f'<polyline class="{kind}" points="{points}"/>'


def _svg(
    title: str, plot: _Plot, y_name: str, y_form: str, body: list[str], legend: list[tuple[str, str]], marks: list[Mark]
) -> str:
    drawn = []
    for value in _round_values(*plot.y, 5):
        x, y = plot.at(plot.x[0], value)
        drawn.append(f'<line class="grid" x1="{x:.1f}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        drawn.append(f'<text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{y_form.format(value)}</text>')
    for value in _round_values(*plot.x, 8):
        x, y = plot.at(value, plot.y[0])
        drawn.append(f'<text x="{x:.1f}" y="{y + 16:.1f}" text-anchor="middle">{value:g}</text>')
    drawn.append(f'<text class="axis" x="{(LEFT + WIDTH) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">score</text>')
    drawn.append(
        f'<text class="axis" transform="translate(13 {(TOP + HEIGHT - BOTTOM) / 2:.0f}) rotate(-90)" '
        f'text-anchor="middle">{escape(y_name)}</text>'
    )
    drawn += body
    for row, mark in enumerate(marks):
        x, floor = plot.at(mark.value, plot.y[0])
        left = x < WIDTH * 0.6
        drawn.append(
            f'<line class="{"new" if mark.new else "old"}" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{floor:.1f}"/>'
            f'<text class="mark" x="{x + (6 if left else -6):.1f}" y="{TOP + 12 + 16 * row}" '
            f'text-anchor="{"start" if left else "end"}">{escape(mark.name)}</text>'
        )
    x = float(LEFT)
    for kind, words in legend:
        if kind != "bound":
            drawn.append(f'<rect class="{kind}" x="{x:.0f}" y="6" width="11" height="11"/>')
            x += 17
        drawn.append(f'<text x="{x:.0f}" y="16">{escape(words)}</text>')
        x += 7 * len(words) + 22
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(drawn)}</svg>'


def _round_values(low: float, high: float, about: int) -> list[float]:
    """Some round values between two, about so many of them."""
    rough = (high - low) / about
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * nice for nice in (1, 2, 5, 10) if power * nice >= rough)
    return [n * step for n in range(math.ceil(low / step), math.floor(high / step) + 1)]
