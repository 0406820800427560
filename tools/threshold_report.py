"""The calibration report: one HTML file, without scripts and links, that a quality engineer can sign and file."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import cv2
import numpy as np

from inspector.scoring.calibrate import Costs, upward
from inspector.scoring.recipe import Recipe
from tools.calibration import Calibration
from tools.charts import Mark, error_rates, expected_cost, histogram
from tools.intervals import at_most
from tools.machine import processor, versions
from tools.maps import look

NEAREST = 4
"""Parts shown of each kind."""
TILE = 240

RULES = {
    "false_reject": "at most a stated share of good parts is rejected, with stated confidence",
    "f1_max": "the best F1 on labelled pictures",
    "cost": "the least expected cost of misses and false rejects",
}
CAUTION = {
    "false_reject": "It says nothing about misses, and holds for parts like these, under the light of these pictures.",
    "f1_max": "These very pictures chose the threshold: the counts below are better than those of other parts will be.",
    "cost": "These very pictures chose the threshold: the counts below are better than those of other parts will be.",
}
_COLOURS = (
    "Over each part its heat, from violet, well below the new threshold, to yellow, twice as high; a red line encloses "
    "what lies above it, a yellow one the defect as it was drawn by hand."
)
_CHOSEN = "; it holds for a threshold that these parts did not choose, and so is no claim for the new one"
_BOUND = {"false_reject": "", "f1_max": _CHOSEN, "cost": _CHOSEN}

STYLE = """
:root { --good: #2f7d64; --bad: #c4472b; --ink: #1c2326; --faint: #626d74; --line: #d6dcdf }
body { font: 15px/1.5 system-ui, "Segoe UI", "Noto Sans", "Liberation Sans", Arial, sans-serif; max-width: 860px;
  margin: 2.5rem auto; padding: 0 1.2rem; color: var(--ink); font-variant-numeric: tabular-nums }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.05rem; margin: 2rem 0 .5rem }
