"""Which injected faults of stated dose picture health sees, and how often it raises a false alarm.

python -m tools.measure_health --json out/health.json --docs docs/health_doses.md

On the bundled recording always; on MVTec AD's bottle where ../shared/data is.
"""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, TypeAlias

import cv2
import numpy as np
from rich.console import Console

from inspector.messages import Image
from inspector.scoring.drift import Drift
from inspector.scoring.examine import Examiner, checks
from inspector.scoring.health import Norm, learn, read
from inspector.scoring.light import evened
from inspector.sources.images import read_picture
from tools.command import make_room, parser, run

BOTTLE: Final = Path("../shared/data/mvtec_ad/bottle")
FLANGE: Final = Path("recordings/flange")

Reading: TypeAlias = dict[str, float]
"""A picture's readings by their names."""


def _moved(right: int, down: int) -> Callable[[Image], Image]:
    def move(picture: Image) -> Image:
        height, width = picture.shape[:2]
        matrix = np.array([[1, 0, right], [0, 1, down]], np.float32)
        moved = cv2.warpAffine(picture, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE)
        return np.asarray(moved, np.uint8)

    return move


def _tinted(blue: float, red: float) -> Callable[[Image], Image]:
    return lambda picture: np.clip(np.rint(picture * (blue, 1.0, red)), 0, 255).astype(np.uint8)


DOSES: Final[dict[str, Callable[[Image], Image]]] = {
    "none: a false alarm": lambda picture: picture,
    "blur of σ 2 pixels": lambda picture: np.asarray(cv2.GaussianBlur(picture, (0, 0), 2), np.uint8),
    "30 % less light": lambda picture: np.asarray(cv2.convertScaleAbs(picture, alpha=0.7), np.uint8),
    "moved 8 pixels down": _moved(0, 8),
    "moved 8 pixels to the right": _moved(8, 0),
    "10 % more blue": _tinted(1.1, 1.0),
    "10 % more red": _tinted(1.0, 1.1),
    "10 % less red": _tinted(1.0, 0.9),
}
DRIFTS: Final = {f"{n} pixels {way}": _moved(*(n * part for part in (right, down)))
                 for n in (2, 4, 8) for way, right, down in (("down", 0, 1), ("to the right", 1, 0))}  # fmt: skip
