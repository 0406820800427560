"""`inspector check --camera TYPE`: find a camera and the values that suit it, and see its picture."""

import threading
import time
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from inspector.config import SourceConfig, keys_of, source_section, source_words, yaml_line
from inspector.errors import ConfigError, SourceError
from inspector.line.check import Finding
from inspector.messages import Frame, Missed, Seen
from inspector.sources import open_source
from inspector.sources.glance import glance
from inspector.sources.images import write_png
from inspector.sources.live import LiveSource
from inspector.sources.nearby import nearby

WATCH_S: Final = 2.0
"""How long the camera is watched once it gives pictures."""
PATIENCE_S: Final = 10.0
"""How long its first picture is waited for."""


def check_camera(kind: str, given: Mapping[str, Any], picture: Path) -> Iterator[Finding]:
    """Look for cameras of a type, open the first or the one given, watch it, and write its picture.

    given: keys of the configuration's source section. Raises SourceError when no camera can be opened or gives no
    picture, ConfigError for keys that are wrong or a picture that cannot be written.
    """
    found = nearby(kind, given)
    for words, keys in found:
        yield Finding(what="found", found=f"{words}: {yaml_line('source', {'type': kind, **keys})}")
    chosen = {**found[0][1], **given} if found and not set(found[0][1]) & set(given) else dict(given)
    config = source_section({"type": kind, **chosen})
    source = open_source(config)
    try:
        yield Finding(what="opened", found=f"{source_words(config)}, frames of {_size(source.frame_size)}")
        settings = source.settings() if isinstance(source, LiveSource) else ()
        for setting in settings:
            takes = f" (takes {setting.allowed})" if setting.allowed else ""
            yield Finding(what=setting.key, found=f"{setting.value}{takes}")
        seen = _watched(source.frames, config)
    finally:
        source.close()
    frames = [each for each in seen if isinstance(each, Frame)]
    yield Finding(what="frames", found=_pace(frames, [each for each in seen if isinstance(each, Missed)]))
    try:
        write_png(picture, frames[-1].image)
    except OSError as error:
        raise ConfigError(f"cannot write {picture}: {error.strerror or error}") from error
    told = glance(frames[-1].image).words([setting.key for setting in settings])
    yield Finding(what="picture", found=f"{picture}: {told}")
    yield Finding(what="config.yaml", found=yaml_line("source", keys_of(config)))


def _watched(frames: Any, config: SourceConfig) -> list[Seen]:
    """What comes until WATCH_S after the first frame, which is in it."""
    stop, seen, limit = threading.Event(), [], time.monotonic() + PATIENCE_S
    for each in frames(stop):
        seen.append(each)
        if isinstance(each, Frame) and sum(isinstance(one, Frame) for one in seen) == 1:
            limit = time.monotonic() + WATCH_S
        if time.monotonic() > limit:
            stop.set()
    if not any(isinstance(each, Frame) for each in seen):
        told = next((each.detail for each in seen if isinstance(each, Missed) and each.detail), "")
        raise SourceError(f"{source_words(config)} gave no picture that could be judged in {PATIENCE_S:g} s; "
                          f"{told or 'does it wait for its trigger?'}")  # fmt: skip
    return seen


def _pace(frames: list[Frame], missed: list[Missed]) -> str:
    """How the frames came, in words."""
    lost = sum(each.count for each in missed)
    why = {each.detail for each in missed if each.detail}
    told = f"{lost} lost{': ' + '; '.join(sorted(why)) if why else ''}"
    if len(frames) < 3:
        return f"{len(frames)} in {WATCH_S:g} s, {told}"
    # Over the whole time: what waited in the driver at first comes all at once, whatever its times say.
    rate = (len(frames) - 1 + lost) / ((frames[-1].arrived_ns - frames[0].arrived_ns) / 1e9)
    arrived = [(later.arrived_ns - one.arrived_ns) / 1e6 for one, later in pairwise(frames)]
    return f"{rate:.1f} a second, {min(arrived):.0f} to {max(arrived):.0f} ms apart as they arrive, {told}"


def _size(size: tuple[int, int] | None) -> str:
    return "any size" if size is None else f"{size[0]} × {size[1]}"
