import re
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from inspector.config import Config, FolderSource, NoPlc, PylonSource, ScoringConfig, ViewerConfig
from inspector.errors import InspectorError, RecipeError, SourceError
from inspector.line import check as check_module
from inspector.line.check import check
from inspector.messages import Seen
from tests.fakes import ScriptedSource, missed, silence
from tests.sources.cameras import needs_pylon
from tests.washers import burnt, fit_clear, washer, washers, write_pictures


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fit_clear(tmp_path_factory.mktemp("recipes") / "washer")


def config(parts: Path, recipe: Path) -> Config:
    return Config(
        source=FolderSource(path=str(parts), fps=0.01),  # a pace that a check does not keep
        scoring=ScoringConfig(recipe=str(recipe), threads=1, device="cpu"),
        plc=NoPlc(),
        viewer=ViewerConfig(start=False),
    )


def found_until(config: Config, kind: type[InspectorError], told: str) -> list[str]:
    """What was looked at before the first that is wrong."""
    seen: list[str] = []
    with pytest.raises(kind, match=told):
        seen.extend(finding.what for finding in check(config))
    return seen


def test_a_line_that_is_fine_is_seen_working(recipe: Path, tmp_path: Path) -> None:
    findings = {f.what: f.found for f in check(config(write_pictures(tmp_path / "parts", washers(2)), recipe))}
    assert findings["station"] == "line1"
    assert findings["source"] == f"folder {tmp_path / 'parts'}, frames of 200 × 160"
    assert findings["picture"].startswith("mean brightness ")
    assert f"in {recipe}: 60 vectors (both) from 12 good parts, efficientnet_lite0" in findings["recipe"]
    assert "by the rule highest_good" in findings["threshold"]
    assert findings["scorer"].startswith("OpenVINO")
    assert "first part 00.png scores" in findings["scorer"]
    assert findings["scorer"].endswith(": pass")
    assert (findings["PLC"], findings["viewer"]) == ("null", "not started by inspector run")


def test_a_first_part_that_is_bad_is_called_so(recipe: Path, tmp_path: Path) -> None:
    findings = {f.what: f.found for f in check(config(write_pictures(tmp_path / "parts", [burnt(1)]), recipe))}
    assert findings["scorer"].endswith(": fail")


def test_the_first_frame_that_can_be_read_is_taken(recipe: Path, tmp_path: Path) -> None:
    parts = write_pictures(tmp_path / "parts", washers(2))
    (parts / "00.png").write_bytes(b"")
    findings = {f.what: f.found for f in check(config(parts, recipe))}
    assert "first part 01.png scores" in findings["scorer"]


def test_a_source_without_a_frame_that_can_be_read_is_named(recipe: Path, tmp_path: Path) -> None:
    parts = write_pictures(tmp_path / "parts", washers(1))
    (parts / "00.png").write_bytes(b"")
    told = f"folder {parts} gave no readable frame"
    assert found_until(config(parts, recipe), SourceError, told) == ["station"]


def test_a_recipe_that_is_not_there_is_said_after_the_source_was_seen(tmp_path: Path) -> None:
    parts = write_pictures(tmp_path / "parts", washers(1))
    told = "no recipe at .*none"
    assert found_until(config(parts, tmp_path / "none"), RecipeError, told) == ["station", "source", "picture"]


def test_a_source_of_another_size_than_the_recipes_is_said_with_both_sizes(recipe: Path, tmp_path: Path) -> None:
    parts = write_pictures(tmp_path / "parts", [washer(1, (100, 80))])
    told = f"recipe {recipe} cannot judge this source: picture of 100 × 80, the recipe expects 200 × 160"
    assert found_until(config(parts, recipe), RecipeError, told) == [
        "station",
        "source",
        "picture",
        "recipe",
        "threshold",
        "health",
    ]


def test_a_camera_is_shown_with_its_settings(recipe: Path) -> None:
    needs_pylon()
    camera = PylonSource(interface="emulation", width=200, height=160, exposure_us=4000, pixel_format="BayerRG8")
    findings = {f.what: f.found for f in check(msgspec.structs.replace(config(Path("unused"), recipe), source=camera))}
    assert findings["source"] == "pylon camera emulation, frames of 200 × 160"
    assert "pixel_format BayerRG8, width 200, height 160" in findings["settings"]
    assert "exposure_us 4000" in findings["settings"]


@pytest.mark.parametrize(
    ("script", "why"),
    [([silence()], "does it wait for its trigger?"), ([silence("camera X is gone")], "camera X is gone"),
     ([replace(missed(1), detail="packets are missing")], "packets are missing")],
)  # fmt: skip
def test_a_camera_without_a_picture_is_waited_for_within_a_bound_and_says_why(
    script: list[Seen], why: str, recipe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_module, "PATIENCE_S", 0.0)
    monkeypatch.setattr(check_module, "open_source", lambda _: ScriptedSource(script, live=True, endless=True))
    assert found_until(config(Path("unused"), recipe), SourceError, f"gave no picture in 0 s; {re.escape(why)}") == [
        "station"
    ]
