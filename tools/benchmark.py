"""Measure, and print JSON.

python -m tools.benchmark --line              # the streaming core: overhead, rate, isolation, memory, time to ready
python -m tools.benchmark --line --short      # half a minute instead of twenty; for trying changes
python -m tools.benchmark --line --only overhead,ready
python -m tools.benchmark --line --only paced # 10,000 parts, 30 a second, the viewer open: six minutes
python -m tools.benchmark --scorer --peers PYTHON    # the presets against anomalib, whose environment PYTHON is of
"""

import argparse
import json
from pathlib import Path

from loguru import logger

from inspector.errors import ConfigError
from tools.command import parser, run


def main() -> None:
    options = _arguments()
    if options.scorer:
        from tools.benchmarks import scorer

        print(json.dumps(scorer.benchmark(options.data, options.peers, options.short), indent=2))
        return
    from tools.benchmarks.line import SECTIONS, benchmark  # each benchmark imports what it measures, and nothing else

    if unknown := set(options.only or ()) - set(SECTIONS):
        raise ConfigError(f"--only {min(unknown)}; allowed: {', '.join(SECTIONS)}")
    logger.remove()
    print(json.dumps(benchmark(options.short, options.recipe, options.pictures, options.only or SECTIONS), indent=2))


def _arguments() -> argparse.Namespace:
    arguments = parser("tools.benchmark", __doc__)
    what = arguments.add_mutually_exclusive_group(required=True)
    what.add_argument("--line", action="store_true", help="the streaming core, with no camera")
    what.add_argument("--scorer", action="store_true", help="the presets; writes docs/benchmark.md and its picture")
    arguments.add_argument("--data", metavar="DIR", type=Path, default=Path("../shared/data/mvtec_ad/bottle"))
    arguments.add_argument("--peers", metavar="PYTHON", help="the Python of an environment with anomalib")
    arguments.add_argument("--short", action="store_true", help="fewer parts: says whether it runs, not how fast")
    arguments.add_argument("--only", metavar="NAMES", type=lambda text: text.split(","), help="some sections of it")
    arguments.add_argument("--recipe", metavar="FOLDER", default="recordings/flange/recipe")
    arguments.add_argument("--pictures", metavar="FOLDER", default="recordings/flange/inspect")
    return arguments.parse_args()


if __name__ == "__main__":
    run(main)
