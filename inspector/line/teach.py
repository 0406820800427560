"""Teaching: good parts through the same source, trigger and crop as at the line, then a recipe from them."""

import shutil
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from loguru import logger
from numpy.typing import NDArray
from rich.console import Console

from inspector.config import Config, unpaced
from inspector.console import say
from inspector.errors import ConfigError, RecipeError, SourceError
from inspector.messages import Frame, Image, LostPart, Part, Silence
from inspector.scoring.contact_sheet import contact_sheet, jpeg
from inspector.scoring.examine import checks, norm_of
from inspector.scoring.fit import FitOptions, Fitted, fit
from inspector.scoring.prepare import Rectangle
from inspector.scoring.progress import Progress
from inspector.sources import open_source
from inspector.sources.images import read_picture
from inspector.triggers import open_trigger


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """What to learn from."""

    out: Path
    """Folder of the new recipe."""
    parts: int
    """Good parts to take at most."""
    every_s: float = 0.0
    """At least so many seconds between two parts: for a camera that runs free while parts are laid under it by hand."""
    region: Rectangle | None = None
    ignore: Path | None = None
    """A picture of the frame's size; what is white in it rejects no part."""
    min_defect_area: float = 0.0
    """In pixels²."""
    any_size: bool = False
    leave_out: frozenset[int] = frozenset()
    """Numbers of parts that are not good; for footage and folders, whose parts come in the same order again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taught:
    """What teaching gave."""

    fitted: Fitted
    contact_sheet: Path


def teach(config: Config, lesson: Lesson, stop: threading.Event, progress: Progress) -> Taught:
    """Take good parts, fit a recipe, draw a contact sheet beside it. Files are read as fast as they can be.

    `stop` ends the taking of parts, and what was taken is fitted; set again, it ends the fitting (KeyboardInterrupt).
    Raises ConfigError when the recipe cannot be written to `lesson.out`, before any part is taken, or the disk takes no
    more of them; SourceError when no part was seen; RecipeError as `fit` does; OSError for what else is written.
    """
    options = FitOptions(
        region=lesson.region,
        ignore=None if lesson.ignore is None else _mask(lesson.ignore),
        min_defect_area=lesson.min_defect_area,
        any_size=lesson.any_size,
        threads=config.scoring.threads,
    )
    with _workplace(lesson.out) as folder:
        pictures, shown = _collect(config, lesson, folder, stop, progress)
        stop.clear()
        fitted = fit(pictures, lesson.out, options, _until(stop, progress), shown)
        sheet = lesson.out.with_name(lesson.out.name + "-parts.jpg")
        sheet.write_bytes(jpeg(contact_sheet(pictures, fitted.scores, shown)))
    return Taught(fitted=fitted, contact_sheet=sheet)


def report(taught: Taught, command: str, console: Console) -> None:
    """Say what was learnt, what to look at, and the command that runs it."""
    recipe = taught.fitted.recipe
    lines = {
        "recipe": f"{recipe.id} in {recipe.folder}: {recipe.bank.size} vectors from {recipe.taught_from}",
        "parts": taught.fitted.locating,
        "threshold": f"{recipe.threshold.value:.2f} by the rule {recipe.threshold.rule}: {recipe.threshold.basis}",
        "health": f"looks at {checks(norm_of(recipe))}",
        "look at": f"{taught.contact_sheet}, the most unusual parts first; is each of them good? If not, and they "
        "come from a file, teach again with --leave-out and the numbers of those that are not",
        "run it": command,
    }
    say(console, lines)


@contextmanager
def _workplace(out: Path) -> Iterator[Path]:
    """A folder beside the recipe, for pictures that may not fit in memory; gone afterwards.

    It shows that the recipe can be written, before somebody has laid a hundred parts under the camera.
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.exists() and not (out / "recipe.json").exists() and any(out.iterdir()):
            raise ConfigError(f"--out {out} exists and is not a recipe; choose another folder")
        temporary = tempfile.TemporaryDirectory(dir=out.parent, prefix=f".{out.name}-parts-")
    except OSError as error:
        raise ConfigError(f"--out {out} cannot be written: {error.strerror}") from None
    with temporary as folder:
        yield Path(folder)


