"""A recipe on disk: whole, or an error that names what is wrong with it."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from inspector.errors import RecipeError
from inspector.scoring.fit import Fitted, fit
from inspector.scoring.recipe import load_recipe, save_recipe, save_threshold
from tests.washers import SMALL, quiet, washers


def test_a_recipe_loads_as_it_was_saved(fitted: Fitted) -> None:
    assert load_recipe(fitted.recipe.folder) == fitted.recipe


def test_the_same_pictures_give_the_same_recipe_id(fitted: Fitted, tmp_path: Path) -> None:
    assert fit(washers(12), tmp_path / "again", SMALL, quiet).recipe.id == fitted.recipe.id


def test_a_missing_folder_says_how_to_make_a_recipe(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match="no recipe at .*inspector teach"):
        load_recipe(tmp_path / "nothing")


def test_a_flipped_byte_in_any_file_is_found_and_named(recipe_folder: Path) -> None:
    for path in sorted(recipe_folder.rglob("*")):
        if path.is_file() and not path.parent.name.startswith("graph-"):
            content = path.read_bytes()
            path.write_bytes(content[:-3] + bytes([content[-3] ^ 1]) + content[-2:])
            with pytest.raises(RecipeError, match=path.name):
                load_recipe(recipe_folder)
            path.write_bytes(content)
    load_recipe(recipe_folder)


def test_a_missing_file_is_named(recipe_folder: Path) -> None:
    (recipe_folder / "origins.npy").unlink()
    with pytest.raises(RecipeError, match=r"origins\.npy cannot be read"):
        load_recipe(recipe_folder)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"v": 1}', '{"v": 2, "id": "x"}', "not json"])
def test_what_is_no_recipe_is_said_to_be_none(recipe_folder: Path, content: str) -> None:
    (recipe_folder / "recipe.json").write_text(content)
    with pytest.raises(RecipeError, match=r"recipe\.json"):
        load_recipe(recipe_folder)


def test_a_threshold_edited_by_hand_is_found(recipe_folder: Path) -> None:
    path = recipe_folder / "recipe.json"
    content = json.loads(path.read_text())
    content["threshold"]["value"] *= 2
    path.write_text(json.dumps(content))
    with pytest.raises(RecipeError, match="changed or damaged"):
        load_recipe(recipe_folder)


def test_a_new_threshold_is_a_new_version_with_the_same_files(recipe_folder: Path) -> None:
    old = load_recipe(recipe_folder)
    new = save_threshold(old, replace(old.threshold, value=old.threshold.value + 1, rule="by_hand"))
    assert new.id != old.id
    assert load_recipe(recipe_folder) == new
    assert new.files == old.files


def test_saving_over_what_is_no_recipe_is_refused(fitted: Fitted, tmp_path: Path) -> None:
    (tmp_path / "holiday.jpg").write_bytes(b"precious")
    with pytest.raises(RecipeError, match="not a recipe"):
        save_recipe(tmp_path, fitted.recipe, {})
    assert (tmp_path / "holiday.jpg").read_bytes() == b"precious"


def test_an_array_that_would_have_to_be_unpickled_is_refused(recipe_folder: Path) -> None:
    recipe = load_recipe(recipe_folder)
    np.save(recipe_folder / "origins.npy", np.array([{"code": "runs"}], object), allow_pickle=True)
    changed = save_recipe(
        recipe_folder.with_name("other"),
        recipe,
        {name: (recipe_folder / name).read_bytes() for name in recipe.files},
    )
    with pytest.raises(RecipeError, match="is not an array"):
        changed.array("origins.npy")
