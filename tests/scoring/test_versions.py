"""Recipe versions made at the line: kept over restarts, taken back one by one, the configured recipe never touched."""

import hashlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from inspector.errors import RecipeError
from inspector.scoring.recipe import Threshold, load_recipe, save_threshold
from inspector.scoring.versions import KEPT, Versions


def threshold(value: float) -> Threshold:
    return Threshold(value=value, rule="by_hand", basis="a test")


def changed(versions: Versions, value: float) -> str:
    recipe = versions.prepare_threshold(threshold(value))
    versions.adopt(recipe)
    return recipe.id


def content(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_a_change_is_in_force_after_a_restart_and_the_configured_recipe_is_as_it_was(recipe_folder: Path, tmp_path):
    before = content(recipe_folder)
    changed(Versions(tmp_path / "state", recipe_folder), 7.25)
    again = Versions(tmp_path / "state", recipe_folder)
    assert load_recipe(again.in_force).threshold == threshold(7.25)
    assert content(recipe_folder) == before
    assert load_recipe(again.in_force).files == load_recipe(recipe_folder).files


def test_without_a_change_the_configured_recipe_is_in_force_and_nothing_is_written(recipe_folder: Path, tmp_path: Path):
    versions = Versions(tmp_path / "state", recipe_folder)
    assert versions.in_force == recipe_folder
    assert not (tmp_path / "state").exists()


def test_what_is_prepared_and_not_adopted_changes_nothing(recipe_folder: Path, tmp_path: Path):
    versions = Versions(tmp_path / "state", recipe_folder)
    versions.prepare_threshold(threshold(7.0))
    assert versions.in_force == recipe_folder


def test_changes_are_taken_back_one_by_one_down_to_the_configured_recipe(recipe_folder: Path, tmp_path: Path):
    versions = Versions(tmp_path / "state", recipe_folder)
    for value in (7.0, 8.0):
        changed(versions, value)
    assert load_recipe(versions.before()).threshold.value == 7.0
    versions.take_back()
    assert load_recipe(versions.in_force).threshold.value == 7.0
    assert versions.before() == recipe_folder
    versions.take_back()
    assert versions.in_force == recipe_folder
    with pytest.raises(RecipeError, match="no change to take back"):
        versions.before()


def test_another_recipe_is_kept_as_it_was_when_it_was_set(recipe_folder: Path, tmp_path: Path):
    other = Path(shutil.copytree(recipe_folder, tmp_path / "other"))
    set_id = save_threshold(load_recipe(other), threshold(9.0)).id
    versions = Versions(tmp_path / "state", recipe_folder)
    versions.adopt(versions.prepare(other))
    save_threshold(load_recipe(other), threshold(1.0))  # at the desk, meanwhile
    shutil.rmtree(other)
    assert load_recipe(versions.in_force).id == set_id


def test_a_configured_recipe_that_was_changed_at_the_desk_is_followed_again(recipe_folder: Path, tmp_path: Path):
    versions = Versions(tmp_path / "state", recipe_folder)
    changed(versions, 7.0)
    save_threshold(load_recipe(recipe_folder), threshold(3.0))
    assert versions.in_force == recipe_folder
    changed(versions, 8.0)
    assert load_recipe(versions.before()).threshold.value == 3.0, "the change to the former recipe is gone"


def test_another_configured_recipe_has_nothing_to_do_with_the_changes(recipe_folder: Path, tmp_path: Path):
    changed(Versions(tmp_path / "state", recipe_folder), 7.0)
    other = Path(shutil.copytree(recipe_folder, tmp_path / "other"))
    assert Versions(tmp_path / "state", other).in_force == other


def test_old_versions_leave_the_disk(recipe_folder: Path, tmp_path: Path):
    versions = Versions(tmp_path / "state", recipe_folder)
    for value in range(1, KEPT + 5):
        changed(versions, float(value))
    assert len([path for path in (tmp_path / "state").iterdir() if path.is_dir()]) <= KEPT + 1
    assert load_recipe(versions.in_force).threshold.value == KEPT + 4


@pytest.mark.parametrize("text", ["", "{}", '{"v": 2}', "[]", '{"v": 1, "configured": "a"}'])
def test_a_damaged_note_of_what_is_in_force_is_an_error_that_says_what_to_do(recipe_folder: Path, tmp_path, text: str):
    versions = Versions(tmp_path / "state", recipe_folder)
    changed(versions, 7.0)
    (tmp_path / "state" / "in_force.json").write_text(text)
    with pytest.raises(RecipeError, match="in_force.json, which says what recipe is in force.*remove it to judge by"):
        _ = versions.in_force


def test_a_disk_that_cannot_be_written_refuses_the_change(recipe_folder: Path):
    nowhere = Path("/proc/state")  # where not even root makes folders
    with pytest.raises(RecipeError, match="no version of it can be kept in /proc/state"):
        Versions(nowhere, recipe_folder).prepare_threshold(threshold(7.0))


def test_a_threshold_changed_back_by_hand_is_another_version(recipe_folder: Path, tmp_path: Path):
    original = load_recipe(recipe_folder)
    versions = Versions(tmp_path / "state", recipe_folder)
    assert changed(versions, original.threshold.value) != original.id
    note = json.loads((tmp_path / "state" / "in_force.json").read_text())
    assert (note["configured_id"], len(note["versions"])) == (original.id, 1)
    assert replace(load_recipe(versions.in_force).threshold, rule="", basis="") == replace(
        original.threshold, rule="", basis=""
    )
