"""How long it takes to look at a picture's health, and to find parts in footage: milliseconds a picture, one thread.

python -m tools.measure_looking --json out/looking.json   # the two that have a goal
python -m tools.measure_looking --config bottles.yaml     # another source and its trigger

The goals: 1 ms for the health of a picture of 640 × 512 (the bundled recording's), 2 ms for presence in a frame of
832 × 464 (the bottles' footage, where ../shared/data/video is).
"""

import argparse
import itertools
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from inspector.config import PresenceTrigger, SourceConfig, TriggerConfig, VideoSource, load, override, unpaced
from inspector.messages import Frame, Part
from inspector.scoring.examine import Examiner
from inspector.scoring.health import learn
from inspector.sources import open_source
from inspector.sources.choose import source_from_argument
from inspector.sources.images import read_picture
from inspector.triggers import open_trigger
from tools.command import make_room, parser, run

FLANGE: Final = Path("recordings/flange")
BOTTLES: Final = Path("../shared/data/video/white_bottles_first.mp4")
BELT: Final = PresenceTrigger(line=416, part=(104, 176), looks="brighter", behind="grey")
HEALTH_GOAL_MS: Final = 1.0
PRESENCE_GOAL_MS: Final = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Took:
    """Milliseconds a picture."""

    what: str
    pictures: int
    p50: float
    p95: float
    p99: float
    max: float
    goal: float | None = None


def main() -> None:
    options = _arguments()
    make_room(options.json)
    cv2.setNumThreads(1)
    measured = list(_measured(options))
    table = Table("what", "pictures", "p50", "p95", "p99", "max", "goal, ms")
    for each in measured:
        goal = "" if each.goal is None else f"{each.goal:g}"
        figures = (f"{figure:.2f}" for figure in (each.p50, each.p95, each.p99, each.max))
        table.add_row(each.what, str(each.pictures), *figures, goal)
    console = Console()
    console.print(table)
    if options.config is None and options.source is None and not BOTTLES.exists():
        console.print(f"presence is not measured: {BOTTLES} is not there")
    if options.json:
        options.json.write_text(json.dumps([asdict(each) for each in measured], indent=2) + "\n")


def _measured(options: argparse.Namespace) -> Iterator[Took]:
    if options.config is None and options.source is None:
        yield health()
        if BOTTLES.exists():
            yield finding(VideoSource(path=str(BOTTLES)), BELT, options.frames, PRESENCE_GOAL_MS)
        return
    config = load(options.config or Path("config.yaml"))
    if options.source is not None:
        config = override(config, source=source_from_argument(options.source))
    yield finding(config.source, config.trigger, options.frames, None)


def health() -> Took:
    """Of the bundled recording's parts, by what its good ones teach."""
    good, tried = ([read_picture(path) for path in sorted((FLANGE / half / "frames").iterdir())]
                   for half in ("teach", "inspect"))  # fmt: skip
    examine, took = Examiner(learn(good)), list[float]()
    for picture in tried * 3:
        begun = time.perf_counter()
        examine(picture)
        took.append((time.perf_counter() - begun) * 1e3)
    height, width = tried[0].shape[:2]
    return _took(f"health, {width} × {height}", took, HEALTH_GOAL_MS)


def finding(source: SourceConfig, described: TriggerConfig, most: int, goal: float | None) -> Took:
    """Of a trigger over footage, frame by frame; a part's cutting out is in the frame that it is found with."""
    trigger, took, size, parts = open_trigger(described), list[float](), "", 0
    opened = open_source(unpaced(source))
    try:
        for seen in itertools.islice(opened.frames(threading.Event()), most):
            begun = time.perf_counter()
            found = list(trigger.parts(seen))
            took.append((time.perf_counter() - begun) * 1e3)
            parts += sum(isinstance(part, Part) for part in found)
            if isinstance(seen, Frame):
                size = f"{seen.image.shape[1]} × {seen.image.shape[0]}"
    finally:
        opened.close()
    return _took(f"{described.__struct_config__.tag}, {size}, {parts} parts", took, goal)


def _took(what: str, took: list[float], goal: float | None) -> Took:
    p50, p95, p99 = (round(float(each), 3) for each in np.percentile(took, (50, 95, 99)))
    return Took(what=what, pictures=len(took), p50=p50, p95=p95, p99=p99, max=round(max(took), 3), goal=goal)


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_looking", __doc__)
    add.add_argument("--config", type=Path, metavar="FILE", help="measure its trigger on its source instead")
    add.add_argument("--source", metavar="S", help="measure the configured trigger on this source instead")
    add.add_argument("--frames", type=int, default=1000, metavar="N", help="at most so many; default: 1000")
    add.add_argument("--json", type=Path, metavar="FILE", help="write the figures as JSON")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