ORDERS: Final = 200
"""Random orders of the pictures that a drift is looked for in."""
WITHIN: Final = 320
"""Pictures after which a move is taken for one that is never told."""
FROZEN: Final = "frozen: the second of two same pictures"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How many pictures with one dose are `not_inspected: health`."""

    data: str
    dose: str
    caught: int
    pictures: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """After how many pictures of a moved camera one is not inspected or maintenance is warned; WITHIN at most."""

    data: str
    moved: str
    at_once: int
    """Of all orders: the first picture is not inspected."""
    median: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Evening:
    """What evening the light does to good pictures as they are."""

    data: str
    changed: int
    pictures: int
    median_ms: float
    """Of looking whether a picture is in the usual light, and leaving it; one thread."""


def main() -> None:
    options = _arguments()
    make_room(options.json, options.docs)
    cv2.setNumThreads(1)
    rows, evenings, words = list[Row](), list[Evening](), dict[str, str]()
    tolds, warned = list[Told](), dict[str, str]()
    for name, good, tried in _data(options.bottle):
        norm = learn(good)
        words[name] = checks(norm)
        rows.extend(doses(name, norm, tried))
        evenings.append(evening(name, norm, tried))
        seen = [read(picture, norm) for picture in (*good, *tried)]
        tolds.extend(drifts(name, norm, seen, tried))
        warned[name] = f"{false_warnings(norm, seen)} of {ORDERS} random orders of {len(seen)} pictures as they are"
    console = Console()
    page = _page(rows, evenings, words, tolds, warned)
    console.print(page, markup=False, highlight=False, soft_wrap=True)
    if options.json:
        document = {"doses": [asdict(row) for row in rows], "evening": [asdict(each) for each in evenings],
                    "checks": words, "told": [asdict(each) for each in tolds], "false warnings": warned}  # fmt: skip
        options.json.write_text(json.dumps(document, indent=2) + "\n")
    if options.docs:
        options.docs.write_text(page + "\n")


def _data(bottle: Path) -> Iterator[tuple[str, list[Image], list[Image]]]:
    """What it is, the good pictures to learn from, and other pictures."""
    yield "bundled recording", _pictures(FLANGE / "teach" / "frames"), _pictures(FLANGE / "inspect" / "frames")
    if bottle.is_dir():
        yield "MVTec bottle", _pictures(bottle / "train" / "good"), _pictures(bottle / "test" / "good")


def _pictures(folder: Path) -> list[Image]:
    return [read_picture(path) for path in sorted(folder.iterdir())]


def doses(data: str, norm: Norm, tried: Sequence[Image]) -> Iterator[Row]:
    for dose, change in DOSES.items():
        examine = Examiner(norm)
        caught = sum(bool(examine(change(picture)).unfit) for picture in tried)
        yield Row(data=data, dose=dose, caught=caught, pictures=len(tried))
    caught = 0
    for picture in tried:
        examine = Examiner(norm)
        first, second = examine(picture), examine(picture)
        caught += bool(second.unfit) and not first.unfit
    yield Row(data=data, dose=FROZEN, caught=caught, pictures=len(tried))


def drifts(data: str, norm: Norm, seen: Sequence[Reading], tried: Sequence[Image]) -> Iterator[Told]:
    """A camera that moves by a dose, after forty pictures as they are (`seen`), in many orders of the pictures."""
    random = np.random.default_rng(0)
    for name, change in DRIFTS.items():
        moved = [read(change(picture), norm) for picture in tried]
        after = []
        for _ in range(ORDERS):
            drift = Drift(norm.limits)
            for one in random.choice(len(seen), 40, replace=False):
                drift.add(seen[one])
            order = np.concatenate([random.permutation(len(moved)) for _ in range(-(-WITHIN // len(moved)))])
            after.append(next((n for n, one in enumerate(order[:WITHIN], 1) if _told(norm, drift, moved[one])), WITHIN))
        yield Told(data=data, moved=name, at_once=after.count(1), median=int(np.median(after)), most=max(after))


def _told(norm: Norm, drift: Drift, reading: Reading) -> bool:
    if any(not limit.lowest <= reading[name] <= limit.highest for name, limit in norm.limits.items()):
        return True
    drift.add(reading)
    return bool(drift.told())


def false_warnings(norm: Norm, seen: Sequence[Reading]) -> int:
    """In how many orders maintenance is warned over good pictures as they are."""
    random, warned = np.random.default_rng(1), 0
    for _ in range(ORDERS):
        drift = Drift(norm.limits)
        warned += any(_told(norm, drift, seen[one]) for one in random.permutation(len(seen)))
    return warned


def evening(data: str, norm: Norm, tried: Sequence[Image]) -> Evening:
    assert norm.even is not None
    changed, took = 0, list[float]()
    for picture in tried:
        begun = time.perf_counter()
        even = evened(picture, norm.reference.mean, norm.even)
        took.append((time.perf_counter() - begun) * 1e3)
        changed += even is not picture
    return Evening(data=data, changed=changed, pictures=len(tried), median_ms=round(float(np.median(took)), 3))


def _page(
    rows: Sequence[Row],
    evenings: Sequence[Evening],
    words: dict[str, str],
    tolds: Sequence[Told],
    warned: dict[str, str],
) -> str:
    names = list(words)
    caught = {(row.dose, row.data): f"{row.caught} of {row.pictures}" for row in rows}
    after = {(told.moved, told.data): _after(told) for told in tolds}
    faults = dict.fromkeys(row.dose for row in rows)
    lines = [
        "# What picture health sees",
        "",
        "Written by `python -m tools.measure_health --docs docs/health_doses.md`: of how many pictures with an",
        "injected fault the first is `not_inspected: health` (frozen: the second). The first row: as they are.",
        "",
        "| fault | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
        *(f"| {dose} | " + " | ".join(caught[dose, name] for name in names) + " |" for dose in faults),
        "",
        *(f"- Checks, {name}: {said}." for name, said in words.items()),
        *(f"- Evening the light, {each.data}: {each.changed} of {each.pictures} pictures as they are, changed."
          for each in evenings),
        "",
        "A camera that has moved: after how many pictures one is not inspected or maintenance is warned; median and",
        f"most of {ORDERS} random orders of the pictures.",
        "",
        "| moved by | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
        *(f"| {moved} | " + " | ".join(after[moved, name] for name in names) + " |" for moved in DRIFTS),
        "",
        *(f"- Not inspected, or warned of, {name}: {said}." for name, said in warned.items()),
    ]  # fmt: skip
    return "\n".join(lines)


def _after(told: Told) -> str:
    return f"not within {WITHIN}" if told.median >= WITHIN else f"{told.median}, at most {told.most}"


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_health", __doc__)
    add.add_argument("--bottle", type=Path, default=BOTTLE, metavar="DIR", help=f"default: {BOTTLE}")
    add.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    add.add_argument("--docs", type=Path, metavar="FILE", help="write the table as a page")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
