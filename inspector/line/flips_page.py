"""The report on two recipes: one HTML file, pictures included, that can be sent to whoever decides. Pure.

A picture is the part with the score map over it and the defects' outlines, composed in SVG from the same overlay that
the viewer gets.
"""

import base64
import zlib
from html import escape
from struct import pack
from typing import Final

from inspector.line.flips import Comparison, Flip, Side
from inspector.messages import Overlay

HEAT: Final = ((24, 8, 72), (190, 46, 96), (252, 168, 50), (252, 252, 190))
"""From cold to hot: red, green, blue of the score map's colours."""
PLOT: Final = 360
"""Side of the plot of scores, in pixels."""

STYLE = """
:root { color-scheme: light dark; --ink: #22262a; --dim: #687078; --paper: #fbfaf8; --card: #fff; --edge: #dedbd5;
        --pass: #2e7d5b; --fail: #c23b2a; --other: #a3741a }
@media (prefers-color-scheme: dark) { :root { --ink: #e7e5e1; --dim: #9aa1a8; --paper: #16181a; --card: #1f2224;
        --edge: #34383b; --pass: #5bbd92; --fail: #f0705e; --other: #d9a847 } }
* { box-sizing: border-box }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 0 auto; padding: 2.5rem 1.25rem;
       color: var(--ink); background: var(--paper) }
h1 { font-size: 1.6rem; margin: 0 } h2 { font-size: 1.15rem; margin: 2.4rem 0 .8rem }
.lead { color: var(--dim); margin: .2rem 0 1.6rem }
.top { display: flex; gap: 2.5rem; flex-wrap: wrap; align-items: flex-start }
.top > div { flex: 1 1 26rem; min-width: 0 }
.count { font-size: 2.6rem; font-weight: 650; line-height: 1.1 }
table { border-collapse: collapse; font-variant-numeric: tabular-nums }
td { overflow-wrap: anywhere }
td, th { text-align: left; padding: .25rem 1.2rem .25rem 0; vertical-align: top }
th { font-weight: 600; color: var(--dim) }
.flip { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 1rem 1.1rem 1.1rem;
        margin: 0 0 1rem }
.flip h3 { font-size: 1rem; margin: 0 0 .7rem } .flip h3 span { color: var(--dim); font-weight: 400 }
.sides { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem }
@media (max-width: 700px) { .sides { grid-template-columns: 1fr } }
figure { margin: 0 } figure svg { width: 100%; height: auto; display: block; border-radius: 6px; background: #000 }
figcaption { margin-bottom: .4rem } .word { font-weight: 650 }
.pass { color: var(--pass) } .fail { color: var(--fail) } .not_inspected { color: var(--other) }
.plot { flex: 0 1 380px; min-width: 16rem; height: auto } .plot text { font-size: 12px; fill: var(--dim) }
.plot .frame { fill: none; stroke: var(--edge) } .plot .tau { stroke: var(--dim); stroke-dasharray: 4 4 }
.plot .same { fill: var(--dim); opacity: .55 } .plot .turned { fill: var(--fail) }
"""


def page(compared: Comparison) -> str:
    """The report as one HTML document that loads nothing."""
    turned = [flip for flip in compared.flips if flip.after.judgement.outcome == "pass"]
    judged = compared.parts - compared.lost
    title = f"{compared.before.id} against {compared.after.id}"
    lost = f"; of {compared.lost} more there is no picture" if compared.lost else ""
    flips = "".join(map(_flip, compared.flips)) or "<p>Both recipes judge every part alike.</p>"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{escape(title)}</title><style>{STYLE}</style>'
        f"<h1>What another recipe would change</h1>"
        f'<p class="lead">{escape(compared.source)}: {judged} parts, judged by both{lost}</p>'
        f'<div class="top"><div><div class="count">{len(compared.flips)} of {judged}</div>'
        f"<p>parts get another verdict: {len(turned)} would pass that did not, "
        f"{len(compared.flips) - len(turned)} would no longer pass or have another reason.</p>"
        f"{_recipes(compared)}</div>{_plot(compared)}</div>"
        f"<h2>The parts that flip</h2>{flips}</html>\n"
    )


def _recipes(compared: Comparison) -> str:
    before, after = compared.before, compared.after
    rows: dict[str, tuple[str, ...]] = {
        "": ("now", "instead"),
        "Recipe": (before.id, after.id),
        "Folder": (str(before.folder), str(after.folder)),
        "Threshold": tuple(f"{each.threshold.value:.4f} ({each.threshold.rule})" for each in (before, after)),
        "Bank": tuple(f"{each.bank.size} vectors from {each.taught_from}" for each in (before, after)),
        "Backbone": tuple(each.features.backbone for each in (before, after)),
    }
    if compared.wrong[0].known:
        told = (f"{each.misses} misses, {each.false_rejects} false rejects" for each in compared.wrong)
        rows[f"Wrong, of {compared.wrong[0].known} known"] = tuple(told)
    lines = (
        f"<tr><th>{name}</th>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
        for name, cells in rows.items()
    )
    return f"<table>{''.join(lines)}</table>"


