"""The verdicts that a recording is expected to give: what they are, where they are kept, how others differ. Pure but
for the file.

    expected.jsonl   one line a part, in a recording's folder; of other footage `<its name>.expected.jsonl` beside it
    {"seq": 1, "part": "000001.webp", "outcome": "pass", "reason": null, "score": 13.2, "threshold": 19.3, "recipe": …}
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from inspector.config import FolderSource, RecordingSource, SourceConfig, VideoSource
from inspector.errors import SourceError
from inspector.messages import Verdict

TOLERANCE: Final = 1e-3
"""By which scores may differ, of the score or of the threshold: what two runtimes may differ by."""
CLOSE: Final = 0.02
"""Share of the threshold within which an expected score is a close call: another version's rounding may turn it."""
DIGITS: Final = 4
"""Of an expected score, behind the point: far less than TOLERANCE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of one part."""

    seq: int
    part: str
    outcome: str
    reason: str | None
    score: float | None
    threshold: float
    recipe: str


def expected_of(verdict: Verdict) -> Expected:
    """What a verdict says, less what changes from run to run."""
    return Expected(
        seq=verdict.seq,
        part=verdict.part,
        outcome=verdict.outcome,
        reason=verdict.reason,
        score=None if verdict.score is None else round(verdict.score, DIGITS),
        threshold=round(verdict.threshold, DIGITS),
        recipe=verdict.recipe,
    )


def path_of(source: SourceConfig) -> Path:
    """Where the expectation of some footage is kept. Raises SourceError for a camera, of which nothing is expected."""
    match source:
        case RecordingSource(path=path):
            return Path(path, "expected.jsonl")
        case VideoSource(path=path) | FolderSource(path=path):
            return Path(path).with_name(f"{Path(path).name}.expected.jsonl")
        case _:
            raise SourceError("nothing is expected of a camera; give a recording, a video or a folder")


def load_expected(path: Path) -> list[Expected]:
    """The expectation in a file. Raises SourceError where there is none, naming how to make it, or a damaged line."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise SourceError(f"there is no {path}; record what is expected with: inspector replay … --update") from None
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"cannot read {path}: {error}") from error
    return [_parsed(line, f"{path}:{number}") for number, line in enumerate(lines, 1)]


def save_expected(path: Path, expected: Sequence[Expected]) -> None:
    """Write an expectation. Raises SourceError where it cannot be written."""
    try:
        path.write_text("".join(f"{json.dumps(asdict(each))}\n" for each in expected), encoding="utf-8")
    except OSError as error:
        raise SourceError(f"cannot write {path}: {error.strerror}") from error


def differences(expected: Sequence[Expected], found: Sequence[Expected]) -> list[str]:
    """Each part that is not as expected, in words: tolerance on scores, none on anything else."""
    out = [line for want, got in zip(expected, found, strict=False) if (line := _difference(want, got))]
    if len(expected) != len(found):
        out.append(f"{len(found)} parts came, {len(expected)} are expected")
    return out


def close_calls(expected: Sequence[Expected]) -> list[Expected]:
    """The parts whose score lies so close to the threshold that another version may judge them otherwise."""
    return [each for each in expected
            if each.score is not None and abs(each.score - each.threshold) < CLOSE * each.threshold]  # fmt: skip


def _difference(want: Expected, got: Expected) -> str:
    which = f"part {want.seq} ({want.part})" if want.part else f"part {want.seq}"
    if (want.seq, want.part) != (got.seq, got.part):
        return f"{which} is expected, but part {got.seq} ({got.part}) came"
    if (want.outcome, want.reason) != (got.outcome, got.reason):
        return f"{which} is {_judged(got)}, expected {_judged(want)}"
    if want.score is None or got.score is None:
        return ""
    allowed = TOLERANCE * max(abs(want.score), want.threshold)
    if abs(want.score - got.score) > allowed:
        return f"{which} scores {got.score:.4f}, expected {want.score:.4f} ± {allowed:.4f}"
    return ""


def _judged(each: Expected) -> str:
    if each.score is None:
        return f"{each.outcome}: {each.reason}"
    return f"{each.outcome} (score {each.score:.4f} at threshold {each.threshold:.4f})"


def _parsed(line: str, place: str) -> Expected:
    try:
        read = Expected(**json.loads(line))
        score = None if read.score is None else float(read.score)
        return Expected(**{**asdict(read), "score": score, "threshold": float(read.threshold)})
    except (ValueError, TypeError):
        raise SourceError(f"{place} is no expected verdict: {line[:80]!r}") from None
