"""The picture of docs/benchmark.md: AUPRO against milliseconds, as SVG. Pure."""

import math
from collections.abc import Sequence
from html import escape
from typing import Any

LEFT, RIGHT, TOP, BOTTOM = 70, 790, 40, 270
"""The plot's sides in the picture."""
LINE = 19
"""Height of a line of the other program's times, below the plot."""


def picture(ours: Sequence[dict[str, Any]], others: Sequence[dict[str, Any]]) -> str:
    """Ours as points; anomalib's times below them on the same axis, a line each, since its accuracy is not known."""
    timed = sorted((row for row in others if "ms_p50" in row), key=lambda row: row["ms_p50"])
    times: list[float] = [row["ms_p50"] for row in (*ours, *timed)]
    low, high = math.log10(min(times)) - 0.1, math.log10(max(times)) + 0.1
    lowest: float = math.floor((min(row["aupro"] for row in ours) - 0.002) * 100) / 100
    highest: float = math.ceil((max(row["aupro"] for row in ours) + 0.002) * 100) / 100

    def across(ms: float) -> float:
        return LEFT + (RIGHT - LEFT) * (math.log10(ms) - low) / (high - low)

    def down(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - lowest) / (highest - lowest)

    foot = BOTTOM + LINE * len(timed) + (28 if timed else 8)
    shapes = [f'<text x="{LEFT}" y="26">true AUPRO on MVTec AD bottle</text>']
    for ms in (m * 10**k for k in range(-1, 5) for m in (1, 2, 5)):
        if low < math.log10(ms) < high:
            x = across(ms)
            shapes.append(f'<path d="M{x:.0f} {TOP}V{foot}" stroke="#e2e6e8"/>')
            shapes.append(f'<text x="{x:.0f}" y="{foot + 16}" text-anchor="middle" fill="#555">{ms:g}</text>')
    for step in range(round((highest - lowest) * 200) + 1):
        value = lowest + step / 200
        shapes.append(f'<path d="M{LEFT} {down(value):.0f}H{RIGHT}" stroke="#e2e6e8"/>')
        words = f"{value:.3f}"
        shapes.append(f'<text x="{LEFT - 7}" y="{down(value) + 4:.0f}" text-anchor="end" fill="#555">{words}</text>')
    for row in ours:
        words = f"{row['name']}: {row['aupro']:.4f}, {row['ms_p50']:.1f} ms"
        shapes += _point(across(row["ms_p50"]), down(row["aupro"]), words, "#1868b0")
    if timed:
        words = "anomalib's PatchCore, time alone (weights and banks at random):"
        shapes.append(f'<text x="{LEFT}" y="{BOTTOM + 18}" fill="#555">{words}</text>')
    for n, row in enumerate(timed):
        words = f"{row['backbone']}, {row['share']:.0%} bank, {row['runtime']}: {row['ms_p50']:.0f} ms"
        shapes += _point(across(row["ms_p50"]), BOTTOM + 30 + LINE * n, words, "#8a5a44")
    shapes.append(f'<text x="{RIGHT}" y="{foot + 36}" text-anchor="end">milliseconds a picture (logarithmic)</text>')
    height = foot + 48
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 820 {height}" font-family="sans-serif" font-size="12">'
        f'<rect width="820" height="{height}" fill="#fff"/>{"".join(shapes)}</svg>\n'
    )


def _point(x: float, y: float, words: str, colour: str) -> list[str]:
    """A dot, and its words on the side that has room for them."""
    left = x > (LEFT + RIGHT) / 2
    place = f'x="{x - 9:.0f}" text-anchor="end"' if left else f'x="{x + 9:.0f}"'
    return [
        f'<circle cx="{x:.0f}" cy="{y:.0f}" r="5" fill="{colour}"/>',
        f'<text {place} y="{y + 4:.0f}" fill="#123" paint-order="stroke" stroke="#fff" stroke-width="3">'
        f"{escape(words)}</text>",
    ]
