"""What measuring a method prints and writes: the same figures under the same names, whatever the method."""

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from inspector.console import progress_bars, say
from inspector.scoring.calibrate import upward
from inspector.scoring.metrics import f1_max
from tools.command import make_room, writing
from tools.dataset import test_samples
from tools.intervals import at_most, clopper_pearson
from tools.maps import write_maps
from tools.measure import Figures, Measured, Method, figures, measure
from tools.provenance import chosen_from, fitted_among, set_name

NAMES = {
    "image_auroc": "image AUROC",
    "pixel_auroc": "pixel AUROC",
    "aupro": "AUPRO (per region, to FPR 0.3)",
    "partial_pixel_auroc": "partial pixel AUROC (to FPR 0.3)",
    "f1_max": "F1-max",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a method's row says of it, beside the figures."""

    method: str
    backbone: str | None
    """None for a network of the method's own."""
    input_size: tuple[int, int]
    """Width and height of the network's input."""
    bank_size: int | None
    """Vectors in the bank; None without one."""
    basis: str = ""
    """What the threshold was chosen from, as the recipe tells it."""
    fitted_on: frozenset[bytes] | None = None
    """Digests of the pictures that it was fitted on; None where they are not recorded."""


def add_outputs(parser: argparse.ArgumentParser) -> None:
    """The arguments that `report` reads: --data, --json, --raw, --maps, --full."""
    data = Path("recordings/flange")
    parser.add_argument(
        "--data", type=Path, default=data, metavar="DIR", help=f"MVTec AD's layout or a recording; default: {data}"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures with their intervals")
    parser.add_argument(
        "--raw", type=Path, metavar="FILE.npz", help="write scores, labels, maps, masks: all that figures are made of"
    )
    parser.add_argument(
        "--maps", type=Path, metavar="DIR", help="write a picture of each part with its heat, and worst.jpg"
    )
    parser.add_argument("--full", action="store_true", help="pixel figures at the pictures' own size, not 256 × 256")


def report(method: Method, about: About, options: argparse.Namespace) -> None:
    """Measure a method on the labelled pictures in `options.data`; print the figures, write what the options ask for.

    Raises SourceError for pictures that are missing or cannot be read.
    """
    make_room(options.json, options.raw, options.maps and options.maps / "worst.jpg")
    samples = test_samples(options.data)
    with progress_bars() as progress:
        measured = measure(method, samples, options.full, progress)
        progress("intervals", 0, 1)
        found = figures(measured)
        progress("intervals", 1, 1)
    _show(found, measured, method.threshold, about)
    if options.json is not None:
        text = json.dumps(document(method, about, measured, found), indent=2)
        with writing(options.json):
            options.json.write_text(text + "\n", encoding="utf-8")
    if options.raw is not None:
        with writing(options.raw):
            np.savez_compressed(
                options.raw,
                scores=measured.scores,
                labels=measured.labels,
                maps=measured.maps,
                masks=measured.masks,
                masked=measured.masked,  # a defective picture without a mask is in no pixel figure
                names=np.array([sample.name for sample in samples]),
                threshold=method.threshold,
            )
    if options.maps is not None:
        write_maps(options.maps, samples, measured, method.threshold)
        say(Console(), {"look at": f"{options.maps / 'worst.jpg'} and the pictures beside it"})


def document(method: Method, about: About, measured: Measured, found: Figures) -> dict[str, Any]:
    """All that is known of a method on these pictures, as the JSON files have it."""
    known = {**found, **rates(measured, method.threshold)}
    return {
        **{name: None if figure is None else figure.plain() for name, figure in known.items()},
        "threshold": method.threshold,
        "method": about.method,
        "recipe": method.recipe_id,
        "backbone": about.backbone,
        "input_size": about.input_size,
        "bank_size": about.bank_size,
        "pixel_size": [measured.maps.shape[2], measured.maps.shape[1]],
        "ms_per_picture": float(np.median(measured.milliseconds)),
        "processor_used_by_others": measured.others,
        "runtime": method.runtime,
        "pictures": {
            "good": int((~measured.labels).sum()),
            "defective": int(measured.labels.sum()),
            "defective_without_mask": int((measured.labels & ~measured.masked).sum()),
            "set": set_name(measured.digests),
            "fitted_on": fitted_among(measured.digests, about.fitted_on),
            "chose_the_threshold": chosen_from(about.basis, measured.digests),
        },
    }


def rates(measured: Measured, threshold: float) -> Figures:
    """How often a threshold is wrong, with exact 95 % bounds."""
    failed = measured.scores > threshold
    good, bad = ~measured.labels, measured.labels
    return {
        "false_rejects": clopper_pearson(int(failed[good].sum()), int(good.sum())) if good.any() else None,
        "misses": clopper_pearson(int((~failed[bad]).sum()), int(bad.sum())) if bad.any() else None,
    }


def counts(measured: Measured, threshold: float) -> str:
    """How many pictures a threshold gets wrong, and how many of all parts that allows."""
    return counts_of(measured.scores[~measured.labels], measured.scores[measured.labels], threshold)


def counts_of(good: NDArray[np.float64], bad: NDArray[np.float64], threshold: float) -> str:
    """The same from the scores of good and of defective parts."""
    words = []
    for kind, wrong, all_of in (
        ("good rejected", good > threshold, "false rejects"),
        ("defective missed", bad <= threshold, "misses"),
    ):
        if len(wrong):
            most = at_most(int(wrong.sum()), len(wrong))
            words.append(f"{wrong.sum()} of {len(wrong)} {kind}: at most {upward(most)} {all_of}")
    return f"{'; '.join(words)} (one-sided 95 %, Clopper–Pearson)"


def _show(found: Figures, measured: Measured, threshold: float, about: About) -> None:
    table = Table("figure", "value", "95 % interval", title_justify="left")
    for name, figure in found.items():
        if figure is None:
            table.add_row(NAMES[name], "–", _lacking(name, measured))
        else:
            spread = f"{figure.low:.4f} to {figure.high:.4f}" if figure.spread else "no spread; see counts"
            table.add_row(NAMES[name], f"{figure.value:.4f}", spread)
    for name, rate in rates(measured, threshold).items():
        if rate is not None:
            words = f"{name.replace('_', ' ')} at τ = {threshold:.2f}"
            table.add_row(words, f"{rate.value:.1%}", f"{rate.low:.1%} to {rate.high:.1%} (Clopper–Pearson)")
    table.add_row("milliseconds a picture (median)", f"{np.median(measured.milliseconds):.1f}", "")
    Console().print(table)
    lines = {"counts": f"at τ = {threshold:.2f} {counts(measured, threshold)}"}
    if found["f1_max"] is not None:
        best = f1_max(measured.scores, measured.labels)[1]
        lines["note"] = f"F1-max is reached at τ = {best:.2f}, chosen on these pictures: no claim for others"
    if measured.unlocated:
        lines["unlocated"] = f"in {measured.unlocated} pictures no part was found; they are rejected, scored highest"
    if unmasked := int((measured.labels & ~measured.masked).sum()):
        lines["masks"] = f"{unmasked} defective pictures have none, or a black one; the pixel figures are without them"
    careful = []
    if fitted := fitted_among(measured.digests, about.fitted_on):
        careful.append(f"{fitted} of these pictures were fitted on: their scores are lower than those of parts unseen")
    if chosen_from(about.basis, measured.digests):
        careful.append("the threshold was chosen on these very pictures: false rejects and misses claim nothing")
    if careful:
        lines["careful"] = "; ".join(careful)
    say(Console(), lines)


def _lacking(name: str, measured: Measured) -> str:
    """Why the pictures do not allow a figure."""
    if name in ("image_auroc", "f1_max"):
        bad = int(measured.labels.sum())
        return f"needs good and defective pictures; {len(measured.labels) - bad} and {bad}"
    return "needs a mask of a defect; there is none"
