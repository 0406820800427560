"""Whether a new recipe locates its parts or judges them as they lie, decided on good pictures alone. Pure."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from inspector.errors import RecipeError, Unlocated
from inspector.messages import Image
from inspector.scoring.learn_locator import learn
from inspector.scoring.locator import Finder
from inspector.scoring.prepare import Rectangle

UNLOCATED: Final = 0.01
"""Share of the good pictures in which no part may be found: at the line, such parts are rejected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Locating:
    """What came of the decision."""

    finder: Finder | None
    """None: parts are judged as they lie."""
    why: str
    unlocated: tuple[int, ...] = ()
    """Numbers of the pictures in which the finder finds no part."""


def decided(
    pictures: Sequence[Image], region: Rectangle, wanted: bool | None, progress: Callable[[str, int, int], None]
) -> Locating:
    """Whether to locate the parts in a region of good pictures uint8[H, W, 3].

    wanted: whether it has to be; None leaves it to the pictures. Raises RecipeError where it has to be and cannot.
    """
    if wanted is False:
        return Locating(finder=None, why="as was asked for")
    try:
        learnt = learn(pictures, region)
        if learnt.doubt and not wanted:
            return Locating(finder=None, why=learnt.doubt)
        finder = Finder(learnt.locator, learnt.look)
        unlocated = _unlocated(finder, pictures, region, progress)
    except Unlocated as error:
        if wanted:
            raise RecipeError(f"the parts cannot be located: {error}") from error
        return Locating(finder=None, why=str(error))
    return Locating(
        finder=finder,
        why="they lie turned, and are alike once turned back"
        if not learnt.doubt
        else f"as was asked for, though {learnt.doubt}",
        unlocated=unlocated,
    )


def _unlocated(
    finder: Finder, pictures: Sequence[Image], region: Rectangle, progress: Callable[[str, int, int], None]
) -> tuple[int, ...]:
    """The pictures in which it finds no part. Raises Unlocated where they are too many."""
    x, y, width, height = region
    failed, why = [], ""
    for n, picture in enumerate(pictures):
        progress("locating", n, len(pictures))
        try:
            finder.locate(picture[y : y + height, x : x + width])
        except Unlocated as error:
            failed.append(n)
            why = str(error)
    progress("locating", len(pictures), len(pictures))
    if len(failed) > math.ceil(UNLOCATED * len(pictures)):
        raise Unlocated(f"no part is found in {len(failed)} of {len(pictures)} good pictures ({why})")
    return tuple(failed)
