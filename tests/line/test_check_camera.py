"""`inspector check --camera`: somebody with a camera on the bench gets from its type to a section for config.yaml."""

from pathlib import Path

import cv2
import pytest
import yaml

from inspector.config import source_section
from inspector.errors import ConfigError, SourceError
from inspector.line import check_camera as check_camera_module
from inspector.line.check_camera import check_camera
from inspector.sources.glance import glance
from inspector.sources.images import read_picture
from tests.sources.cameras import needs_pylon, producer, rtsp_camera
from tests.sources.footage import picture

SMALL = {"width": "320", "height": "240", "fps": "100"}


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_camera_module, "WATCH_S", 0.3)


def test_a_camera_is_found_opened_watched_and_what_opened_it_can_be_pasted(tmp_path: Path) -> None:
    needs_pylon()
    findings = list(check_camera("pylon", {**SMALL, "exposure_us": "2000"}, tmp_path / "seen.png"))
    told = {finding.what: finding.found for finding in findings}
    assert told["found"].endswith("source: {type: pylon, interface: emulation, serial: 0815-0000}")
    assert told["opened"] == "pylon camera 0815-0000, frames of 320 × 240"
    assert told["exposure_us"] == "2000 (takes 1 to 10000000)"
    assert told["trigger"].startswith("free (takes free, Software, Line1")
    assert told["frames"].endswith("0 lost")
    assert 80 < float(told["frames"].split()[0]) < 120
    assert told["picture"].startswith(f"{tmp_path}/seen.png: mean brightness ")
    assert read_picture(tmp_path / "seen.png").shape == (240, 320, 3)
    pasted = yaml.safe_load(told["config.yaml"])["source"]
    assert source_section(pasted) == source_section({**SMALL, "exposure_us": 2000, **pasted})


def test_what_is_given_is_opened_and_text_that_looks_like_a_number_stays_text(tmp_path: Path) -> None:
    given = {"producer": producer(), "device": "1"}
    told = {finding.what: finding.found for finding in check_camera("genicam", given, tmp_path / "seen.png")}
    assert told["opened"] == "genicam camera 1, frames of 400 × 400"
    assert yaml.safe_load(told["config.yaml"]) == {"source": {"type": "genicam", **given}}


def test_a_network_camera_needs_its_url_and_no_more(tmp_path: Path) -> None:
    with rtsp_camera() as camera:
        told = {
            finding.what: finding.found for finding in check_camera("rtsp", {"url": camera.url}, tmp_path / "a.png")
        }
    assert told["opened"] == f"rtsp camera {camera.url}, frames of 160 × 120"
    assert float(told["frames"].partition(" ")[0]) > 1, "in 2 s, of 30 a second: a busy machine gives fewer"


@pytest.mark.parametrize(("kind", "key"), [("rtsp", "url"), ("gige", "address"), ("genicam", "producer")])
def test_what_has_to_be_known_is_asked_for(
    kind: str, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GENICAM_GENTL64_PATH", raising=False)
    with pytest.raises(SourceError, match=f"--with {key}="):
        list(check_camera(kind, {}, tmp_path / "seen.png"))


def test_installed_producers_are_found_where_the_standard_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GENICAM_GENTL64_PATH", f"{tmp_path}:{Path(producer()).parent}")
    found = check_camera("genicam", {"device": "0"}, tmp_path / "seen.png")
    assert next(found).found == f"viky.cti: source: {{type: genicam, producer: {producer()}}}"


def test_a_wrong_key_is_named_as_in_the_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="there is no such key .did you mean exposure_us"):
        list(check_camera("gige", {"address": "127.0.0.1", "exposure": "1"}, tmp_path / "seen.png"))


def test_a_picture_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    needs_pylon()
    with pytest.raises(ConfigError, match="cannot write .*nowhere/seen.png"):
        list(check_camera("pylon", SMALL, tmp_path / "nowhere" / "seen.png"))


def test_a_glance_tells_the_light_from_the_dark_and_the_sharp_from_the_blurred() -> None:
    image = picture(12)
    assert glance(image).words().startswith("mean brightness 116 of 255, 0.0% black, 0.0% white, sharpness ")
    assert "dark: more light" in glance(image // 8).words()
    assert "has lost what it showed" in glance(cv2.add(image, (140, 140, 140, 0))).words()
    assert glance(cv2.GaussianBlur(image, (0, 0), 2)).sharpness < glance(image).sharpness / 3


def test_advice_names_only_settings_that_the_camera_has() -> None:
    dark, bright = glance(picture(12) // 8), glance(cv2.add(picture(12), (140, 140, 140, 0)))
    assert dark.words(["width", "exposure_us", "gain"]).endswith(
        "dark: more light, else a larger exposure_us (mind motion blur), else gain"
    )
    assert dark.words(["width"]).endswith("dark: more light")
    assert "a smaller exposure, or less light" in bright.words(["exposure"])
    assert "exposure" not in bright.words(["gain"])
