"""Cut out what the configured trigger calls parts, a picture each, to sort into good and bad and to fit a recipe from.

python -m tools.cut_parts --config bottles.yaml --out out/bottles --views
python -m tools.cut_parts            # config.yaml's source and trigger, to out/parts
"""

import argparse
import threading
from pathlib import Path

import cv2
from rich.console import Console

from inspector.config import load, override, unpaced
from inspector.console import say
from inspector.errors import ConfigError, SourceError
from inspector.messages import Part
from inspector.sources import open_source
from inspector.sources.choose import source_from_argument
from inspector.triggers import all_parts, open_trigger
from tools.command import parser, run, writing


def main() -> None:
    options = _arguments()
    config = load(options.config)
    if options.source is not None:
        config = override(config, source=source_from_argument(options.source))
    if options.out.exists() and any(options.out.iterdir()):
        raise ConfigError(f"--out {options.out} is not empty; choose another folder")
    options.out.mkdir(parents=True, exist_ok=True)
    source, cut, lost, last = open_source(unpaced(config.source)), 0, 0, 0
    trigger = open_trigger(config.trigger, all_views=options.views)
    try:
        for part in all_parts(source.frames(threading.Event()), trigger):
            cut += part.seq != last and isinstance(part, Part)
            if cut > options.parts:
                break
            last = part.seq
            if isinstance(part, Part):
                named = f"-{Path(part.part).stem or part.exposed_ns}"
                file = options.out / f"{part.seq:04d}{named}.png"
                with writing(file):
                    file.write_bytes(cv2.imencode(".png", part.image)[1].tobytes())
            else:
                lost += 1
    finally:
        source.close()
    if not cut:
        raise SourceError("no part was seen; check the source and the trigger with: inspector check")
    not_understood = f"; {lost} not understood" if lost else ""
    views = " --views" if options.views else ""
    say(
        Console(),
        {
            "parts": f"{min(cut, options.parts)} in {options.out}, numbered as at the line{not_understood}",
            "next": "take away those that are not good, then "
            f"python -m tools.build_memory_bank --data {options.out}{views}",
        },
    )


def _arguments() -> argparse.Namespace:
    add = parser("tools.cut_parts", __doc__)
    add.add_argument("--config", type=Path, default=Path("config.yaml"), metavar="FILE", help="its source and trigger")
    add.add_argument("--source", metavar="S", help="instead of the configured one: a video, a folder, a recording")
    add.add_argument("--out", type=Path, default=Path("out/parts"), metavar="FOLDER", help="default: out/parts")
    add.add_argument("--parts", type=int, default=10_000, metavar="N", help="at most so many; default: 10000")
    add.add_argument("--views", action="store_true", help="more pictures of each part, where its trigger sees more")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
