import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.errors import SourceError
from tests.washers import burnt, washer, washers, write_pictures, write_recording
from tools import dataset
from tools.dataset import Pictures, Sample, good_pictures


@pytest.fixture
def mvtec(tmp_path: Path) -> Path:
    """Two good pictures to fit from; one good, one burnt with its mask, and one bent without one to measure on."""
    data = tmp_path / "washer"
    write_pictures(data / "train" / "good", washers(2))
    write_pictures(data / "test" / "good", [washer(10)])
    write_pictures(data / "test" / "burnt", [burnt(11)])
    write_pictures(data / "test" / "bent", [washer(12)])
    mask = np.zeros((160, 200), np.uint8)
    mask[111:130, 91:110] = 255
    (data / "ground_truth" / "burnt").mkdir(parents=True)
    cv2.imwrite(str(data / "ground_truth" / "burnt" / "00_mask.png"), mask)
    return data


def recording(folder: Path, truth: object) -> Path:
    write_recording(folder / "inspect", [washer(1), burnt(2)])
    (folder / "inspect" / "truth.json").write_text(json.dumps(truth))
    return folder


def names(samples: list[Sample]) -> list[tuple[str, bool]]:
    return [(sample.name, sample.defective) for sample in samples]


def test_mvtecs_layout_gives_its_kinds_and_its_masks(mvtec: Path) -> None:
    samples = dataset.test_samples(mvtec)
    assert names(samples) == [("bent/00", True), ("burnt/00", True), ("good/00", False)]
    bent, burnt_one, good = (sample.read_mask((200, 160)) for sample in samples)
    assert bent is None
    assert burnt_one is not None
    assert burnt_one.sum() == 19 * 19
    assert burnt_one[111, 91]
    assert good is not None
    assert good.shape == (160, 200)
    assert not good.any()


def test_a_recording_gives_what_its_truth_says(tmp_path: Path) -> None:
    data = recording(tmp_path, {
        "000002.webp": {"defect": "burnt", "mask": "000002.png"}, "000001.webp": {"defect": None}
    })  # fmt: skip
    for place in (data, data / "inspect"):
        samples = dataset.test_samples(place)
        assert names(samples) == [("good/000001", False), ("burnt/000002", True)]
        assert samples[1].mask == data / "inspect" / "masks" / "000002.png"
        assert all(sample.picture.is_file() for sample in samples)


@pytest.mark.parametrize("truth", [[], {"000001.webp": None}, {"000001.webp": {}}, "no"])
def test_a_damaged_truth_is_named(truth: object, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"inspect/truth\.json is damaged; it must read"):
        dataset.test_samples(recording(tmp_path, truth or "[]"))


def test_good_pictures_come_from_where_each_layout_keeps_them(mvtec: Path, tmp_path: Path) -> None:
    assert [path.name for path in good_pictures(mvtec)] == ["00.png", "01.png"]
    write_recording(tmp_path / "line" / "teach", washers(3))
    assert len(good_pictures(tmp_path / "line")) == len(good_pictures(tmp_path / "line" / "teach")) == 3
    assert len(good_pictures(mvtec / "train" / "good")) == 2


def test_a_folder_without_pictures_is_named_with_where_they_were_looked_for(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        with pytest.raises(SourceError, match=f"{folder} holds no good pictures .looked for train/good, teach/frames"):
            good_pictures(folder)
        with pytest.raises(
            SourceError, match=f"{folder} holds no labelled pictures .looked for test/<kind>/ and truth"
        ):
            dataset.test_samples(folder)


def test_a_mask_of_another_size_or_that_is_none_is_named(mvtec: Path) -> None:
    sample = dataset.test_samples(mvtec)[1]
    assert sample.mask is not None
    with pytest.raises(SourceError, match=r"00_mask\.png is 200 × 160, its picture 100 × 80"):
        sample.read_mask((100, 80))
    sample.mask.write_bytes(b"")
    with pytest.raises(SourceError, match=r"mask .*00_mask\.png cannot be read"):
        sample.read_mask((200, 160))


def test_pictures_are_read_when_they_are_asked_for(mvtec: Path) -> None:
    paths = good_pictures(mvtec)
    pictures = Pictures(paths)
    assert len(pictures) == 2
    assert np.array_equal(pictures[1], washer(1))
    paths[0].write_bytes(b"")
    with pytest.raises(SourceError, match=r"00\.png is empty \(0 bytes\)"):
        pictures[0]
