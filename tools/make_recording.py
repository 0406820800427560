"""Draw a recording: a conveyor seen from above, good parts to teach and parts to inspect, with masks and truth.

    python -m tools.make_recording                                  # the bundled one, recordings/flange
    python -m tools.make_recording --seed 7 --out out/line7         # another line
    python -m tools.measure_recording --data out/line7              # how hard it is

The same seed, versions and kind of processor give the same pixels, on any number of cores. numpy rounds otherwise with
AVX-512; the bundled recording is drawn without it (recordings/README.md says how).
"""

import argparse
import json
import shutil
from pathlib import Path

import cv2
import numpy as np
from rich.console import Console

from inspector.console import progress_bars, say
from inspector.errors import SourceError
from inspector.scoring.progress import Progress
from inspector.sources.recording import RecordingWriter
from tools.command import parser, run
from tools.rendering.part import draw
from tools.rendering.plan import plan
from tools.rendering.scene import Stage, build_stage

SEED = 1
TEACH, INSPECT = 60, 120
FIRST_NS = 1_767_589_200_000_000_000
"""When the first part passes: 2026-01-05 05:00 UTC."""
BREAK_NS = 3_600_000_000_000
"""Between the last part taught and the first inspected."""
QUALITY = 90
STAGE = 9
"""Stream of the seed's random numbers that the belt and the lamps are drawn from."""


def make(seed: int, out: Path, teach: int, inspect: int, progress: Progress) -> None:
    """Write `out/teach` and `out/inspect`. Raises SourceError where something else than a recording is there."""
    stage = build_stage(np.random.default_rng((seed, STAGE)))
    for number, (name, count) in enumerate((("teach", teach), ("inspect", inspect))):
        _clear(out / name)
        _write(stage, out / name, number, seed, count, progress)


def _write(stage: Stage, folder: Path, number: int, seed: int, count: int, progress: Progress) -> None:
    truth: dict[str, dict[str, object]] = {}
    first_ns = FIRST_NS + number * BREAK_NS
    with RecordingWriter(folder, quality=QUALITY) as writer:
        for order in plan(seed, number, count, first_ns, with_flaws=number == 1):
            progress(folder.name, order.counter - 1, count)
            picture, mask = draw(stage, order)
            name = writer.write(picture, order.exposed_ns, order.counter)
            truth[name] = {"defect": None}
            if order.flaw is not None and mask is not None:
                mask_name = f"{Path(name).stem}.png"
                truth[name] = {"defect": order.flaw.name, "severity": round(order.flaw.severity, 3), "mask": mask_name}
                (folder / "masks").mkdir(exist_ok=True)
                cv2.imwrite(str(folder / "masks" / mask_name), mask.astype(np.uint8) * 255)
    progress(folder.name, count, count)
    lines = ",\n".join(f'  "{name}": {json.dumps(known)}' for name, known in truth.items())
    (folder / "truth.json").write_text("{\n" + lines + "\n}\n", encoding="utf-8")


def _clear(folder: Path) -> None:
    """Make room for a recording where there is one already."""
    if (folder / "index.jsonl").is_file():
        shutil.rmtree(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise SourceError(f"{folder} exists and is no recording; choose another --out")


def main() -> None:
    options = _arguments()
    out: Path = options.out
    if (out / "inspect" / "index.jsonl").is_file():
        say(Console(stderr=True), {"note": f"drawing {out} anew; the recording that is there is replaced"})
    with progress_bars() as progress:
        make(options.seed, out, options.teach, options.inspect, progress)
    size_mb = sum(file.stat().st_size for part in ("teach", "inspect") for file in (out / part).rglob("*.*")) / 1e6
    say(
        Console(),
        {"recording": f"{out}: {options.teach} parts to teach, {options.inspect} to inspect, {size_mb:.1f} MB"},
    )


def _arguments() -> argparse.Namespace:
    add = parser("tools.make_recording", __doc__)
    add.add_argument("--seed", type=int, default=SEED, help=f"default: {SEED}, the bundled recording's")
    add.add_argument("--out", type=Path, default=Path("recordings/flange"), help="default: recordings/flange")
    add.add_argument("--teach", type=int, default=TEACH, metavar="N", help=f"good parts to teach; default: {TEACH}")
    add.add_argument("--inspect", type=int, default=INSPECT, metavar="N", help=f"parts to inspect; default: {INSPECT}")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
