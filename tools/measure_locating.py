"""What finding a part and turning it to one pose is worth: image AUROC of the ways to fit, to docs/locating.md.

    python -m tools.measure_locating                       # what is not measured yet
    python -m tools.measure_locating --only screw,nut      # of the materials whose names hold one of these words
    python -m tools.measure_locating --only screw --further  # and other banks, minutes each
    python -m tools.measure_locating --times               # the milliseconds alone, on an idle machine: a minute

Each material is made once in --keep. The ways: never located; always located, where the parts can be found at all; and
further ones. What fitting chooses by itself is one of the first two. Rows are kept in a JSON file beside the page, each
way as soon as it is measured.

Exits with 5 where the choice costs more than COST against never locating, or more than UNLOCATED of the good parts are
not found.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Final

import numpy as np

from inspector.config import ScoringConfig
from inspector.console import progress_bars
from inspector.errors import RecipeError, SourceError, Unlocated, VerificationError
from inspector.messages import Image
from inspector.scoring.fit import FitOptions, fit
from inspector.scoring.locating import decided
from inspector.scoring.locator import Finder, bring
from inspector.scoring.metrics import auroc
from inspector.scoring.presets import PRESETS
from inspector.scoring.progress import Progress
from inspector.scoring.scorer import open_scorer
from tools.command import make_room, parser, run
from tools.dataset import Pictures, Sample, good_pictures, load_picture, test_samples
from tools.locating.materials import Material, materials, write
from tools.locating.page import FURTHER, Row, faults, page
from tools.machine import Meter, processor, versions
from tools.measure import measure

_FAST: Final = PRESETS["fast"]


def main() -> None:
    options = _arguments()
    kept = options.out.with_suffix(".json")
    make_room(options.out)
    rows = load_rows(kept)
    known = materials(options.shared)
    for material in known:
        if options.only and not any(word in material.name for word in options.only):
            continue
        if material.needs is not None and not material.needs.is_dir():
            print(f"{material.name}: left out, {material.needs} is not there", flush=True)
            continue
        row = rows.get(material.name, Row(material=material.name))
        if options.anew and not options.times:
            row = Row(material=material.name)
        with progress_bars() as progress:
            for further in _measured(material, row, options, progress):
                rows[material.name] = further
                ordered = [rows[each.name] for each in known if each.name in rows]
                kept.write_text(json.dumps([asdict(each) for each in ordered], indent=1) + "\n", encoding="utf-8")
                options.out.write_text(page(ordered), encoding="utf-8")
        print(rows.get(material.name), flush=True)
    print(f"written: {options.out}, {kept}")
    if found := [fault for row in rows.values() for fault in faults(row)]:
        raise VerificationError("; ".join(found))


def load_rows(path: Path) -> dict[str, Row]:
    """Rows measured before, by material; none where there is no such file. Raises SourceError for a damaged one."""
    try:
        rows = [Row(**plain) for plain in json.loads(path.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, TypeError) as error:
        raise SourceError(f"{path} holds no rows of this tool ({error}); move it away and measure them all") from error
    return {row.material: row for row in rows}


def _measured(material: Material, row: Row, options: argparse.Namespace, progress: Progress) -> Iterator[Row]:
    """The row after each way that it lacks."""
    folder = options.keep / material.name.replace(",", "").replace(" ", "_")
    write(material, folder, progress)
    good = Pictures(good_pictures(folder))
    samples = test_samples(folder)
    row = replace(row, machine=processor(), versions=versions())
    if not row.why or options.times:
        region = (0, 0, good[0].shape[1], good[0].shape[0])
        found = decided(good, region, None, progress)
        row = replace(row, located=found.finder is not None, why=found.why)
        with suppress(RecipeError):
            finder = found.finder or decided(good, region, True, progress).finder
            assert finder is not None, "it was wanted, and no error raised"
            row = _timed(row, finder, [load_picture(sample.picture) for sample in samples[::5]])
        yield row
    if options.times:
        return
    if row.never is None:
        never, _ = _scored(good, samples, replace(_FAST, locate=False), progress)
        yield (row := replace(row, never=never))
    if row.always is None and row.ms is not None:
        always, unlocated = _scored(good, samples, replace(_FAST, locate=True), progress)
        yield (row := replace(row, always=always, unlocated=unlocated))
    for name, other in FURTHER.items() if options.further else ():
        if name not in row.further and (row.ms is not None or not other.locate):
            value, _ = _scored(good, samples, other, progress)
            yield (row := replace(row, further={**row.further, name: value}))


def _scored(
    good: Sequence[Image], samples: Sequence[Sample], options: FitOptions, progress: Progress
) -> tuple[float, float]:
    """Image AUROC, and the share of the good test parts in which no part was found: all have one score, the highest."""
    with tempfile.TemporaryDirectory() as place:
        recipe = fit(good, Path(place, "recipe"), options, progress).recipe
        scorer = open_scorer(ScoringConfig(recipe=str(recipe.folder), device="cpu"))
        found = measure(scorer, samples, False, progress)
    lost = found.scores[~found.labels] == found.scores.max() if found.unlocated else np.zeros(1)
    return auroc(found.scores, found.labels), float(lost.mean())


def _timed(row: Row, finder: Finder, pictures: Sequence[Image]) -> Row:
    """With the median time to find a part and bring it to its pose."""
    meter, times = Meter(), []
    for picture in [*pictures] * 3:
        begun = time.perf_counter()
        with suppress(Unlocated):
            bring(picture, finder.locate(picture), finder.locator.size)
        times.append(1e3 * (time.perf_counter() - begun))
    return replace(row, ms=float(np.median(times)), others=meter.others())


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_locating", __doc__)
    add.add_argument("--shared", type=Path, default=Path("../shared/data"), metavar="DIR", help="default: %(default)s")
    add.add_argument("--keep", type=Path, default=Path("out/locating"), metavar="DIR", help="default: %(default)s")
    add.add_argument("--out", type=Path, default=Path("docs/locating.md"), metavar="FILE", help="default: %(default)s")
    add.add_argument("--only", type=lambda text: text.split(","), metavar="WORDS", help="materials named so")
    add.add_argument("--anew", action="store_true", help="forget what was measured of them")
    add.add_argument("--further", action="store_true", help="also other banks, minutes each")
    add.add_argument("--times", action="store_true", help="only the choice and the milliseconds, of every material")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