def _until(stop: threading.Event, progress: Progress) -> Progress:
    """Progress that is interrupted once `stop` is set."""

    def show(what: str, done: int, whole: int) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        progress(what, done, whole)

    return show


def _mask(path: Path) -> NDArray[np.bool_]:
    try:
        return np.asarray(read_picture(path).max(axis=2) > 127)
    except (OSError, ValueError) as error:
        raise RecipeError(f"ignore mask {path} cannot be used: {error}") from error


def _collect(
    config: Config, lesson: Lesson, folder: Path, stop: threading.Event, progress: Progress
) -> tuple[Sequence[Image], Sequence[int]]:
    """Pictures of good parts, and which part each shows: a trigger may see one more than once."""
    pictures, shown = _Pictures(folder), list[int]()
    trigger = open_trigger(config.trigger, all_views=True)
    source = open_source(unpaced(config.source))
    next_ns, lost, taken, last = 0, "", 0, 0

    def keep(parts: Iterator[Part | LostPart]) -> None:
        nonlocal next_ns, taken, last
        for part in parts:
            last = part.seq
            if part.seq in lesson.leave_out:
                continue
            if isinstance(part, LostPart):
                logger.warning("part {} {} left out: {}", part.seq, part.part, part.reason)
            elif shown and part.seq == shown[-1]:
                pictures.append(part.image)
                shown.append(part.seq)
            elif part.arrived_ns >= next_ns and taken < lesson.parts:
                next_ns = part.arrived_ns + round(lesson.every_s * 1e9)
                pictures.append(part.image)
                shown.append(part.seq)
                taken += 1
                progress("good parts", taken, lesson.parts)

    if source.live:
        if lesson.leave_out:
            source.close()
            raise ConfigError(
                "--leave-out is for footage and folders: the same parts do not come before a camera again"
            )
        logger.info("show good parts, {} of them; Ctrl-C when that is enough", lesson.parts)
    try:
        for seen in source.frames(stop):
            if isinstance(seen, Silence):
                lost = _say_if_lost(seen, lost)
                continue
            lost = "" if isinstance(seen, Frame) else lost
            keep(trigger.parts(seen))
            if taken >= lesson.parts:
                break
        else:
            keep(trigger.end())
    finally:
        source.close()
    if taken < lesson.parts and (beyond := [number for number in sorted(lesson.leave_out) if number > last]):
        raise ConfigError(f"--leave-out {beyond[0]}: the last part was {last}")
    if not taken:
        raise SourceError("no part was seen; check the source and the trigger with: inspector check")
    if taken < lesson.parts:
        progress("good parts", taken, taken)
    return pictures, shown


def _say_if_lost(silence: Silence, said: str) -> str:
    """Log why the source is lost unless that was said last; what was said last."""
    if silence.lost and silence.lost != said:
        logger.warning("{}", silence.lost)
    return silence.lost or said


class _Pictures(Sequence[Image]):
    """Pictures kept on disk as they are, and mapped when asked for: as many parts as the disk holds."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._count = 0

    def append(self, picture: Image) -> None:
        try:
            np.save(self._file(self._count), picture, allow_pickle=False)
        except OSError as error:  # numpy says how much it wrote, and not that there is no more room
            left = shutil.disk_usage(self._folder).free
            raise ConfigError(
                f"part picture {self._count + 1} cannot be kept beside the recipe: {error.strerror or error} "
                f"({left / 1e6:.0f} MB are free in {self._folder.parent}); choose another --out, or fewer --parts"
            ) from error
        self._count += 1

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> Image:  # type: ignore[override]  # no slices
        if not 0 <= index < self._count:
            raise IndexError(index)
        picture: Image = np.load(self._file(index), mmap_mode="r", allow_pickle=False)
        return picture

    def _file(self, index: int) -> Path:
        return self._folder / f"{index}.npy"
