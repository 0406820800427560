"""The page of the levers: Markdown, from rows that were measured. Pure."""

from collections.abc import Mapping
from typing import Final

from inspector.scoring.presets import Preset
from tools import choosing
from tools.choosing import LIMITS, Lever, picked

DESPITE: Final[Mapping[Preset, str]] = {
    "fast": "the rule sees neither how far apart the scores of good and defective parts lie nor other parts than "
    "these, and there the one it picks loses (below); the verdict comes before the outline"
}
"""Why a preset is another recipe than the rule picks."""


def page(rows: Mapping[str, Lever], names: Mapping[str, str], data: str) -> str:
    """The whole of docs/levers.md; names: what each row is of, measured or not, in order."""
    some = next(iter(rows.values()))
    rule = (choosing.__doc__ or "").split("The rule, ")[1].strip().replace("\n", " ")
    return "\n".join(
        [
            "# What each choice is worth",
            "",
            f"Written by `python -m tools.levers --data {data}`, not by hand. {some.machine}. {some.versions}."
            f"{_disturbed(rows)}",
            "",
            f"The rule, {rule}",
            "",
            *(_choice(preset, rows, names) for preset in LIMITS),
            "",
            "| recipe | AUPRO, choosing half | reporting half | all | image AUROC, all | on the bundled recording | ms "
            "| p99 |",
            f"|{'---|' * 8}",
            *(_row(name, rows.get(key)) for key, name in names.items()),
            "",
            *NOTES,
        ]
    )


def _choice(preset: Preset, rows: Mapping[str, Lever], names: Mapping[str, str]) -> str:
    """What the rule picks for a preset, and whether the preset is that."""
    limit = LIMITS[preset]
    choice = picked(rows, limit.ms)
    within = sum(row.ms_p50 <= limit.ms for row in rows.values())
    head = f"- `{preset}` has {limit.ms:.1f} ms ({limit.why}). "
    if choice is None:
        return f"{head}None of the {len(rows)} measured recipes is within that, so the rule picks none."
    found = rows[choice]
    head += (
        f"Of the {within} measured recipes within that the rule picks **{names[choice]}**: {found.choosing:.4f} on the "
        f"choosing half, {found.ms_p50:.1f} ms. "
    )
    if choice == preset:
        return f"{head}The preset is that one."
    return f"{head}The preset is another: {DESPITE.get(preset, 'nobody has said why; change it, or say so here')}."


def _row(name: str, row: Lever | None) -> str:
    if row is None:
        return f"| {name} | not measured |{' – |' * 6}"
    return (
        f"| {name} | {row.choosing:.4f} | {row.reporting:.4f} | {row.whole:.4f} | {row.image_auroc:.4f} "
        f"| {row.bundled_auroc:.4f} | {row.ms_p50:.1f}{'*' if row.busy else ''} | {row.ms_p99:.1f} |"
    )


def _disturbed(rows: Mapping[str, Lever]) -> str:
    busy = [row.others for row in rows.values() if row.busy and row.others is not None]
    if not busy:
        return ""
    return (
        f" Other work took up to {max(busy):.0%} of it while the times with a * were taken: too long, so what "
        "the rule picks is not its last word. `python -m tools.levers --times` takes them again."
    )


