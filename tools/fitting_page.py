"""The page of fitting: Markdown, from what tools.measure_fitting measured. Pure."""

from collections.abc import Mapping
from typing import Any, Final

WAYS: Final[Mapping[str, str]] = {
    "kmeans": "k-means",
    "kcenter": "greedy k-center",
    "both": "k-means from k-center",
    "random": "random",
}
BUSY: Final = 0.1


def page(found: Mapping[str, Any]) -> str:
    """The whole of docs/fitting.md; found: what was measured, by name."""
    lines = [
        "# What fitting takes",
        "",
        "Written by `python -m tools.measure_fitting bottle`, `… stream` and `… methods`, not by hand.",
        "",
    ]
    if "bottle" in found or "stream" in found:
        lines += ["| pictures | patches | bank | seconds, by stage | after the features | peak memory | recipe |"]
        lines += [f"|{'---|' * 7}"]
        lines += [_fit(found[what]) for what in ("bottle", "stream") if what in found]
        lines += [""]
        lines += [_stated(found[what], what) for what in ("bottle", "stream") if what in found]
        lines += ["", *STREAMED, ""]
    if "methods" in found:
        lines += _methods(found["methods"])
    return "\n".join(lines)


def _fit(row: Mapping[str, Any]) -> str:
    stages = ", ".join(f"{name} {seconds}" for name, seconds in row["stages_s"].items())
    after = sum(row["stages_s"].get(name, 0) for name in AFTER)
    return (
        f"| {row['pictures']:,} | {row['patches']:,} | {row['bank']:,} × {row['dimension']} | {stages} | {after:.1f} "
        f"| {row['peak_rss_mb']:,} MB | {row['recipe'][:12]} |"
    )


AFTER: Final = ("memory bank", "good scores", "health, files")
"""The stages that come after features were extracted."""


def _stated(row: Mapping[str, Any], what: str) -> str:
    others = row["processor_used_by_others"]
    busy = f"; other work took {others:.0%} of it, so the seconds are too many" if (others or 0) > BUSY else ""
    return f"- {MATERIAL[what]}. {row['machine']}{busy}. {row['versions']}."


MATERIAL: Final[Mapping[str, str]] = {
    "bottle": "First: every patch of the 209 good bottles at 320², by the `fast` preset's backbone and bank",
    "stream": "Then: good pictures made from the bottles at half size, each turned, moved, lit and grained otherwise, "
    "made when asked for; the preset `fast`",
}

STREAMED: Final = (
    "Pictures are read one at a time. What is held is at most 400,000 sampled patches and the features of the first "
    "pictures, as far as 1 GB goes; later pictures are looked at twice. The same pictures, options, machine and "
    "versions give the same recipe, to its hash.",
)


def _methods(found: Mapping[str, Any]) -> list[str]:
    rows = found["methods"]
    others = found["processor_used_by_others"]
    busy = f" Other work took {others:.0%} of the machine, so the seconds are too many." if (others or 0) > BUSY else ""
    return [
        "## Which vectors make the bank",
        "",
        f"The preset `fast` on bottle, and on bottle of which {found['rare']} of {found['pictures']} good pictures "
        "carry a printed dot somewhere around the middle: a good pattern that is rare. There, the image AUROC of the "
        "defective test pictures against the good ones, plain and with such a dot, and against those with the dot "
        f"alone; and how many of these the threshold would reject.{busy}",
        "",
        "| bank | AUPRO | image AUROC | with the dot too | with the dot alone | dotted ones rejected | seconds |",
        f"|{'---|' * 7}",
        *(
            f"| {WAYS[name]} | {row['aupro']:.4f} | {row['image_auroc']:.4f} | {row['rare_auroc']:.4f} "
            f"| {row['rare_alone_auroc']:.4f} | {row['rare_above_threshold']:.0%} | {row['bank_s']:.1f} |"
            for name, row in rows.items()
        ),
        "",
        *CHOSEN,
        "",
    ]


CHOSEN: Final[tuple[str, ...]] = (
    "k-means averages a rare good pattern away: parts that carry it then score like defective ones, and its threshold "
    "rejects none of them only because those among the good pictures have put it so high. k-center keeps the pattern "
    "and collects outliers, which costs AUPRO. Lloyd's steps from its choice (`--method both`) lose neither, in no "
    "more time than k-means: the default for parts that are judged as they lie.",
)
