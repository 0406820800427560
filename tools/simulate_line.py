"""Run the bridge's own ledger on a model of a line where everything goes wrong; count which bin each part falls into.

    python -m tools.simulate_line --parts 100000 --seed 1 --json out/line.json

Exit code 0: no defective part passed and each was decided once; 5: otherwise.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tools.line_model.line import Line
from tools.line_model.mutations import MUTATIONS


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.simulate_line", description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", type=int, default=100_000, metavar="N", help="default: 100000")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="the same one gives the same line; default: 1")
    parser.add_argument("--mode", choices=("permit", "pulse"), default="permit", help="default: permit")
    parser.add_argument("--rate", type=float, default=1.0, help="how often faults come; 1: about every 8 s")
    parser.add_argument("--no-faults", action="store_true", help="the belt changes its speed and stops, nothing else")
    parser.add_argument("--mutation", choices=sorted(MUTATIONS), help="a bridge that is wrong, in its own mode")
    parser.add_argument("--json", metavar="FILE", help="write what was counted")
    options = parser.parse_args(arguments)
    mutation = MUTATIONS[options.mutation] if options.mutation else None
    began = time.monotonic()
    result = Line(
        options.seed,
        options.parts,
        faulty=not options.no_faults,
        mode=mutation.mode if mutation else options.mode,
        rate=options.rate,
        bridge=mutation.parts if mutation else None,
    ).run()
    if options.json:
        path = Path(options.json)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(result.as_json(), indent=2) + "\n", encoding="utf-8")
    for name, value in result.as_json().items():
        print(f"{name}: {value}")
    print(f"simulated in {time.monotonic() - began:.1f} s")
    return 0 if result.defective_passed == 0 and result.decided_once == result.parts else 5


if __name__ == "__main__":
    sys.exit(main())
