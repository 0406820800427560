"""What people said of rejected parts (`marks.csv` from the viewer), as labelled scores for the threshold tool.

Only rejects are marked, so marks alone show nothing of the good parts that passed: the recipe's own good scores stand
beside them. The false rejects among the good scores are the worst of many good parts at the line: a rule that counts
good parts takes them for more common than they are, and errs towards fewer false rejects.
"""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from inspector.errors import ConfigError, RecipeError
from inspector.scoring.recipe import Recipe, load_recipe


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkedScores:
    """Scores of marked parts, as the line reported them."""

    false_rejects: NDArray[np.float64]
    confirmed: NDArray[np.float64]
    left_out: int
    """Marks of parts that another bank scored."""


def read_marks(file: Path, recipes: Collection[str]) -> MarkedScores:
    """The marks of parts judged by one of these recipe versions. Raises ConfigError for a file that has none."""
    scores: dict[str, list[float]] = {"false_reject": [], "confirmed": []}
    left_out = 0
    try:
        with file.open(encoding="utf-8", newline="") as opened:
            for row in csv.DictReader(opened):
                if row["recipe"] in recipes:
                    scores[row["mark"]].append(float(row["score"]))
                else:
                    left_out += 1
    except OSError as error:
        raise ConfigError(f"cannot read {file}: {error.strerror}") from error
    except KeyError as error:
        raise ConfigError(f"{file} is no table of marks from the viewer: there is no {error}") from error
    except (ValueError, TypeError) as error:  # UnicodeDecodeError among them
        raise ConfigError(f"{file} is no table of marks from the viewer: {error}") from error
    if not scores["false_reject"] and not scores["confirmed"]:
        raise ConfigError(f"{file} holds no mark of a part judged by this recipe's bank ({left_out} of others)")
    return MarkedScores(
        false_rejects=np.array(scores["false_reject"], np.float64),
        confirmed=np.array(scores["confirmed"], np.float64),
        left_out=left_out,
    )


def same_bank(recipe: Recipe, state: Path) -> set[str]:
    """The ids of a recipe and of those versions in a station's state folder that differ in their threshold alone."""
    found = {recipe.id}
    for place in state.glob("*/recipe.json"):
        try:
            version = load_recipe(place.parent)
        except RecipeError:
            continue  # damaged: its parts are left out
        if (version.files, version.features, version.region, version.min_defect_area) == (
            recipe.files, recipe.features, recipe.region, recipe.min_defect_area):  # fmt: skip
            found.add(version.id)
    return found
