"""Looks at each picture before it is scored: is it worth judging, and where is the camera going?"""

from dataclasses import dataclass, field

from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.drift import Drift
from inspector.scoring.health import LOW_HIGH, ONE_SIDED, ONLY_LESS, Limit, Norm, read, thumbnail
from inspector.scoring.health_files import from_files
from inspector.scoring.recipe import Recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """What came of looking at a picture."""

    unfit: str = ""
    """Why it must not be judged, in words with the reading and its limits; empty when it may."""
    readings: dict[str, float] = field(default_factory=dict)
    drifting: tuple[str, ...] = ()
    """What is on its way to a limit, averaged over the last pictures that could be judged: for maintenance."""


class Examiner:
    """Examines the pictures of one run. Without a norm (a recipe from before there was one) everything is fit."""

    def __init__(self, norm: Norm | None) -> None:
        self._norm = norm
        self._before = b""
        self._drift = Drift({} if norm is None else norm.limits)

    def __call__(self, picture: Image) -> Examination:
        norm = self._norm
        if norm is None:
            return Examination()
        readings = read(picture, norm)
        wrong = [told for name, value in readings.items() if (told := _judged(name, value, norm.limits[name]))]
        now = thumbnail(picture)
        if norm.noisy and now == self._before:
            wrong.append("frozen: the picture is the one before it, pixel by pixel")
        self._before = now
        if not wrong:
            self._drift.add(readings)
        return Examination(unfit="; ".join(wrong), readings=readings, drifting=self._drift.told())


def checks(norm: Norm | None) -> str:
    """Which of the checks are on, and which are off and why, in a line."""
    if norm is None:
        return "off: the recipe is from before the health of pictures was learnt"
    on = [name for name in LOW_HIGH if name in norm.limits] + ["frozen"] * norm.noisy
    off = [name for name in (*LOW_HIGH, "frozen") if name not in on]
    said = [f"{name} ({norm.off[name]})" if name in norm.off else name for name in off]
    return ", ".join(on) + (f"; off: {', '.join(said)}" if said else "")


def norm_of(recipe: Recipe) -> Norm | None:
    """What the recipe's good pictures looked like; None for one from before that was learnt. Raises RecipeError."""
    if "health.json" not in recipe.files:
        return None
    try:
        arrays = {name: recipe.array(name) for name in ("health.npy", "place.npy") if name in recipe.files}
        return from_files(recipe.read("health.json"), arrays)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecipeError(f"{recipe.folder}/health.json or health.npy cannot be used: {error}") from error


def _judged(name: str, value: float, limit: Limit) -> str:
    if limit.lowest <= value <= limit.highest:
        return ""
    allowed = f"{limit.lowest:.2f} to {limit.highest:.2f}"
    if name in ONE_SIDED:
        allowed = f"up to {limit.highest:.2f}"
    elif name in ONLY_LESS:
        allowed = f"from {limit.lowest:.2f}"
    return f"{LOW_HIGH[name][value > limit.highest]} ({name} {value:.2f}; allowed {allowed})"
