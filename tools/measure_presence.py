"""Which parts the presence trigger finds in footage of many kinds, and what a recipe says of them.

python -m tools.measure_presence --json out/presence.json --docs docs/presence.md

Made belts are always measured; the clips where ../shared/data/video is.
"""

import argparse
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import cv2
import numpy as np
from rich.console import Console

from inspector.config import PresenceTrigger, ScoringConfig
from inspector.messages import Frame, Image, LostPart, Part
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.scorer import Scorer, open_scorer
from inspector.triggers import open_trigger
from tools.command import make_room, parser, run
from tools.disturbed import lit, noisy, recompressed
from tools.made_kinds import made_kinds

VIDEO: Final = Path("../shared/data/video")
BOTTLES: Final = PresenceTrigger(line=416, part=(104, 176), looks="brighter", behind="grey")
DEFECTIVE: Final = frozenset({2, 3, 7, 9})
"""Of the nine bottles, counted from 1: hole, lid, dent, hole."""
FRAME_NS: Final = 16_666_667


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What came of one piece of footage."""

    footage: str
    expected: int
    """Parts that pass."""
    found: int
    not_inspected: int
    """Found, and not understood."""
    false_rejects: int | None = None
    misses: int | None = None
    unfit: int | None = None
    """`not_inspected: health`. None of the three where no recipe was asked."""


def main() -> None:
    options = _arguments()
    make_room(options.json, options.docs)
    rows = []
    console = Console()
    for row in _rows(options.video):
        rows.append(row)
        console.print(as_line(row), markup=False)
    if options.json:
        options.json.write_text(json.dumps([asdict(row) for row in rows], indent=2) + "\n")
    if options.docs:
        options.docs.write_text(_page(rows))


def _rows(video: Path) -> Iterator[Row]:
    for kind in made_kinds():
        yield measured(kind.name, kind.pictures, kind.trigger, kind.expected, lost=kind.lost)
    if (bolt := video / "bolt-multi-size-detection.gif").exists():
        pictures = list(_read(bolt))
        for looks in ("brighter", "different"):
            config = PresenceTrigger(line=240, part=(40, 220), looks=looks)
            yield measured(f"a bolt, {looks}", pictures, config, 1)
            yield measured(f"a bolt, {looks}, reversed", pictures[::-1], config, 1)
    if (bottles := video / "white_bottles_first.mp4").exists():
        yield from _bottles(bottles)


def _bottles(clip: Path) -> Iterator[Row]:
    """The clip as it is and changed, judged by a recipe of its good bottles as they are."""
    kept = [cv2.imencode(".jpg", each, [cv2.IMWRITE_JPEG_QUALITY, 95])[1] for each in _read(clip)]
    everything = range(len(kept))

    def play(order: Iterable[int] = everything) -> Iterator[Image]:
        return (np.asarray(cv2.imdecode(kept[n], cv2.IMREAD_COLOR), np.uint8) for n in order)

    views = _parts(play(), BOTTLES, all_views=True)
    good = [part for part in views if isinstance(part, Part) and part.seq not in DEFECTIVE]
    half = len(kept) // 2
    frozen = [*everything[:half], *[half] * 180, *everything[half:]]
    with TemporaryDirectory() as folder:
        recipe = fit([part.image for part in good], Path(folder) / "bottles", FitOptions(), lambda *_: None,
                     [part.seq for part in good]).recipe  # fmt: skip
        scorer = open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu"))

        def row(name: str, pictures: Iterable[Image], backwards: bool = False) -> Row:
            return measured(f"bottles, {name}", pictures, BOTTLES, 9, scorer=scorer, backwards=backwards)

        yield row("as they are", play())
        yield row("mirrored", (each[:, ::-1] for each in play()))
        yield row("reversed", play(everything[::-1]), backwards=True)
        yield row("half speed", play(n // 2 for n in range(2 * len(kept))))
        yield row("double speed", play(everything[::2]))
        yield row("belt frozen for 3 s", play(frozen))
        for gain in (0.8, 0.9, 1.1, 1.2):
            yield row(f"{gain - 1:+.0%} light", lit(play(), gain))
        yield row("noise of 2 levels added", noisy(play(), 2))
        yield row("recompressed (JPEG 60)", recompressed(play(), 60))
    smaller = (np.asarray(cv2.resize(each, (640, 360), interpolation=cv2.INTER_AREA), np.uint8) for each in play())
    yield measured(
        "bottles, scaled to 640 × 360", smaller, PresenceTrigger(line=320, part=(80, 137), looks="brighter"), 9
    )
    cropped = (each[20:380, 60:772] for each in play())
    yield measured("bottles, cropped to 712 × 360", cropped,
               PresenceTrigger(line=356, part=(104, 176), looks="brighter", behind="grey"), 9)  # fmt: skip


def measured(
    name: str, pictures: Iterable[Image], config: PresenceTrigger, expected: int, *, lost: int = 0,
    scorer: Scorer | None = None, backwards: bool = False,
) -> Row:  # fmt: skip
    """lost: how many of those expected should not be understood; the name says so."""
    parts = _parts(pictures, config)
    counted = {"footage": f"{name} ({lost} not to be inspected)" if lost else name, "expected": expected}
    found = len(parts)
    not_inspected = sum(isinstance(part, LostPart) for part in parts)
    if scorer is None:
        return Row(**counted, found=found, not_inspected=not_inspected)  # type: ignore[arg-type]
    rejects = misses = unfit = 0
    for part in parts:
        if isinstance(part, Part):
            bad = (expected + 1 - part.seq if backwards else part.seq) in DEFECTIVE
            is_unfit = bool(scorer.examine(part).unfit)
            fails = scorer.score(part).score > scorer.threshold
            unfit += is_unfit
            rejects += fails and not bad and not is_unfit
            misses += bad and not fails and not is_unfit
    return Row(**counted, found=found, not_inspected=not_inspected, false_rejects=rejects, misses=misses, unfit=unfit)  # type: ignore[arg-type]


def _parts(pictures: Iterable[Image], config: PresenceTrigger, all_views: bool = False) -> Sequence[Part | LostPart]:
    trigger = open_trigger(config, all_views=all_views)
    parts = list[Part | LostPart]()
    for n, picture in enumerate(pictures):
        at_ns = n * FRAME_NS
        frame = Frame(exposed_ns=at_ns, arrived_ns=at_ns, counter=n, image=np.ascontiguousarray(picture), name=f"{n}")
        parts.extend(trigger.parts(frame))
    return [*parts, *trigger.end()]


def _read(path: Path) -> Iterator[Image]:
    capture = cv2.VideoCapture(str(path))
    while (read := capture.read())[0]:
        yield np.asarray(read[1], np.uint8)
    capture.release()


def as_line(row: Row) -> str:
    figures = [row.footage, row.expected, row.found, row.not_inspected, row.false_rejects, row.misses, row.unfit]
    return "| " + " | ".join("" if figure is None else str(figure) for figure in figures) + " |"


def _page(rows: Sequence[Row]) -> str:
    return "\n".join(
        [
            "# Presence, on footage of many kinds",
            "",
            "Written by `python -m tools.measure_presence --docs docs/presence.md`. Made belts carry the bundled",
            "recording's parts or drawn ones, with a texture that moves with the belt; the clips are real. The bottles",
            "are judged by one recipe of their five good ones as they are; each change is to all of the footage, with",
            "the same settings.",
            "",
            "No part is missed in these rows. What is found beside parts, on a belt of strong blotches (which needs",
            "more `contrast`) and in a deep shadow, is `not_inspected`, and there a part may be so, too.",
            "",
            "| footage | parts | found | not inspected: unlocated | false rejects | misses | not inspected: health |",
            "|---|---|---|---|---|---|---|",
            *map(as_line, rows),
            "",
        ]
    )


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_presence", __doc__)
    add.add_argument("--video", type=Path, default=VIDEO, metavar="DIR", help=f"the clips; default: {VIDEO}")
    add.add_argument("--json", type=Path, metavar="FILE", help="write the table as JSON")
    add.add_argument("--docs", type=Path, metavar="FILE", help="write the table as a page")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
