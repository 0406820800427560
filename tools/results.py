"""The page of results: Markdown, from rows that were measured. Pure."""

from collections.abc import Iterable, Sequence

from inspector.scoring.calibrate import upward
from tools.intervals import Interval, at_most
from tools.rows import Row

COLUMNS = (
    "method",
    "backbone",
    "input",
    "bank",
    "image AUROC (95 %)",
    "pixel AUROC",
    "AUPRO (95 %)",
    "partial pixel AUROC",
    "F1-max",
    "ms",
    "the original reported",
)
THEIRS = "bottle"
"""The data set that the original's figures are of."""


def page(rows: Sequence[Row], command: str) -> str:
    """The whole of docs/results.md."""
    lines = [
        "# Every method on the same pictures",
        "",
        f"Written by `{command}`, not by hand; every figure with its interval is in the JSON file beside this page.",
        "",
        *_head(rows),
        "",
        f"| {' | '.join(COLUMNS)} |",
        f"|{'---|' * len(COLUMNS)}",
        *(f"| {' | '.join(_cells(row))} |" for row in rows),
        "",
        *_legend(rows),
        *(_against_the_original(rows) if rows[0].data.rstrip("/").endswith(THEIRS) else []),
    ]
    return "\n".join(lines) + "\n"


def _head(rows: Sequence[Row]) -> list[str]:
    pictures = rows[0].document["pictures"]
    lacking = [row for row in rows if not row.own]
    facts = {
        "data": f"`{rows[0].data}`: {pictures['good']} good and {pictures['defective']} defective test pictures",
        "machine": _each(row.machine for row in rows) + _load(rows),
        "versions": _each(row.versions for row in rows),
        "date": _each(row.date for row in rows),
        "rows without their own backbone": "; ".join(f"{row.name} (wants {row.wanted_backbone})" for row in lacking)
        or "none",
    }
    if lacking:
        facts["to fill them in"] = (
            "`make results` on a machine with internet; their weights could not be had here, so they were measured on "
            "the bundled EfficientNet-Lite0, which says nothing about the backbone they want"
        )
    return [f"- **{name}**: {fact}" for name, fact in facts.items()]


def _cells(row: Row) -> list[str]:
    told = row.document
    backbone = told["backbone"] or "its own network"
    width, height = told["input_size"]
    return [
        row.name,
        backbone if row.own else f"**{backbone}** instead of {row.wanted_backbone}",
        f"{width} × {height}",
        f"{told['bank_size']:,}" if told["bank_size"] else "–",
        _figure(row.figure("image_auroc"), interval=True),
        _figure(row.figure("pixel_auroc")),
        _figure(row.figure("aupro"), interval=True),
        _figure(row.figure("partial_pixel_auroc")),
        _figure(row.figure("f1_max")),
        f"{told['ms_per_picture']:.1f}{' (busy)' if row.busy else ''}",
        row.reported,
    ]


def _figure(figure: Interval | None, interval: bool = False) -> str:
    if figure is None:
        return "–"
    if not interval:
        return f"{figure.value:.4f}"
    spread = f"{figure.low:.4f} to {figure.high:.4f}" if figure.spread else "no spread; see counts"
    return f"{figure.value:.4f} ({spread})"


def _legend(rows: Sequence[Row]) -> list[str]:
    pictures = rows[0].document["pictures"]
    good, bad = pictures["good"], pictures["defective"]
    lines = [
        "- **95 %**: stratified bootstrap over the pictures. A figure that the pictures do not allow is a dash.",
        "- **pixel AUROC, AUPRO**: at 256 × 256. AUPRO is the true one: per 8-connected region, to a false-positive "
        "rate of 0.3.",
        "- **partial pixel AUROC**: over all pixels, to a false-positive rate of 0.3. The original called it AUPRO; it "
        "knows no regions and is not comparable with published AUPRO. Its second figure is this one.",
        "- **F1-max**: its threshold is chosen on these very pictures, so it claims nothing for others.",
        "- **ms**: median a picture, from memory to score and map, on this machine, of the pass over the pictures that "
        "other programs disturbed least; the original's are of its own machine.",
    ]
    if good and bad:
        lines.append(
            f"- **counts**: a perfect AUROC has no bootstrap spread, which is no knowledge. Nothing wrong among {good} "
            f"good and {bad} defective pictures still allows {upward(at_most(0, good))} false rejects and "
            f"{upward(at_most(0, bad))} misses (one-sided 95 %, Clopper–Pearson)."
        )
    return lines


def _against_the_original(rows: Sequence[Row]) -> list[str]:
    """What becomes of the original's claims, on its own pictures."""
    notes = []
    for row in rows:
        auroc, reported = row.figure("image_auroc"), row.reported_auroc
        if row.own and auroc is not None and reported is not None:
            verdict = "reached" if auroc.value >= reported - 5e-5 else "not reached"
            notes.append(
                f"- **{row.name}**: the reported image AUROC of {reported:.4f} is {verdict} ({auroc.value:.4f})."
            )
        if row.reported_threshold is not None:
            notes.append(f"- **{row.name}**: {_at_threshold(row, row.reported_threshold)}")
    return notes


def _at_threshold(row: Row, threshold: float) -> str:
    if row.f1_at_reported is None:
        used = row.document["backbone"]
        return f"the reported τ = {threshold:.1f} belongs to {row.wanted_backbone}, so it is not applied to {used}."
    best = "" if row.best_threshold is None else f", F1-max at {row.best_threshold:.1f}"
    return f"F1 {row.f1_at_reported:.4f} at its reported τ = {threshold:.1f}{best}."


def _load(rows: Sequence[Row]) -> str:
    """What to say of other work on the machine: milliseconds measured beside it are not what the method takes."""
    shares = [share for row in rows if (share := row.document["processor_used_by_others"]) is not None]
    if not shares:
        return ""
    told = f"; other programs took at most {max(shares):.0%} of it while a row was measured"
    return told + (", and where a row says busy its milliseconds are too high" if any(row.busy for row in rows) else "")


def _each(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))