NOTES: Final = (
    "Tried on cached features and not kept, since none of it gained more than 0.0003 on the choosing "
    "half: channels divided by their "
    "deviation (the noisy ones are the ones that tell), whitening by principal components, distances divided by the "
    "radius of the cluster or by what is usual at the place, the mean of three neighbours instead of the nearest, "
    "smoothing, a stride-4 grid, blocks at stride 32, a bank a block, two input sizes or two backbones together, "
    "and a reflected margin around the picture.",
    "",
    "Tried the same way with a bank of 1,000, and not worth its time either: the hidden activations behind the blocks' "
    "depthwise convolutions (they lose clearly), the place as two more dimensions, distances to the nearest cluster's "
    "own subspace, a share of what is usual at the place taken off, the mean with the map of the mirrored picture or "
    "of one moved by half a cell. Most of what is lost lies in the contaminations of bottle, where the textured ring "
    "around them scores high too.",
    "",
    "Map and place, on Lite2's cached features at 448², a bank of 4,000 (choosing half 0.9806, reporting 0.9712): the "
    "distance standardised by the mean and spread that good pictures have at the place loses badly (0.9668 and 0.9425; "
    "softened 0.9777 and 0.9609), the spread alone taken off gains 0.0008 and 0.0002; bilinear or Lanczos instead of "
    "bicubic upsampling and smoothing by 1 to 2 pixels of 256 are worth 0.0003 at most.",
    "",
    "Weights: the blocks at strides 4 and 8 weighted 1.5 times the one at stride 16 lose 0.0008 and 0.0014 there where "
    "they are averaged over 3 × 3 cells, and gain 0.001 only where over more; the earlier block of stride 16 "
    "beside them makes it 0.9809 and 0.9722.",
    "",
    "Features brought to one length at each patch, so that their direction alone counts, are the one lever found that "
    "gains much. Every block of length 50: 0.9788 on all for 0.9765, but pills fall from 0.965 to 0.924 (chipped ones "
    "alone from 0.946 to 0.819), and `fast` gains 0.0055 on bottle and loses 0.018 on the bundled recording. Longer "
    "ones alone shortened to 50: 0.9778, pills 0.943. So it is done to one block, at stride 8, in `accurate` alone.",
    "",
    "Why not in `fast`: on the bundled recording, over four seeds, the least defective flange scores 1.04 to 1.09 "
    "times as high as the highest good one with it (mean 1.07), and 1.12 to 1.24 times without (1.19). Pills go "
    "from 0.984 to 0.982; of the parts drawn for docs/locating.md, by image AUROC, transistor gains 0.032, cable "
    "0.018, screw 0.002, and toothbrush loses 0.021, capsule 0.005, shining screw and hazelnut 0.003. With it the "
    "input could be smaller: at 320² `fast` would take 0.83 of its time and at 288² 0.67, by the number of patches, "
    "but the flanges' image AUROC falls, and that of pills to 0.975 and 0.976.",
    "",
    "Which block it is (Lite2's cached features at 448², halved precision; a bank of 1,000 from 400 patches a picture; "
    "each block's length is the median of its own in the good pictures, so that its weight stays; choosing half, "
    "reporting, all, then the image AUROC of pills; that of bottle is 1.0000 throughout):",
    "",
    "| of one length | choosing half | reporting | all | pills | chipped pills alone |",
    "|---|---|---|---|---|---|",
    "| no block | 0.9806 | 0.9703 | 0.9755 | 0.9634 | 0.9364 |",
    "| stride 4 | 0.9816 | 0.9712 | 0.9764 | 0.9703 | 0.9492 |",
    "| stride 8 | 0.9833 | 0.9730 | 0.9782 | 0.9614 | 0.9383 |",
    "| stride 16 | 0.9799 | 0.9705 | 0.9753 | 0.9563 | 0.9003 |",
    "| all | 0.9824 | 0.9724 | 0.9776 | 0.9308 | 0.8339 |",
    "| the root of the length, all | 0.9820 | 0.9726 | 0.9774 | 0.9508 | 0.8999 |",
    "| the root, strides 4 and 8 | 0.9818 | 0.9725 | 0.9772 | 0.9530 | 0.9241 |",
    "| strides 4 and 8, to 50 | 0.9830 | 0.9719 | 0.9776 | 0.9486 | 0.9108 |",
    "| stride 8, to 50 | 0.9828 | 0.9727 | 0.9778 | 0.9532 | 0.9136 |",
    "| strides 4 and 8, to 40 and 50 | 0.9822 | 0.9721 | 0.9773 | 0.9457 | 0.9060 |",
    "| strides 4 and 8, to 50 and 60 | 0.9831 | 0.9728 | 0.9781 | 0.9560 | 0.9298 |",
    "| strides 4 and 8, as long as stride 16 at the patch | 0.9811 | 0.9701 | 0.9756 | 0.9337 | 0.9155 |",
    "| stride 8, as long as stride 16 at the patch | 0.9817 | 0.9712 | 0.9765 | 0.9543 | 0.9255 |",
    "",
    "What bottle gains, it gains at stride 8. Of single blocks stride 16 costs chipped pills most; all together cost "
    "three times as much. Bottle's figures move by 0.0002 with the seed of the bank, those of pills by up to 0.007: "
    "no block 0.9634, 0.9670 and 0.9648, stride 8 0.9614, 0.9540 and 0.9556. So stride 8 costs pills about 0.008, and "
    "differences of less between two rows say nothing: stride 4 by another seed has 0.9613. Stride 4 of one length and "
    "stride 8 in part lies between: to the power 0.6 of its length 0.9772 on all and 0.9584 on pills, no longer than "
    "four fifths of the good ones 0.9762 and 0.9613; softly so, at nine tenths, 0.9762 and 0.9531.",
    "",
    "So `accurate` has stride 8 of one length, the median that fitting finds in the good pictures (bottle 62, pills "
    "45, flanges 43). By the fit itself pills have 0.962 with it, and 0.965 without (docs/pill_qc.md).",
    "",
    "Where the map lies: the networks' strided convolutions are padded on one side only, which by itself would move "
    "their maps 1.5, 3.5 and 7.5 pixels of the input left and up. What they have learnt takes it back: the middle of "
    "what a feature reacts to (the centroid of its squared gradient over random places of good pictures) lies within a "
    "pixel or so of where the grid says, except for stride 16 along x, at three. So maps are not moved by the "
    "arithmetic of the padding, which loses AUPRO; the input is moved by one pixel, which gains a little.",
    "",
)
