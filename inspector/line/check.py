"""`inspector check`: what would run, seen working: one frame from the source, and its score by the recipe."""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from inspector.config import Config, ViewerConfig, WireConfig, source_words, unpaced
from inspector.errors import RecipeError, SourceError
from inspector.line.recipes import with_recipe_in_force
from inspector.messages import Frame, Part, Silence
from inspector.scoring.examine import checks, norm_of
from inspector.scoring.scorer import Scorer, open_scorer
from inspector.sources import open_source
from inspector.sources.glance import glance
from inspector.sources.live import LiveSource, Setting
from inspector.triggers import Requests, open_trigger

PATIENCE_S: Final = 10.0
"""How long a camera's first picture, and the first part, is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing that was looked at."""

    what: str
    found: str


def check(config: Config) -> Iterator[Finding]:
    """Look at one thing after the other; the first that is wrong raises its InspectorError."""
    yield Finding(what="station", found=config.station.name)
    frame, settings = _first_frame(config)
    height, width = frame.image.shape[:2]
    yield Finding(what="source", found=f"{source_words(config.source)}, frames of {width} × {height}")
    if settings:
        yield Finding(what="settings", found=", ".join(f"{each.key} {each.value}" for each in settings))
    yield Finding(what="picture", found=glance(frame.image).words([each.key for each in settings]))
    scorer = open_scorer(with_recipe_in_force(config).scoring)
    recipe, bank, threshold = scorer.recipe, scorer.recipe.bank, scorer.recipe.threshold
    made = f"{bank.size} vectors ({bank.method}) from {recipe.taught_from}, {recipe.features.backbone}"
    yield Finding(what="recipe", found=f"{recipe.id} in {recipe.folder}: {made}")
    yield Finding(what="threshold", found=f"{threshold.value:.2f} by the rule {threshold.rule}: {threshold.basis}")
    yield Finding(what="health", found=f"looks at {checks(norm_of(recipe))}")
    yield Finding(what="scorer", found=f"{scorer.runtime}; {_verdict(scorer, _first_part(config))}")
    yield Finding(what="wire", found=", ".join(_sockets(config.wire)))
    yield Finding(what="PLC", found=str(config.plc.__struct_config__.tag))
    yield Finding(what="store", found=config.store.folder if config.store else "none: no log, no evidence")
    yield Finding(what="viewer", found=_address(config.viewer))


def _first_frame(config: Config) -> tuple[Frame, Sequence[Setting]]:
    """And the settings of the camera that gave it; a camera that says nothing is waited for within a bound."""
    source = open_source(unpaced(config.source))
    settings = source.settings() if isinstance(source, LiveSource) else ()
    words, limit = source_words(config.source), time.monotonic() + PATIENCE_S
    try:
        for seen in source.frames(threading.Event()):
            if isinstance(seen, Frame):
                return seen, settings
            if source.live and time.monotonic() > limit:
                why = (seen.lost or "does it wait for its trigger?") if isinstance(seen, Silence) else seen.detail
                raise SourceError(f"{words} gave no picture in {PATIENCE_S:g} s; {why}")
    finally:
        source.close()
    raise SourceError(f"{words} gave no readable frame")


def _first_part(config: Config) -> Part | None:
    """The first part that the trigger finds, within bounds; a part that a command asks for is asked for here."""
    requests = Requests()
    requests.put("check")
    trigger = open_trigger(config.trigger, requests)
    source = open_source(unpaced(config.source))
    limit = time.monotonic() + PATIENCE_S
    try:
        for seen in source.frames(threading.Event()):
            for part in trigger.parts(seen):
                if isinstance(part, Part):
                    return part
            if time.monotonic() > limit:
                return None
        return next((part for part in trigger.end() if isinstance(part, Part)), None)
    finally:
        source.close()


def _verdict(scorer: Scorer, part: Part | None) -> str:
    """What the recipe says of the first part."""
    if part is None:
        return f"no part was seen within {PATIENCE_S:g} s; does the trigger find it?"
    try:
        score = scorer.score(part).score
    except ValueError as error:
        raise RecipeError(f"recipe {scorer.recipe.folder} cannot judge this source: {error}") from error
    named = f"first part {part.part}".rstrip()  # a camera's has none
    return f"{named} scores {score:.2f}: {'pass' if score <= scorer.threshold else 'fail'}"


def _sockets(wire: WireConfig) -> tuple[str, ...]:
    return wire.verdicts, wire.recovery, wire.overlays, wire.commands, wire.evidence


def _address(viewer: ViewerConfig) -> str:
    return f"http://{viewer.host}:{viewer.port}" if viewer.start else "not started by inspector run"
