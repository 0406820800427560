"""What a recording is expected to give, and how what came differs."""

from dataclasses import replace
from pathlib import Path

import pytest

from inspector.config import CameraSource, FolderSource, RecordingSource, VideoSource
from inspector.errors import SourceError
from inspector.line.expected import (
    Expected,
    close_calls,
    differences,
    expected_of,
    load_expected,
    path_of,
    save_expected,
)
from tests.wire.samples import verdict

PASSED = Expected(seq=1, part="a", outcome="pass", reason=None, score=10.0, threshold=20.0, recipe="r")
FAILED = Expected(seq=2, part="b", outcome="fail", reason=None, score=30.0, threshold=20.0, recipe="r")
LOST = Expected(seq=3, part="", outcome="not_inspected", reason="camera", score=None, threshold=20.0, recipe="r")
ALL = [PASSED, FAILED, LOST]


def test_an_expectation_is_read_as_it_was_written(tmp_path: Path) -> None:
    save_expected(tmp_path / "expected.jsonl", ALL)
    assert load_expected(tmp_path / "expected.jsonl") == ALL


def test_a_verdict_is_expected_without_what_changes_from_run_to_run() -> None:
    one, other = verdict(1), replace(verdict(1, run="r2"), exposed_ns=5, latency_ms=99.0, stages_ms={})
    assert expected_of(one) == expected_of(other)


def test_what_is_alike_within_the_tolerance_does_not_differ() -> None:
    assert differences(ALL, ALL) == []
    assert differences([PASSED], [replace(PASSED, score=10.019)]) == []


@pytest.mark.parametrize(
    ("found", "told"),
    [
        ([PASSED, replace(FAILED, outcome="pass", score=19.0), LOST],
         "part 2 (b) is pass (score 19.0000 at threshold 20.0000), expected fail (score 30.0000 at threshold 20.0000)"),
        ([PASSED, replace(FAILED, score=30.04), LOST], "part 2 (b) scores 30.0400, expected 30.0000 ± 0.0300"),
        ([PASSED, FAILED, replace(LOST, reason="missed")], "part 3 is not_inspected: missed, expected not_inspected"),
        ([PASSED, LOST, FAILED], "part 2 (b) is expected, but part 3 () came"),
        ([PASSED, FAILED], "2 parts came, 3 are expected"),
        ([], "0 parts came, 3 are expected"),
    ],
)  # fmt: skip
def test_a_difference_is_named(found: list[Expected], told: str) -> None:
    assert differences(ALL, found)[0].startswith(told)


def test_an_outcome_has_no_tolerance() -> None:
    just_below, just_above = replace(PASSED, score=19.9999), replace(PASSED, score=20.0001, outcome="fail")
    assert len(differences([just_below], [just_above])) == 1


def test_a_close_call_is_within_two_per_cent_of_the_threshold() -> None:
    scores = {"a": 19.59, "b": 19.61, "c": 20.0, "d": 20.39, "e": 20.41}
    each = [replace(PASSED, part=part, score=score) for part, score in scores.items()]
    assert [call.part for call in close_calls([*each, LOST])] == ["b", "c", "d"]


def test_an_expectation_lies_with_its_footage() -> None:
    assert path_of(RecordingSource(path="a/r")) == Path("a/r/expected.jsonl")
    assert path_of(VideoSource(path="a/v.mp4")) == Path("a/v.mp4.expected.jsonl")
    assert path_of(FolderSource(path="a/f")) == Path("a/f.expected.jsonl")
    with pytest.raises(SourceError, match="nothing is expected of a camera"):
        path_of(CameraSource())


def test_a_missing_or_damaged_expectation_is_named(tmp_path: Path) -> None:
    path = tmp_path / "expected.jsonl"
    with pytest.raises(SourceError, match=r"record what is expected with: inspector replay … --update"):
        load_expected(path)
    for line in ("no json", "[1]", '{"seq": 1}'):
        path.write_text(f"{line}\n")
        with pytest.raises(SourceError, match=r"expected\.jsonl:1 is no expected verdict"):
            load_expected(path)
