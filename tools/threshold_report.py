"""The calibration report: one HTML file with a histogram of the scores, the threshold and what it may claim."""

from html import escape
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector.scoring.recipe import Recipe, Threshold

WIDTH, HEIGHT, BASE = 760, 260, 30
BINS = 48

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 800px; margin: 3rem auto; padding: 0 1rem; color: #222 }
h1 { font-size: 1.5rem } dt { font-weight: 600; margin-top: .8rem } dd { margin: 0 }
svg { width: 100%; height: auto } .good { fill: #3a7d6b } .bad { fill: #c4472b; opacity: .85 }
line { stroke: #222; stroke-width: 2; stroke-dasharray: 5 4 } text { font-size: 13px; fill: #222 }
"""


def write_report(
    path: Path, recipe: Recipe, threshold: Threshold, good: NDArray[np.float64], bad: NDArray[np.float64]
) -> None:
    """Write the report on a threshold chosen from these good and (perhaps no) defective scores."""
    spec, bank = recipe.features, recipe.bank
    counted = f"{(good > threshold.value).sum()} of {len(good)} good parts score above it"
    if len(bad):
        counted += f", {(bad <= threshold.value).sum()} of {len(bad)} defective parts do not"
    facts = {
        "Threshold": f"{threshold.value:.4f}",
        "Rule": threshold.rule,
        "Basis": threshold.basis,
        "On these very scores": counted + ".",
        "Recipe before": f"{recipe.id}, threshold {recipe.threshold.value:.4f} by {recipe.threshold.rule}",
        "Bank": f"{bank.size} vectors ({bank.method}, seed {bank.seed}) from {bank.pictures} good pictures",
        "Features": f"{spec.backbone}, blocks {spec.blocks}, input {spec.input_size[0]} × {spec.input_size[1]}",
    }
    listed = "".join(f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in facts.items())
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Threshold of recipe {recipe.id}</title>'
        f"<style>{STYLE}</style><h1>Threshold of recipe {recipe.id}</h1>"
        f"{_histogram(threshold.value, good, bad)}<dl>{listed}</dl></html>\n",
        encoding="utf-8",
    )


def _histogram(threshold: float, good: NDArray[np.float64], bad: NDArray[np.float64]) -> str:
    """An SVG of both distributions over one axis, with the threshold."""
    every = np.concatenate([good, bad, [threshold]])
    edges = np.linspace(every.min() * 0.95, every.max() * 1.05, BINS + 1)
    counts = {"good": np.histogram(good, edges)[0], "bad": np.histogram(bad, edges)[0]}
    tallest = max(1, *(int(count.max()) for count in counts.values()))
    step = WIDTH / BINS

    def place(value: float) -> float:
        return float((value - edges[0]) / (edges[-1] - edges[0]) * WIDTH)

    bars = "".join(
        f'<rect class="{kind}" x="{n * step + 1:.1f}" y="{HEIGHT - count / tallest * (HEIGHT - 30):.1f}" '
        f'width="{step - 2:.1f}" height="{count / tallest * (HEIGHT - 30):.1f}"/>'
        for kind, column in counts.items()
        for n, count in enumerate(column)
        if count
    )
    ticks = "".join(
        f'<text x="{place(value):.0f}" y="{HEIGHT + 18}" text-anchor="middle">{value:.0f}</text>'
        for value in np.linspace(edges[0], edges[-1], 7)[1:-1]
    )
    at = place(threshold)
    anchor = "end" if at > WIDTH * 0.8 else "start"
    mark = (
        f'<line x1="{at:.1f}" y1="4" x2="{at:.1f}" y2="{HEIGHT}"/>'
        f'<text x="{at + (-6 if anchor == "end" else 6):.1f}" y="16" text-anchor="{anchor}">τ = {threshold:.2f}</text>'
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT + BASE}" role="img" aria-label="Scores of good (green) and defective (red) '
        f'parts, and the threshold">{bars}{ticks}{mark}</svg>'
    )
