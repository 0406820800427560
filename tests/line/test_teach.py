"""Teaching from real pictures with the real backbone; that the command does the same is in tests/test_commands.py."""

import io
import resource
import threading
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import pytest
from rich.console import Console

from inspector.config import (
    Config,
    FolderSource,
    RecordingSource,
    ScoringConfig,
    SourceConfig,
    VideoSource,
)
from inspector.errors import ConfigError, RecipeError, SourceError
from inspector.line import teach as teaching
from inspector.line.teach import Lesson, report, teach
from inspector.scoring.fit import FitOptions
from inspector.scoring.recipe import load_recipe, picture_digest
from inspector.scoring.scorer import open_scorer
from tests.washers import (
    SIZE,
    SMALL,
    burnt,
    part_of,
    quiet,
    washer,
    washers,
    write_pictures,
    write_recording,
    write_video,
)


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    """A smaller network's input and bank than teaching's own, which take seconds."""
    small = partial(FitOptions, side=SMALL.side, bank_size=SMALL.bank_size, patches_per_picture=60)
    monkeypatch.setattr(teaching, "FitOptions", small)


def config(source: SourceConfig) -> Config:
    return Config(source=source, scoring=ScoringConfig(recipe="none", threads=1, device="cpu"))


def recording_of(folder: Path) -> SourceConfig:
    return RecordingSource(path=str(write_recording(folder / "recording", washers(8), fps=2)))


def video_of(folder: Path) -> SourceConfig:
    return VideoSource(path=str(write_video(folder / "video.avi", washers(8), fps=2)))


def folder_of(folder: Path) -> SourceConfig:
    return FolderSource(path=str(write_pictures(folder / "parts", washers(8))), fps=2, loop=True)


@pytest.mark.parametrize("source_of", [recording_of, video_of, folder_of])
def test_a_file_is_read_once_as_fast_as_it_can_be_and_the_recipe_tells_good_from_bad(
    source_of: Callable[[Path], SourceConfig], tmp_path: Path
) -> None:
    taught = teach(config(source_of(tmp_path)), Lesson(out=tmp_path / "mine", parts=100), threading.Event(), quiet)
    recipe = load_recipe(tmp_path / "mine")
    assert recipe == taught.fitted.recipe
    assert (recipe.bank.pictures, recipe.frame_size) == (8, SIZE)
    scorer = open_scorer(ScoringConfig(recipe=str(tmp_path / "mine"), threads=1, device="cpu"))
    assert scorer.score(part_of(burnt(51))).score > scorer.threshold
    assert scorer.score(part_of(burnt(51))).score > 1.5 * scorer.score(part_of(washer(50))).score


def test_no_more_parts_are_taken_than_asked_for_and_progress_says_how_many(tmp_path: Path) -> None:
    told: list[tuple[str, int, int]] = []
    lesson = Lesson(out=tmp_path / "mine", parts=5)
    taught = teach(config(folder_of(tmp_path)), lesson, threading.Event(), lambda *step: told.append(step))
    assert taught.fitted.recipe.bank.pictures == 5
    assert [step for step in told if step[0] == "good parts"][:5] == [("good parts", n, 5) for n in range(1, 6)]


def test_parts_are_as_far_apart_as_asked_for(tmp_path: Path) -> None:
    """Read as fast as they can be, ten pictures take less than a minute: only the first is taken."""
    lesson = Lesson(out=tmp_path / "mine", parts=5, every_s=60)
    with pytest.raises(RecipeError, match="too few good pictures to fit from: 1; at least 4 are needed"):
        teach(config(folder_of(tmp_path)), lesson, threading.Event(), quiet)


def test_parts_that_are_not_good_are_left_out_by_their_numbers(tmp_path: Path) -> None:
    parts = washers(8)
    source = FolderSource(path=str(write_pictures(tmp_path / "parts", [*parts[:2], burnt(7), *parts[2:]])), fps=2)
    lesson = Lesson(out=tmp_path / "mine", parts=100, leave_out=frozenset({3}))
    taught = teach(config(source), lesson, threading.Event(), quiet)
    assert len(taught.fitted.scores) == 8
    assert taught.fitted.recipe.fitted_on() == {picture_digest(picture) for picture in parts}
    with pytest.raises(ConfigError, match="--leave-out 12: the last part was 9"):
        teach(config(source), replace(lesson, leave_out=frozenset({3, 12})), threading.Event(), quiet)


def test_a_picture_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    source = folder_of(tmp_path)
    (tmp_path / "parts" / "03.png").write_bytes(b"")
    taught = teach(config(source), Lesson(out=tmp_path / "mine", parts=100), threading.Event(), quiet)
    assert taught.fitted.recipe.bank.pictures == 7


def test_stopped_while_it_takes_parts_it_learns_from_those_it_has(tmp_path: Path) -> None:
    stop = threading.Event()

    def enough(what: str, done: int, whole: int) -> None:
        if (what, done) == ("good parts", 6):
            stop.set()

    taught = teach(config(recording_of(tmp_path)), Lesson(out=tmp_path / "mine", parts=100), stop, enough)
    assert taught.fitted.recipe.bank.pictures == 6


