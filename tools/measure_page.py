"""Whether a page that stays open grows: its heap, its nodes and its listeners over thousands of pictures.

    python -m tools.measure_page                     # 10,000 pictures, some ten minutes; needs playwright and Chromium
    python -m tools.measure_page --pictures 30000 --json out/page.json

The bundled recording's parts, 30 a second, a reject every three seconds: its picture stays, so some after it are not
drawn. After each tenth of the pictures, and after a collection of garbage: what JavaScript holds, how many nodes and
listeners the document has, and the memory of the browser's processes (their proportional share). `grown_mb_per_1000`:
the slope of JavaScript's heap after the first three tenths, in which the last 300 verdicts and the last 50 rejects fill
up. A day at 30 a second is 2.6 million pictures.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any, Final

import numpy as np

from tools.command import make_room, parser, run
from tools.viewer_load import browser, configured, memory_mb, program

SAMPLES: Final = 10


def main() -> None:
    options = _arguments()
    make_room(options.json)
    with tempfile.TemporaryDirectory(prefix="inspector-") as folder:
        config = configured(Path(folder), options.recording, rejects=1)
        with (
            program(Path(folder), "run", "--alone"),
            program(Path(folder), "view"),
            browser(config, Path(folder)) as page,
        ):
            samples = [_sample(page, options.pictures * n // SAMPLES) for n in range(1, SAMPLES + 1)]
    told = json.dumps(_summary(samples), indent=2)
    print(told)
    if options.json is not None:
        options.json.write_text(told + "\n", encoding="utf-8")


def _sample(page: Any, pictures: int) -> dict[str, float]:
    """What the page holds once it has drawn so many pictures of parts."""
    while page.evaluate("window.drawn") < pictures:
        page.evaluate("window.shown = []")  # the measurement's own memory
        time.sleep(1)
    inside = page.context.new_cdp_session(page)
    inside.send("HeapProfiler.collectGarbage")
    inside.send("Performance.enable")
    told = {each["name"]: each["value"] for each in inside.send("Performance.getMetrics")["metrics"]}
    inside.detach()
    return {
        "pictures": page.evaluate("window.drawn"),
        "heap_mb": round(told["JSHeapUsedSize"] / 1e6, 2),
        "nodes": int(told["Nodes"]),
        "listeners": int(told["JSEventListeners"]),
        "browser_mb": round(memory_mb(), 1),
    }


def _summary(samples: list[dict[str, float]]) -> dict[str, Any]:
    settled = samples[3 * SAMPLES // 10 :]
    slope = np.polyfit([each["pictures"] for each in settled], [each["heap_mb"] for each in settled], 1)[0]
    return {"grown_mb_per_1000": round(1000 * float(slope), 3), "samples": samples}


def _arguments() -> argparse.Namespace:
    add = parser("tools.measure_page", __doc__)
    add.add_argument("--pictures", type=int, default=10_000, metavar="N", help="default: 10,000")
    add.add_argument("--recording", type=Path, default=Path("recordings/flange"), metavar="DIR", help="the bundled one")
    add.add_argument("--json", type=Path, metavar="FILE", help="write it there, too")
    return add.parse_args()


if __name__ == "__main__":
    run(main)
