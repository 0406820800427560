"""From what operators said at the line to a threshold."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

from inspector.errors import ConfigError
from inspector.messages import Verdict
from inspector.scoring.recipe import Recipe, Threshold, load_recipe, save_threshold
from inspector.viewer.marks import Marks
from tests.viewer.stations import verdict
from tests.washers import fit_small
from tools import optimize_threshold
from tools.marks import read_marks, same_bank


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Recipe:
    folder = tmp_path_factory.mktemp("desk")
    (folder / "config.yaml").write_text(
        "source: {type: folder, path: .}\nscoring: {recipe: recipe, device: cpu, threads: 1}\n"
    )
    fit_small(folder / "recipe")
    return load_recipe(folder / "recipe")


def exported(folder: Path, recipe: str, false_rejects: list[float], confirmed: list[float]) -> Path:
    """What the viewer writes when operators have marked these scores."""
    marks, verdicts = Marks(), list[Verdict]()
    for seq, score in enumerate((*false_rejects, *confirmed), 1):
        verdicts.append(
            replace(verdict(seq, "fail"), score=score, threshold=1.0, recipe=recipe, part=f"no. {seq}, {score}")
        )
        marks.add("r1", seq, "false_reject" if seq <= len(false_rejects) else "confirmed", "anna")
    file = folder / "marks.csv"
    file.write_text(marks.table(verdicts))
    return file


def test_what_the_viewer_exports_is_what_the_tool_reads(tmp_path: Path) -> None:
    read = read_marks(exported(tmp_path, "abc", [2.5, 2.125], [9.0]), {"abc"})
    assert (read.false_rejects.tolist(), read.confirmed.tolist(), read.left_out) == ([2.5, 2.125], [9.0], 0)


def test_marks_of_parts_that_another_bank_scored_are_left_out(tmp_path: Path) -> None:
    file = exported(tmp_path, "abc", [2.5], [9.0])
    with pytest.raises(ConfigError, match=r"no mark of a part judged by this recipe's bank \(2 of others\)"):
        read_marks(file, {"def"})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "run,seq\nr1,1\n",
        "recipe,score,mark\nabc,much,confirmed\n",
        "recipe,mark,score\nabc,perhaps,3\n",
    ],
)
def test_a_file_that_is_no_table_of_marks_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "marks.csv").write_text(text)
    with pytest.raises(ConfigError, match="marks"):
        read_marks(tmp_path / "marks.csv", {"abc"})


def test_the_versions_of_a_bank_are_known_by_its_content(recipe: Recipe, tmp_path: Path) -> None:
    version = replace(recipe, folder=tmp_path / "state" / "line1" / "v2")
    version.folder.mkdir(parents=True)
    for name in recipe.files:
        (version.folder / name).parent.mkdir(exist_ok=True)
        (version.folder / name).write_bytes(recipe.read(name))
    changed = save_threshold(version, Threshold(value=99.0, rule="by_hand", basis="a test"))
    assert same_bank(recipe, tmp_path / "state" / "line1") == {recipe.id, changed.id}
    (version.folder / "bank.faiss").write_bytes(b"damaged")
    assert same_bank(recipe, tmp_path / "state" / "line1") == {recipe.id}


def test_a_threshold_is_chosen_between_false_rejects_and_confirmed_defects(
    recipe: Recipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(recipe.folder.parent)
    worst = float(recipe.array("good_scores.npy").max())
    file = exported(recipe.folder.parent, recipe.id, [worst * 1.1, worst * 1.2], [worst * 1.5, worst * 2, worst * 3])
    monkeypatch.setattr(
        sys, "argv", ["x", "--rule", "cost", "--marks", str(file), "--report", "report.html", "--store"]
    )
    optimize_threshold.main()
    chosen = load_recipe(recipe.folder).threshold
    assert worst * 1.2 <= chosen.value < worst * 1.5
    assert "2 false rejects and 3 confirmed defects marked at the line" in chosen.basis
