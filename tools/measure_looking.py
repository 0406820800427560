"""How long it takes to find parts in footage, and to look at a part's health: milliseconds a picture, one thread.

python -m tools.measure_looking --config bottles.yaml
python -m tools.measure_looking      # config.yaml's source and trigger
"""

import argparse
import itertools
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from inspector.config import load, override, unpaced
from inspector.messages import Frame
from inspector.scoring.examine import Examiner
from inspector.scoring.health import learn
from inspector.sources import open_source
from inspector.sources.choose import source_from_argument
from inspector.triggers import open_trigger
from tools.command import parser, run

PICTURES = 24
"""So many good pictures are learnt from for the health of 640 × 512."""


def main() -> None:
    options = _arguments()
    config = load(options.config)
    if options.source is not None:
        config = override(config, source=source_from_argument(options.source))
    cv2.setNumThreads(1)
    trigger, took, frames, size = open_trigger(config.trigger), list[float](), list[np.ndarray](), ""
    source = open_source(unpaced(config.source))
    try:
        for seen in itertools.islice(source.frames(threading.Event()), options.frames):
            begun = time.perf_counter()
            for _ in trigger.parts(seen):
                pass
            took.append((time.perf_counter() - begun) * 1e3)
            if isinstance(seen, Frame):
                size = f"{seen.image.shape[1]} × {seen.image.shape[0]}"
                if len(frames) < PICTURES:
                    frames.append(np.asarray(cv2.resize(seen.image, (640, 512)), np.uint8))
    finally:
        source.close()
    table = Table("what", "pictures", "mean ms", "p50", "p99")
    table.add_row(f"trigger {config.trigger.__struct_config__.tag}, {size}", *_row(took))
    examine, looked = Examiner(learn(frames)), list[float]()
    for frame in frames * 10:
        begun = time.perf_counter()
        examine(frame)
        looked.append((time.perf_counter() - begun) * 1e3)
    table.add_row("health, 640 × 512", *_row(looked))
    Console().print(table)


def _row(took: Sequence[float]) -> tuple[str, ...]:
    return str(len(took)), f"{np.mean(took):.2f}", f"{np.median(took):.2f}", f"{np.percentile(took, 99):.2f}"


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_looking", __doc__)
    add.add_argument("--config", type=Path, default=Path("config.yaml"), metavar="FILE", help="its source and trigger")
    add.add_argument("--source", metavar="S", help="instead of the configured one")
    add.add_argument("--frames", type=int, default=1000, metavar="N", help="at most so many; default: 1000")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
