"""Run the bridge's own ledger on a model of a line where everything goes wrong; count which bin each part falls into.

    python -m tools.simulate_line --parts 100000 --seed 1 --json out/line.json
    python -m tools.simulate_line --parts 300 --seeds 1-2000 --json out/seeds.json       # many lines, and their sums

Exit code 0: no defective part passed and each was decided once; 5: otherwise.
"""

import argparse
import json
import re
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from tools.line_model.line import Line, Result
from tools.line_model.mutations import MUTATIONS

SAID: Final = ("seed", "parts", "decided_once", "rejects_due", "rejects_in_window", "defective_passed", "good_rejected",
               "faults")  # fmt: skip
"""What is written of one line."""
SUMMED: Final = ("parts", "decided_once", "rejects_due", "rejects_in_window", "defective_passed", "unexplained")
PROGRESS_S: Final = 10.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulate; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.simulate_line", description=__doc__.partition("\n")[0])
    parser.add_argument("--parts", type=int, default=100_000, metavar="N", help="of each line; default: 100000")
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--seed", type=int, default=1, metavar="N", help="the same one gives the same line; default: 1")
    which.add_argument("--seeds", type=_range, metavar="A-B", help="a line of each of these, A and B included")
    parser.add_argument("--mode", choices=("permit", "pulse"), default="permit", help="default: permit")
    parser.add_argument("--rate", type=float, default=1.0, help="how often faults come; 1: about every 8 s")
    parser.add_argument("--no-faults", action="store_true", help="the belt changes its speed and stops, nothing else")
    parser.add_argument("--mutation", choices=sorted(MUTATIONS), help="a bridge that is wrong, in its own mode")
    parser.add_argument("--json", metavar="FILE", help="write what was counted")
    options = parser.parse_args(arguments)
    mutation = MUTATIONS[options.mutation] if options.mutation else None

    def line(seed: int) -> Result:
        return Line(
            seed,
            options.parts,
            faulty=not options.no_faults,
            mode=mutation.mode if mutation else options.mode,
            rate=options.rate,
            bridge=mutation.parts if mutation else None,
        ).run()

    began = time.monotonic()
    if options.seeds:
        counted = summed(_each(line, options.seeds))
        print(f"{options.mode}, faults at rate {options.rate:g}, {options.parts} parts a seed")
    else:
        result = line(options.seed)
        counted = {name: value for name, value in asdict(result).items() if name in SAID}
        print(f"unexplained: {result.unexplained}\nthe ledger counted: {result.counted}")
    if options.json:
        path = Path(options.json)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(counted, indent=2) + "\n", encoding="utf-8")
    for name, value in counted.items():
        print(f"{name}: {value}")
    print(f"simulated in {time.monotonic() - began:.1f} s")
    return 0 if counted["defective_passed"] == 0 and counted["decided_once"] == counted["parts"] else 5


def summed(results: Iterable[Result]) -> dict[str, object]:
    """The sums, the seeds that failed, and the worst: the one that let most bad parts pass, then rejected most good."""
    sums, reasons, faults, seeds, failed = Counter[str](), Counter[str](), Counter[str](), 0, list[int]()
    worst: Result | None = None
    for result in results:
        seeds += 1
        sums.update({name: getattr(result, name) for name in SUMMED})
        reasons.update(result.good_rejected)
        faults.update(result.faults)
        if result.defective_passed or result.decided_once != result.parts:
            failed.append(result.seed)
        worst = result if worst is None or _badness(result) > _badness(worst) else worst
    return {
        "seeds": seeds,
        **{name: sums[name] for name in SUMMED},
        "good_rejected": dict(sorted(reasons.items())),
        "faults": dict(sorted(faults.items())),
        "failed_seeds": failed,
        "worst": {name: value for name, value in asdict(worst).items() if name in SAID} if worst else None,
    }


def _badness(result: Result) -> tuple[int, int, int]:
    return result.defective_passed, result.parts - result.decided_once, sum(result.good_rejected.values())


def _each(line: Callable[[int], Result], seeds: range) -> Iterable[Result]:
    """Their results, with a line on stderr now and then."""
    said, passed = time.monotonic(), 0
    for seed in seeds:
        result = line(seed)
        passed += result.defective_passed
        if time.monotonic() >= said + PROGRESS_S or result.defective_passed:
            said = time.monotonic()
            print(f"seed {seed} of {seeds[0]} to {seeds[-1]}: {passed} defective passed so far", file=sys.stderr)
        yield result


def _range(text: str) -> range:
    match = re.fullmatch(r"(\d+)-(\d+)", text)
    if match is None or int(match[1]) > int(match[2]):
        raise argparse.ArgumentTypeError(f"{text!r} is no range of seeds such as 1-2000")
    return range(int(match[1]), int(match[2]) + 1)


if __name__ == "__main__":
    sys.exit(main())
