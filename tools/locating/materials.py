"""The materials, each written once as a data set in MVTec AD's layout and then taken from there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from tools.locating import hazelnut, held, nut, screw, still, textures
from tools.locating.turned import Pair, flange, flange_orders, good_and_labelled, laid_anywhere, weave
from tools.rendering.scene import build_stage

TAUGHT, GOOD, BAD = 100, 40, 60
"""Good pictures to fit from; good and defective ones to measure on, of what is drawn."""
_ORDERS_STAGE: Final = 9
RAILS: Final = 40
"""Rows of the bundled recording's pictures that its rails and their shadows take, above and below."""

Made = Iterator[tuple[str, Callable[[], Pair]]]
"""The kind of each picture (`taught`, `good` or a defect), and how to make it with its mask."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """One kind of part, or of cloth."""

    name: str
    pictures: Callable[[], Made]
    needs: Path | None = None
    """A folder that it is made from."""


def materials(shared: Path) -> tuple[Material, ...]:
    """All of them; those from photographs need the data in `shared`."""
    bottle, pills = shared / "mvtec_ad" / "bottle", shared / "pill_qc"
    return (
        Material(name="screw, any turn", pictures=partial(_drawn, screw.screw, screw.DEFECTS)),
        Material(name="shining screw, any turn", pictures=partial(_drawn, screw.shining, screw.DEFECTS)),
        Material(name="nut, any turn", pictures=partial(_drawn, nut.nut, nut.DEFECTS)),
        Material(name="hazelnut, any turn", pictures=partial(_drawn, hazelnut.hazelnut, hazelnut.DEFECTS)),
        Material(name="flange, any turn", pictures=partial(_flanges, 0)),
        Material(name="flange, any turn, no rails", pictures=partial(_flanges, RAILS)),
        Material(name="bottle, as it is", pictures=partial(_laid, bottle, False, 0.0), needs=bottle),
        Material(name="bottle, turned and moved", pictures=partial(_laid, bottle, True, 0.03), needs=bottle),
        Material(name="pill, as it is", pictures=partial(_laid, pills, False, 0.0), needs=pills),
        Material(name="pill, any turn", pictures=partial(_laid, pills, True, 0.0), needs=pills),
        Material(name="transistor, standing still", pictures=partial(_drawn, still.transistor, still.TRANSISTOR)),
        Material(name="zipper, standing still", pictures=partial(_drawn, still.zipper, still.ZIPPER)),
        *(Material(name=name, pictures=partial(_drawn, partial(held.held, name), held.DEFECTS)) for name in held.PARTS),
        *(
            Material(name=name, pictures=partial(_drawn, partial(textures.texture, name), textures.DEFECTS))
            for name in textures.TEXTURES
        ),
        Material(name="cloth, any turn", pictures=partial(_drawn, weave, ("soiled", "pulled"))),
    )


def write(material: Material, folder: Path, progress: Callable[[str, int, int], None]) -> None:
    """The data set, unless it is there already."""
    if (folder / "complete").exists():
        return
    made = list(material.pictures())
    for number, (kind, make) in enumerate(made):
        progress(material.name, number, len(made))
        picture, mask = make()
        place = folder / ("train/good" if kind == "taught" else f"test/{kind}") / f"{number:03d}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(place), picture)
        if kind not in ("taught", "good") and mask.any():
            truth = folder / "ground_truth" / kind / f"{number:03d}_mask.png"
            truth.parent.mkdir(parents=True, exist_ok=True)
            cv2.imwrite(str(truth), mask.astype(np.uint8) * 255)
    progress(material.name, len(made), len(made))
    (folder / "complete").touch()


def _drawn(draw: Callable[[tuple[int, ...], str | None], Pair], defects: tuple[str, ...]) -> Made:
    for number in range(TAUGHT):
        yield "taught", partial(draw, (0, number), None)
    for number in range(GOOD):
        yield "good", partial(draw, (1, number), None)
    for number in range(BAD):
        defect = defects[number % len(defects)]
        yield defect, partial(draw, (2, number), defect)


def _flanges(rails: int) -> Made:
    """rails: so many rows are left out above and below, as a region would."""
    stage = build_stage(np.random.default_rng((1, _ORDERS_STAGE)))
    for taught, count in ((True, TAUGHT), (False, 2 * (GOOD + BAD))):
        for order in flange_orders(1, taught, count):
            kind = "taught" if taught else "good" if order.flaw is None else order.flaw.name
            yield kind, partial(flange, stage, order, rails)


def _laid(data: Path, turn: bool, shift: float) -> Made:
    good, samples = good_and_labelled(data)
    for number, path in enumerate(good):
        yield "taught", partial(laid_anywhere, path, None, turn, shift, np.random.default_rng((0, number)))
    for number, sample in enumerate(samples):
        random = np.random.default_rng((1, number))
        yield sample.kind, partial(laid_anywhere, sample.picture, sample, turn, shift, random)
