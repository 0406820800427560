"""`inspector replay --verify` and `--update`: does this footage still get the verdicts that it should get?"""

import threading
from collections.abc import Callable, Sequence
from typing import Final

from inspector.config import Config
from inspector.errors import VerificationError
from inspector.line.expected import (
    CLOSE,
    Expected,
    close_calls,
    differences,
    expected_of,
    load_expected,
    path_of,
    save_expected,
)
from inspector.line.replay import replay

SHOWN: Final = 20
"""Most differences told one by one."""

Progress = Callable[[int], None]


def verify(config: Config, speed: float, stop: threading.Event, progress: Progress) -> str:
    """Replay the configured footage and say that it is as expected. Raises VerificationError, naming what is not."""
    path = path_of(config.source)
    expected = load_expected(path)
    found = [expected_of(verdict) for verdict in replay(config, speed, stop, progress)]
    if stop.is_set():
        return "stopped; nothing was verified"
    differing = differences(expected, found)
    if differing:
        more = [f"and {len(differing) - SHOWN} more"] if len(differing) > SHOWN else []
        told = "; ".join([*differing[:SHOWN], *more])
        raise VerificationError(f"{len(differing)} of {len(expected)} parts are not as {path} expects: {told}"
                                f"{_other_recipe(expected, found)}")  # fmt: skip
    return f"{len(found)} parts are as {path} expects{_other_recipe(expected, found)}"


def update(config: Config, speed: float, stop: threading.Event, progress: Progress) -> tuple[str, list[str]]:
    """Replay the configured footage and write down what came as what is expected; says so, and what to look at.

    The second are the close calls, in words: parts that another version, machine or runtime may judge otherwise.
    """
    path = path_of(config.source)
    expected = [expected_of(verdict) for verdict in replay(config, speed, stop, progress)]
    if stop.is_set():
        return "stopped; nothing was written", []
    save_expected(path, expected)
    outcomes = [each.outcome for each in expected]
    counts = ", ".join(f"{outcomes.count(outcome)} {outcome}" for outcome in ("pass", "fail", "not_inspected"))
    warnings = [
        f"part {each.seq} ({each.part}) scores {each.score:.4f}, within {CLOSE:.0%} of threshold {each.threshold:.4f}"
        for each in close_calls(expected)
    ]
    return f"{path}: {counts}", warnings


def _other_recipe(expected: Sequence[Expected], found: Sequence[Expected]) -> str:
    before, now = {each.recipe for each in expected}, {each.recipe for each in found}
    if before == now:
        return ""
    return f" (expected under recipe {', '.join(sorted(before))}, replayed under {', '.join(sorted(now))})"