p { margin: .3rem 0 } .faint, figcaption { color: var(--faint) } code { font-size: .85em; overflow-wrap: anywhere }
.value { display: flex; gap: 1.6rem; align-items: baseline; margin: 1.2rem 0; padding: .9rem 1.1rem;
  border-left: 5px solid var(--ink); background: #f3f5f6 }
.value b { font-size: 2.1rem; line-height: 1.1; white-space: nowrap } .value p { margin: 0 }
table { border-collapse: collapse; width: 100% } th, td { padding: .35rem .6rem .35rem 0; text-align: left;
  vertical-align: top; border-bottom: 1px solid var(--line) } th { font-weight: 600 }
.facts th { width: 11rem; font-weight: 500; color: var(--faint) } .number { text-align: right }
svg { width: 100%; height: auto; display: block } svg text { font-size: 12.5px; fill: var(--ink) }
svg .axis { fill: var(--faint) } svg .grid { stroke: var(--line) }
rect.good { fill: var(--good) } rect.bad { fill: var(--bad) }
polyline { fill: none; stroke-width: 2 } .good-line, .good-bound { stroke: var(--good) }
.cost-line { stroke: var(--ink) }
.bad-line, .bad-bound { stroke: var(--bad) } .good-bound, .bad-bound { stroke-width: 1.3; stroke-dasharray: 4 3 }
line.new { stroke: var(--ink); stroke-width: 2 } line.old { stroke: var(--faint); stroke-dasharray: 3 3 }
svg .mark { font-weight: 600; paint-order: stroke; stroke: #fff; stroke-width: 4px }
.parts { display: grid; grid-template-columns: repeat(4, 1fr); gap: .8rem } figure { margin: 0 }
figure img { width: 100%; display: block } figcaption { font-size: .85rem }
.wrong { color: var(--bad); font-weight: 600 }
.sign { display: grid; grid-template-columns: repeat(3, 1fr); gap: 2rem; margin-top: 3.2rem }
.sign div { border-top: 1px solid var(--ink); padding-top: .3rem; color: var(--faint) } .sign b { color: var(--ink) }
@media print { body { margin: 0; max-width: none; font-size: 12px } h2, h2 + p { break-after: avoid }
  figure, svg, tr, .value, .sign { break-inside: avoid } }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filed:
    """All that the report tells."""

    chosen: Calibration
    before: Recipe
    after: Recipe | None
    """The recipe with the new threshold; None if that was not stored."""
    runtime: str
    command: str
    by: str | None = None
    """Who calibrated; None leaves the line to a pen."""


def write_report(path: Path, filed: Filed) -> None:
    """Write the report on a threshold."""
    chosen, before = filed.chosen, filed.before
    threshold = chosen.threshold
    marks = [Mark(value=threshold.value, name=f"τ = {threshold.value:.2f}", new=True)]
    if before.threshold.value != threshold.value:
        marks.append(Mark(value=before.threshold.value, name=f"in force: {before.threshold.value:.2f}", new=False))
    body = [
        f"<h1>Threshold of recipe {escape(before.id)}</h1>",
        f'<p class="faint">Calibration report of {datetime.now(UTC):%Y-%m-%d %H:%M} UTC; {_stored(filed)}</p>',
        f'<div class="value"><b>τ = {threshold.value:.2f}</b><div><p><b style="font-size:1rem">{threshold.rule}</b>: '
        f"{RULES[threshold.rule]}.</p><p>{escape(_sentence(threshold.basis))}</p></div></div>",
        f"<p>{CAUTION[threshold.rule]}</p>",
        "<h2>Scores</h2>",
        histogram(chosen.good, chosen.bad, marks),
        "<h2>What another threshold would do</h2>",
        error_rates(chosen.good, chosen.bad, marks),
        *(_cost(chosen, chosen.costs, marks) if chosen.costs is not None else []),
        "<h2>On these scores</h2>",
        _table(chosen, before),
        _nearest(chosen),
        "<h2>How it came about</h2>",
        _facts(filed),
        f'<div class="sign"><div>calibrated by{_name(filed.by)}</div><div>checked by</div><div>date</div></div>',
    ]
    path.write_text(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Threshold of recipe {escape(before.id)}'
        f"</title><style>{STYLE}</style></head><body>{''.join(body)}</body></html>\n",
        encoding="utf-8",
    )


def _stored(filed: Filed) -> str:
    if filed.after is None:
        return "not stored: the recipe still has the threshold in force."
    return f"stored as recipe {filed.after.id}."


def _name(by: str | None) -> str:
    return "" if by is None else f" <b>{escape(by)}</b>"


def _cost(chosen: Calibration, costs: Costs, marks: list[Mark]) -> list[str]:
    told = (
        f"A miss costs {costs.miss:g}, a false reject {costs.false_reject:g}, and {costs.defective:.2%} of parts are "
        "defective; as these pictures have it."
    )
    return ["<h2>What it costs</h2>", f"<p>{told}</p>", expected_cost(chosen.good, chosen.bad, costs, marks)]


def _table(chosen: Calibration, before: Recipe) -> str:
    head = ["threshold", "good rejected", "false rejects at most"]
    if len(chosen.bad):
        head += ["defective missed", "misses at most"]
    rows = []
    for name, level in (("new", chosen.threshold.value), ("in force", before.threshold.value)):
        cells = [f"{name}: {level:.4f}"]
        kinds = [((chosen.good > level).sum(), len(chosen.good))]
        kinds += [((chosen.bad <= level).sum(), len(chosen.bad))] if len(chosen.bad) else []
        for wrong, of in kinds:
            cells += [f"{wrong} of {of} ({wrong / of:.1%})", upward(at_most(int(wrong), of))]
        rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    heads = "".join(f"<th>{name}</th>" for name in head)
    return (
        f"<table><tr>{heads}</tr>{''.join(rows)}</table>"
        '<p class="faint">At most: what these counts still allow of all such parts, one-sided, at 95 % confidence '
        f"(Clopper–Pearson){_BOUND[chosen.threshold.rule]}.</p>"
    )


def _nearest(chosen: Calibration) -> str:
    """The parts on which the threshold turns: good ones with the highest scores, defective ones with the lowest."""
    measured = chosen.measured
    if measured is None:
        return ""
    order = [int(n) for n in np.argsort(measured.scores, kind="stable")]
    groups = (
        ("Good parts with the highest scores", [n for n in order[::-1] if not measured.labels[n]]),
        ("Defective parts with the lowest scores", [n for n in order if measured.labels[n]]),
    )
    shown = [
        f'<h2>{title}</h2><div class="parts">{_figures(chosen, chosen_from[:NEAREST])}</div>'
        for title, chosen_from in groups
        if chosen_from
    ]
    return "".join(shown) + f'<p class="faint">{_COLOURS}</p>'


def _figures(chosen: Calibration, which: Sequence[int]) -> str:
    measured, threshold = chosen.measured, chosen.threshold.value
    assert measured is not None
    shown = []
    for n in which:
        sample, score = chosen.samples[n], measured.scores[n]
        jpeg = cv2.imencode(".jpg", look(sample, n, measured, threshold, TILE), [cv2.IMWRITE_JPEG_QUALITY, 85])[1]
        picture = base64.b64encode(jpeg.tobytes()).decode()
        failed = score > threshold
        words = f"{escape(sample.name)}, {score:.2f}"
        if failed != sample.defective:
            words += f' <span class="wrong">{"false reject" if failed else "missed"}</span>'
        shown.append(
            f'<figure><img alt="{escape(sample.name)}" src="data:image/jpeg;base64,{picture}">'
            f"<figcaption>{words}</figcaption></figure>"
        )
    return "".join(shown)


def _facts(filed: Filed) -> str:
    before, spec, bank = filed.before, filed.before.features, filed.before.bank
    facts = {
        "Scores from": filed.chosen.source,
        "Recipe before": f"{before.id} in {before.folder}: threshold {before.threshold.value:.4f} by the rule "
        f"{before.threshold.rule}; {before.threshold.basis}",
        "Recipe after": filed.after.id if filed.after else "not stored",
        "Bank": f"{bank.size} vectors of {bank.dimension} dimensions ({bank.method}, seed {bank.seed}) from "
        f"{bank.pictures} good pictures",
        "Features": f"{spec.backbone}, blocks {', '.join(map(str, spec.blocks))}, input {spec.input_size[0]} × "
        f"{spec.input_size[1]}, weights {spec.weights[:12]}",
        "Part of the picture": "all of it" if before.region is None else "x {}, y {}, {} × {}".format(*before.region),
        "Smallest defect": f"{before.min_defect_area:g} pixels²" if before.min_defect_area else "no minimum",
        "Scored by": f"{filed.runtime}; {processor()}; {versions()}",
        "Command": filed.command,
    }
    rows = "".join(
        f"<tr><th>{name}</th><td>{f'<code>{escape(text)}</code>' if name == 'Command' else escape(text)}</td></tr>"
        for name, text in facts.items()
    )
    return f'<table class="facts">{rows}</table>'


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