def _flip(flip: Flip) -> str:
    name = f" <span>{escape(flip.part)}</span>" if flip.part else ""
    name += "" if flip.defective is None else f" <span>· really {'defective' if flip.defective else 'good'}</span>"
    sides = _figure("now", flip.before) + _figure("instead", flip.after)
    return f'<section class="flip"><h3>Part {flip.seq}{name}</h3><div class="sides">{sides}</div></section>'


def _figure(which: str, side: Side) -> str:
    judgement = side.judgement
    score = f"score {judgement.score:.4f}" if judgement.score is not None else escape(judgement.reason or "")
    word = judgement.outcome.replace("_", " ")
    caption = f'{which}: <span class="word {judgement.outcome}">{word}</span>, {score}, threshold {side.threshold:.4f}'
    return f"<figure><figcaption>{caption}</figcaption>{_picture(side.overlay)}</figure>"


def _picture(overlay: Overlay) -> str:
    """The part in source pixels, the map over it where it is warm, the outlines on top."""
    width, height = overlay.picture_size
    a, b, c, d, e, f = overlay.picture_to_source
    corners = [(c, f), (a * width + c, d * width + f), (b * height + c, e * height + f),
               (a * width + b * height + c, d * width + e * height + f)]  # fmt: skip
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    left, top, wide, high = min(xs), min(ys), max(xs) - min(xs), max(ys) - min(ys)
    layers = [_image("jpeg", overlay.jpeg, overlay.picture_size, overlay.picture_to_source)]
    if overlay.score_map:
        layers.append(_image("png", _heat(overlay), overlay.map_size, overlay.map_to_source))
    stroke = max(wide, high) / 320
    layers += [
        f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in outline)}" fill="none" stroke="#fff" '
        f'stroke-width="{stroke:.2f}" stroke-linejoin="round"/>'
        for outline in overlay.outlines
    ]
    return (
        f'<svg viewBox="{left:.2f} {top:.2f} {wide:.2f} {high:.2f}" role="img" aria-label="The part, where it differs '
        f'from good ones">{"".join(layers)}</svg>'
    )


def _image(kind: str, content: bytes, size: tuple[int, int], to_source: tuple[float, ...]) -> str:
    a, b, c, d, e, f = to_source
    data = base64.b64encode(content).decode()
    return (
        f'<image href="data:image/{kind};base64,{data}" width="{size[0]}" height="{size[1]}" '
        f'preserveAspectRatio="none" transform="matrix({a:.6g} {d:.6g} {b:.6g} {e:.6g} {c:.6g} {f:.6g})"/>'
    )


def _heat(overlay: Overlay) -> bytes:
    """The score map as a PNG whose opacity grows from half the threshold on: what is usual leaves the part visible."""
    width, height = overlay.map_size
    table = b"".join(_colour(level) for level in range(256))
    rows = (overlay.score_map[row * width : (row + 1) * width] for row in range(height))
    raw = b"".join(b"\0" + b"".join(table[4 * level : 4 * level + 4] for level in row) for row in rows)
    head = pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", zlib.compress(raw)) + _chunk(b"IEND", b"")


def _colour(level: int) -> bytes:
    """Red, green, blue and opacity of a level, of which 128 is the threshold."""
    place = level / 255 * (len(HEAT) - 1)
    low = min(int(place), len(HEAT) - 2)
    mixed = (round(p + (q - p) * (place - low)) for p, q in zip(HEAT[low], HEAT[low + 1], strict=True))
    return bytes((*mixed, round(190 * min(1.0, max(0.0, (level - 64) / 100)))))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return pack(">I", len(content)) + kind + content + pack(">I", zlib.crc32(kind + content))


def _plot(compared: Comparison) -> str:
    """Each part's score by one recipe over that by the other, in units of the thresholds: what flips is off the corner
    squares at the lower left and the upper right."""
    taus = compared.before.threshold.value, compared.after.threshold.value
    both = [(x / taus[0], y / taus[1]) for x, y in compared.scores if x is not None and y is not None]
    most = max([1.25, *(max(pair) for pair in both)]) * 1.04

    def at(value: float) -> float:
        return value / most * PLOT

    kinds = ("turned", "same")
    dots = "".join(
        f'<circle class="{kinds[(x <= 1) == (y <= 1)]}" cx="{at(x):.1f}" cy="{PLOT - at(y):.1f}" r="3"/>'
        for x, y in both
    )
    tau = at(1)
    return (
        f'<svg class="plot" viewBox="-22 -4 {PLOT + 30} {PLOT + 30}" role="img" aria-label="Scores by both recipes">'
        f'<rect class="frame" width="{PLOT}" height="{PLOT}"/>'
        f'<line class="tau" x1="{tau:.1f}" y1="0" x2="{tau:.1f}" y2="{PLOT}"/>'
        f'<line class="tau" x1="0" y1="{PLOT - tau:.1f}" x2="{PLOT}" y2="{PLOT - tau:.1f}"/>{dots}'
        f'<text x="{PLOT / 2}" y="{PLOT + 17}" text-anchor="middle">score now, of its threshold</text>'
        f'<text transform="translate(-8 {PLOT / 2}) rotate(-90)" text-anchor="middle">score instead</text></svg>'
    )