def test_stopped_while_it_fits_it_leaves_nothing_behind(tmp_path: Path) -> None:
    stop = threading.Event()

    def impatient(what: str, done: int, whole: int) -> None:
        if what != "good parts":
            stop.set()

    (tmp_path / "banks").mkdir()
    with pytest.raises(KeyboardInterrupt):
        teach(config(folder_of(tmp_path)), Lesson(out=tmp_path / "banks" / "mine", parts=100), stop, impatient)
    assert not list((tmp_path / "banks").iterdir())


def test_where_no_recipe_can_be_written_is_said_before_any_part_is_taken(tmp_path: Path) -> None:
    def must_not_be_called(what: str, done: int, whole: int) -> None:
        raise AssertionError(what)

    source = config(folder_of(tmp_path))
    (tmp_path / "file").touch()
    cases = {
        tmp_path / "file" / "mine": "cannot be written: (File exists|Not a directory)",
        tmp_path / "parts": "exists and is not a recipe; choose another folder",
        tmp_path / "file": "cannot be written: Not a directory",
    }
    for out, told in cases.items():
        with pytest.raises(ConfigError, match=f"--out {out} {told}"):
            teach(source, Lesson(out=out, parts=100), threading.Event(), must_not_be_called)


def test_a_disk_that_fills_while_parts_are_taken_is_one_line_and_leaves_nothing_behind(tmp_path: Path) -> None:
    source = config(folder_of(tmp_path))
    (tmp_path / "banks").mkdir()
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, before[1]))  # less than a picture
    try:
        with pytest.raises(
            ConfigError, match="part picture 1 cannot be kept beside the recipe: .*choose another --out"
        ):
            teach(source, Lesson(out=tmp_path / "banks" / "mine", parts=9), threading.Event(), quiet)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not list((tmp_path / "banks").iterdir())


def test_a_source_without_a_part_is_an_error_that_says_where_to_look(tmp_path: Path) -> None:
    write_pictures(tmp_path / "parts", washers(2))
    for path in (tmp_path / "parts").iterdir():
        path.write_bytes(b"")
    source = config(FolderSource(path=str(tmp_path / "parts")))
    with pytest.raises(SourceError, match="no part was seen; check the source and the trigger with: inspector check"):
        teach(source, Lesson(out=tmp_path / "mine", parts=9), threading.Event(), quiet)


def test_what_is_white_in_the_ignore_mask_rejects_nopart_of(tmp_path: Path) -> None:
    mask = np.zeros(SIZE[::-1], np.uint8)
    mask[70:160, 40:160] = 255
    cv2.imwrite(str(tmp_path / "mask.png"), mask)
    lesson = Lesson(out=tmp_path / "mine", parts=100, ignore=tmp_path / "mask.png")
    ignore = teach(config(folder_of(tmp_path)), lesson, threading.Event(), quiet).fitted.recipe.ignore()
    assert ignore is not None
    assert ignore[8, 6]
    assert not ignore[:4].any()
    scorer = open_scorer(ScoringConfig(recipe=str(tmp_path / "mine"), threads=1, device="cpu"))
    scored = scorer.score(part_of(burnt(51)))
    assert scored.score == scored.patch_scores[~ignore].max()
    assert not scored.patch_scores[ignore].any()


def test_an_ignore_mask_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "mask.png").touch()
    lesson = Lesson(out=tmp_path / "mine", parts=9, ignore=tmp_path / "mask.png")
    with pytest.raises(RecipeError, match=r"ignore mask .*mask\.png cannot be used: .*empty \(0 bytes\)"):
        teach(config(folder_of(tmp_path)), lesson, threading.Event(), quiet)


def test_taught_again_it_replaces_the_recipe_and_reports_what_it_learnt(tmp_path: Path) -> None:
    source, stop = config(folder_of(tmp_path)), threading.Event()
    teach(source, Lesson(out=tmp_path / "mine", parts=4), stop, quiet)
    taught = teach(source, Lesson(out=tmp_path / "mine", parts=6), stop, quiet)
    assert load_recipe(tmp_path / "mine").bank.pictures == 6
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "mine-parts.jpg", "parts"]
    text = io.StringIO()
    report(taught, "inspector run --recipe mine", Console(file=text))
    recipe, parts, threshold, health, look, run = text.getvalue().splitlines()
    assert recipe.startswith(f"recipe: {taught.fitted.recipe.id} in {tmp_path / 'mine'}: ")
    assert recipe.endswith("vectors from 6 good parts")
    assert parts.startswith("parts: as they lie: ")
    assert "by the rule highest_good: highest of 6 good scores" in threshold
    assert health.startswith("health: looks at focus, light,")
    assert "off: right (6 good parts do not show how they lie, 20 would)" in health
    assert look.startswith(f"look at: {tmp_path / 'mine-parts.jpg'}, the most unusual parts first")
    assert run == "run it: inspector run --recipe mine"
