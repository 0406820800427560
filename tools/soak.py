"""Everything that happens to a line in a year, in minutes; one JSON line, and exit code 5 where a rule was broken.

python -m tools.soak                          # about ten minutes
python -m tools.soak --parts 2600000          # 24 hours' worth of parts at 30 a second, as fast as it goes
python -m tools.soak --only bursts,clock      # some of the faults
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from loguru import logger

from inspector.errors import VerificationError
from tools.benchmarks.faults import FAULTS, Fault
from tools.command import parser, run

MUST_BE_0 = ("duplicates", "gaps", "lost")
SUMMED = ("parts", "verdicts", *MUST_BE_0)


def main() -> None:
    options = _arguments()
    logger.remove()
    out, broken, sums = {}, [], dict.fromkeys(SUMMED, 0)
    with tempfile.TemporaryDirectory(prefix="inspector-") as temporary:
        for name in options.only:
            folder = Path(temporary, name)
            folder.mkdir()
            begun = time.monotonic()
            print(f"{name} …", file=sys.stderr, flush=True)
            figures = FAULTS[name](
                Fault(folder=folder, parts=options.parts, seconds=options.seconds, seed=options.seed)
            )
            out[name] = {**figures, "took_s": round(time.monotonic() - begun, 1)}
            sums = {rule: total + figures[rule] for rule, total in sums.items()}
            broken += [f"{name}: {rule} {figures[rule]}" for rule in MUST_BE_0 if figures[rule]]
            broken += [f"{name}: {figures['broken']}"] if figures.get("broken") else []
    print(json.dumps({"held": not broken, "broken": broken, "seed": options.seed, **sums, **out}))
    if broken:
        raise VerificationError(f"the rules of the line did not hold: {'; '.join(broken)}")


def _arguments() -> argparse.Namespace:
    arguments = parser("tools.soak", __doc__)
    arguments.add_argument("--only", metavar="NAMES", type=_names, default=list(FAULTS), help=", ".join(FAULTS))
    arguments.add_argument("--parts", metavar="N", type=int, default=200_000, help="of the long run; default: 200000")
    arguments.add_argument("--seconds", metavar="S", type=float, default=30.0, help="of each other fault; default: 30")
    arguments.add_argument("--seed", metavar="N", type=int, default=1, help="of what happens when; default: 1")
    return arguments.parse_args()


def _names(text: str) -> list[str]:
    names = text.split(",")
    if unknown := [name for name in names if name not in FAULTS]:
        raise argparse.ArgumentTypeError(f"{unknown[0]!r}; allowed: {', '.join(FAULTS)}")
    return names


if __name__ == "__main__":
    run(main)
