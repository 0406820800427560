"""`inspector replay --against`: which parts would another recipe judge otherwise? The question before every change."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from inspector.config import Config, lossless, override
from inspector.line.decide import Judgement, not_inspected
from inspector.line.identity import Identity
from inspector.line.judging import Judged, judge
from inspector.line.overlay import Shown, draw
from inspector.line.recorded import trigger_of
from inspector.line.register import Taken
from inspector.messages import LostPart, Overlay, Part
from inspector.scoring.recipe import Recipe
from inspector.scoring.scorer import Scorer, open_scorer
from inspector.sources import open_source
from inspector.sources.truth import load_truth
from inspector.triggers import all_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one recipe says of a part."""

    judgement: Judgement
    threshold: float
    overlay: Overlay


@dataclass(frozen=True, slots=True, kw_only=True)
class Flip:
    """A part that the two recipes judge otherwise."""

    seq: int
    part: str
    defective: bool | None
    """What the part really is; None where that is not known."""
    before: Side
    after: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """How often a recipe is wrong about the parts of which it is known what they are."""

    known: int
    misses: int
    """Defective parts that pass."""
    false_rejects: int
    """Good parts that fail; those not inspected are neither."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two recipes over the same footage."""

    source: str
    before: Recipe
    after: Recipe
    parts: int
    lost: int
    """Parts of which the footage has no picture, so that neither recipe judged them."""
    scores: tuple[tuple[float | None, float | None], ...]
    """Of each part that was judged, by both."""
    wrong: tuple[Wrong, Wrong]
    """The recipe before, and the one after."""
    flips: tuple[Flip, ...]


def compare(config: Config, other: Path, stop: threading.Event, progress: Callable[[int], None]) -> Comparison:
    """Judge each part of the configured footage by the configured recipe and by another one, as the line would.

    progress: called with the number of parts so far. Raises SourceError or RecipeError for what cannot be used.
    """
    quiet = lossless(config, speed=0)
    before, after = open_scorer(quiet.scoring), open_scorer(override(quiet, recipe=str(other)).scoring)
    truth = load_truth(quiet.source) or {}
    source, trigger = open_source(quiet.source), trigger_of(quiet)
    flips: list[Flip] = []
    scores: list[tuple[float | None, float | None]] = []
    outcomes: list[tuple[bool | None, Judgement, Judgement]] = []
    lost = 0
    try:
        for part in all_parts(source.frames(stop), trigger):
            if isinstance(part, LostPart):
                lost += 1
                continue
            first, second = _judged(part, before), _judged(part, after)
            scores.append((first.judgement.score, second.judgement.score))
            outcomes.append((truth.get(part.part), first.judgement, second.judgement))
            if _differ(first.judgement, second.judgement):
                sides = _side(part, before, first), _side(part, after, second)
                flips.append(Flip(seq=part.seq, part=part.part, defective=truth.get(part.part),
                                  before=sides[0], after=sides[1]))  # fmt: skip
            progress(len(scores) + lost)
    finally:
        source.close()
    wrong = [_wrong([(known, sides[which]) for known, *sides in outcomes]) for which in (0, 1)]
    return Comparison(
        source=str(getattr(quiet.source, "path", "")),
        before=before.recipe,
        after=after.recipe,
        parts=len(scores) + lost,
        lost=lost,
        scores=tuple(scores),
        wrong=(wrong[0], wrong[1]),
        flips=tuple(flips),
    )


def _judged(part: Part, scorer: Scorer) -> Judged:
    size = (part.image.shape[1], part.image.shape[0])
    if scorer.frame_size not in (None, size):
        return Judged(judgement=not_inspected("size"), scored=None, stages_ms={})
    taken = Taken(seq=part.seq, part=part.part, exposed_ns=part.exposed_ns, arrived_ns=part.arrived_ns, scorer=scorer,
                  recipe=scorer.recipe_id, threshold=scorer.threshold, deadline_ns=None)  # fmt: skip
    return judge(part, taken)


def _wrong(judged: list[tuple[bool | None, Judgement]]) -> Wrong:
    told = [(defective, judgement.outcome) for defective, judgement in judged if defective is not None]
    return Wrong(known=len(told), misses=told.count((True, "pass")), false_rejects=told.count((False, "fail")))


def _differ(first: Judgement, second: Judgement) -> bool:
    return (first.outcome, first.reason) != (second.outcome, second.reason)


def _side(part: Part, scorer: Scorer, judged: Judged) -> Side:
    shown = Shown(seq=part.seq, part=part.part, image=part.image, to_source=part.to_source,
                  judgement=judged.judgement, scorer=scorer, scored=judged.scored)  # fmt: skip
    overlay = draw(shown, Identity("", "", "replay"))
    return Side(judgement=judged.judgement, threshold=scorer.threshold, overlay=overlay)
