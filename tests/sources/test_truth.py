import json
from pathlib import Path

import pytest

from inspector.config import CameraSource, FolderSource, RecordingSource, VideoSource
from inspector.errors import SourceError
from inspector.messages import PART_ID_LIMIT
from inspector.sources import load_truth
from tests.sources.footage import picture, write_picture


def test_a_recording_has_its_truth_beside_it(tmp_path: Path) -> None:
    truth = {"000001.webp": {"defect": None}, "000002.webp": {"defect": "scratch", "mask": "000002.png"}}
    (tmp_path / "truth.json").write_text(json.dumps(truth))
    assert load_truth(RecordingSource(path=str(tmp_path))) == {"000001.webp": False, "000002.webp": True}


def test_a_recording_without_truth_has_none(tmp_path: Path) -> None:
    assert load_truth(RecordingSource(path=str(tmp_path))) is None


@pytest.mark.parametrize("text", ["{", "[]", '{"a.png": true}', '{"a.png": {}}'])
def test_damaged_truth_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "truth.json").write_text(text)
    with pytest.raises(SourceError, match=r"truth\.json is damaged"):
        load_truth(RecordingSource(path=str(tmp_path)))


def test_mvtec_layout_says_it_by_its_subfolders(tmp_path: Path) -> None:
    for name in ("good/1.png", "broken/1.png", "broken/deep/2.png", "beside.png"):
        write_picture(tmp_path / name, picture(1))
    assert load_truth(FolderSource(path=str(tmp_path))) == {
        "broken/1.png": True,
        "broken/deep/2.png": True,
        "good/1.png": False,
    }


def test_other_folders_say_nothing(tmp_path: Path) -> None:
    write_picture(tmp_path / "a" / "1.png", picture(1))
    assert load_truth(FolderSource(path=str(tmp_path))) is None
    write_picture(tmp_path / "only" / "good" / "1.png", picture(1))
    assert load_truth(FolderSource(path=str(tmp_path / "only"))) is None


def test_the_keys_are_part_ids(tmp_path: Path) -> None:
    name = "good/" + "x" * 80 + ".png"
    write_picture(tmp_path / name, picture(1))
    write_picture(tmp_path / "bad" / "1.png", picture(1))
    truth = load_truth(FolderSource(path=str(tmp_path)))
    assert truth == {name[-PART_ID_LIMIT:]: False, "bad/1.png": True}


def test_nothing_is_known_of_cameras_and_videos() -> None:
    assert load_truth(CameraSource()) is None
    assert load_truth(VideoSource(path="a.mp4")) is None
