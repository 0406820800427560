"""The page of locating: Markdown, from what tools.measure_locating measured, and what may not be on it. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from inspector.scoring.bank import Method
from inspector.scoring.fit import FitOptions
from inspector.scoring.presets import PRESETS

METHODS: Final[Mapping[Method, str]] = {"kmeans": "k-means", "both": "k-means from k-center", "kcenter": "k-center"}
COST: Final = 0.005
"""Image AUROC that the choice may cost against never locating."""
UNLOCATED: Final = 0.01
"""Share of the good parts that may go unlocated."""
BUSY: Final = 0.1
"""Of the processor, had by others, above which milliseconds are too many."""
FURTHER: Final[Mapping[str, FitOptions]] = {
    "as it lies, 4,000": replace(PRESETS["fast"], locate=False, bank_size=4000),
    **{
        f"located, {words}, {patches} patches a picture": replace(
            PRESETS["fast"], locate=True, method=method, patches_per_picture=patches
        )
        for method, words in METHODS.items()
        for patches in (400, 800)
    },
}
"""Further ways to fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One material, as far as it is measured."""

    material: str
    never: float | None = None
    """Image AUROC of parts judged as they lie."""
    always: float | None = None
    """Of parts that are located, whatever the choice is."""
    located: bool = False
    """The choice."""
    why: str = ""
    unlocated: float = 0.0
    """Share of the good test parts in which no part is found when they are located."""
    ms: float | None = None
    """To find a part and bring it to its pose; None where parts cannot be found."""
    others: float | None = None
    """Share of the processor that others had meanwhile."""
    further: dict[str, float] = field(default_factory=dict)
    """Image AUROC of the further ways, by their name."""
    machine: str = ""
    versions: str = ""

    @property
    def chosen(self) -> float | None:
        """Image AUROC of what fitting chooses: it is one of the two ways, with the same options."""
        return self.always if self.located else self.never


def faults(row: Row) -> Iterator[str]:
    """What is worse than it may be."""
    if row.chosen is not None and row.never is not None and row.chosen < row.never - COST:
        yield f"{row.material}: the choice costs {row.never - row.chosen:.4f} AUROC, {COST} at most"
    if row.located and row.unlocated > UNLOCATED:
        yield f"{row.material}: no part is found in {row.unlocated:.1%} of the good ones, in {UNLOCATED:.0%} at most"


def page(rows: Sequence[Row]) -> str:
    """The whole of docs/locating.md."""
    further = [row for row in rows if row.further]
    return "\n".join([
        "# What finding the part is worth",
        "",
        "Written by `python -m tools.measure_locating`, not by hand.",
        "",
        *HEAD,
        "",
        "| material | never located | always located | by choice | good parts unlocated | ms |",
        f"|{'---|' * 6}",
        *(_line(row) for row in rows),
        "",
        *sorted({f"{row.machine}. {row.versions}." for row in rows if row.machine}),
        *_busy(rows),
        "",
        "## What was chosen, and why",
        "",
        *(f"- {row.material}: {'located' if row.located else 'as it lies'}, for {row.why}." for row in rows if row.why),
        "",
        *CHOICE,
        "",
        *(_further(further) if further else ()),
        *NOTES,
        "",
    ])  # fmt: skip


HEAD: Final = (
    "Image AUROC of the `fast` preset. Bottle and pill are photographs, turned and moved where it says so; all others "
    "are drawn, with lamps that stand still while the parts turn; shining screw, capsule, toothbrush, cable, leather, "
    "carpet, grid, wood and tile with shot noise and as JPEG. "
    "Fitted on good pictures alone; no parameter was fitted on a defect, but the screw and the nut were looked at "
    "while the locator was made, so that theirs are the figures of an author's own examples. Drawn ones: 100 good "
    "pictures to fit from, 40 good and 60 defective ones to measure on, so that figures within 0.01 of one "
    "another are the same, and near 0.6 those within 0.08.",
)

CHOICE: Final = (
    "The choice looks at good pictures only: the part stands out of its ground, whole and of one size; it lies "
    "turned (standard deviation over 3°); and turned back to their mean, the parts differ from one another by at "
    "most 0.85 of what they do as they lie. Where it is to judge parts as they lie, it costs nothing against "
    "that: it is the same recipe. Where good parts lie turned by a part of a turn only, a located one that lies "
    "outside of what they span, by half as much again, is rejected as unlocated: it is misplaced, and must not be "
    "judged as if it were in its place.",
)

BANKS: Final = (
    "Located parts get k-center and 800 patches a picture: lamps stay where they are, so that each turn has a look of "
    "its own, which means average away. Twice the patches are twice the time and memory of fitting and nothing at the "
    "line; 400,000 in all stay the limit.",
)

NOTES: Final = (
    "## What else was tried",
    "",
    "- Registering turn and place together: fixed lamps pull the turn astray, and the rings alone have it.",
    "- Other looks for finding the turn (the relief without its coarse part, its gradient, whitened harmonics): none "
    "found it better, and some took one end of the screw for the other.",
    "- Without closing gaps of a few pixels in what stands out of the ground, no part was found in 3 of 100 good "
    "shining screws, whose glints are as bright as their ground, and judged as they lie they had 0.5629.",
    "- Shining screw, nut and hazelnut were measured while parts counted as straight up to 4°, not 3°: all of them "
    "lie at any turn.",
    "- The choice gives up what locating would give the transistor, where one that stands elsewhere or not at all "
    "is unlocated: it goes by whether good ones grow more alike, and these do not.",
    "- Banks that have seen each of 100 good pictures turned 12 ways, where good ones are as near to turned ones as to "
    "one another, 1,000 vectors as otherwise: pill at any turn 0.913 (0.906 without), leather 0.664 (0.673), tile "
    "0.586 (0.560), and from another seed on five times as many test pictures 0.590 (0.596). All is within chance, the "
    "standard deviation of leather's and tile's difference being 0.04, then 0.02; and fitting takes six to "
    "eleven times as long. From 20 pills, which are taught from their mirror pictures instead, it was 0.866 (0.915), "
    "mean of two seeds. Pills had 0.930 with the turned pictures' repeated edges in the bank, which the test "
    "pictures have too, and 0.936 to 0.945 with 4,000 vectors besides, four times the search at the line. Cloth gained "
    "by none of these (0.53 to 0.60): half of its defects hardly show.",
)


def _line(row: Row) -> str:
    always = "not found" if row.ms is None and row.why else _figure(row.always)
    lost = "" if row.always is None else f"{row.unlocated:.1%}"
    ms = "" if row.ms is None else f"{row.ms:.1f}"
    return f"| {row.material} | {_figure(row.never)} | {always} | {_figure(row.chosen)} | {lost} | {ms} |"


def _figure(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}"


def _busy(rows: Sequence[Row]) -> list[str]:
    most = max((row.others or 0 for row in rows if row.ms is not None), default=0)
    return [f"Other work took up to {most:.0%} of the processor, so the milliseconds are too many."] * (most > BUSY)


def _further(rows: Sequence[Row]) -> list[str]:
    known = {
        "**as it lies, as by default**": [row.never for row in rows],
        "**located, as by default**": [row.always for row in rows],
        **{name: [row.further.get(name) for row in rows] for name in FURTHER},
    }
    return [
        "## Other banks",
        "",
        f"| bank | {' | '.join(row.material for row in rows)} |",
        f"|{'---|' * (len(rows) + 1)}",
        *(f"| {name} | {' | '.join(map(_figure, values))} |" for name, values in known.items()),
        "",
        *BANKS,
        "",
    ]
