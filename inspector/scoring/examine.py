"""Looks at each picture before it is scored: is it worth judging, and where is the camera going?"""

from dataclasses import dataclass, field
from typing import Final

from inspector.errors import RecipeError
from inspector.messages import Image
from inspector.scoring.health import Limit, Norm, from_files, read, thumbnail
from inspector.scoring.recipe import Recipe

MEMORY: Final = 32
"""Pictures over which a drift is averaged."""
EARLY: Final = 0.5
"""A drift is told when the average has gone so much of the way from usual to the limit."""

LOW_HIGH: Final = {
    "focus": ("blurred", "sharper than it was taught, or noisy"),
    "light": ("dark", "bright"),
    "clipped": ("", "clipped: too much of it black or white"),
    "blue": ("yellowish", "bluish"),
    "red": ("greenish", "reddish"),
    "moved": ("", "moved: the camera or what stands still is not where it was"),
    "covered": ("", "covered in part"),
}
"""By reading: what is wrong with a picture below and above its limits."""


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
        self._averages: dict[str, float] = {}
        self._seen = 0

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
            self._follow(readings)
        return Examination(unfit="; ".join(wrong), readings=readings, drifting=self._drifting(norm))

    def _follow(self, readings: dict[str, float]) -> None:
        self._seen += 1
        share = 1 / min(self._seen, MEMORY)
        for name, value in readings.items():
            before = self._averages.get(name, value)
            self._averages[name] = before + share * (value - before)

    def _drifting(self, norm: Norm) -> tuple[str, ...]:
        if self._seen < MEMORY:
            return ()
        return tuple(told for name, value in self._averages.items() if (told := _early(name, value, norm.limits[name])))


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
        return from_files(recipe.read("health.json"), recipe.array("health.npy"))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise RecipeError(f"{recipe.folder}/health.json or health.npy cannot be used: {error}") from error


def _judged(name: str, value: float, limit: Limit) -> str:
    if limit.lowest <= value <= limit.highest:
        return ""
    allowed = f"{limit.lowest:.2f} to {limit.highest:.2f}" if LOW_HIGH[name][0] else f"up to {limit.highest:.2f}"
    return f"{LOW_HIGH[name][value > limit.highest]} ({name} {value:.2f}; allowed {allowed})"


def _early(name: str, average: float, limit: Limit) -> str:
    bound = limit.highest if average > limit.usual else limit.lowest
    way = (average - limit.usual) / (bound - limit.usual)
    if way <= EARLY:
        return ""
    word = LOW_HIGH[name][average > limit.usual].split(":")[0]
    return f"maintenance: pictures are getting {word} ({name} nears its limit {bound:.2f}; usual {limit.usual:.2f})"
