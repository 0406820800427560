"""Pictures for people: what must be seen is really in them."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.messages import Image
from tests.washers import write_pictures
from tools.dataset import Sample, test_samples
from tools.drawing import FAIL, TRUTH, heated
from tools.maps import LONG_SIDE, write_maps
from tools.measure import Measured

samples_of = test_samples  # pytest would take it for a test
del test_samples

SIZE = (96, 48)


def grey(level: int = 120) -> Image:
    return np.full((SIZE[1], SIZE[0], 3), level, np.uint8)


def measured(scores: list[float], labels: list[bool]) -> Measured:
    """Heat in the right half only, as high as the score; the mask of a defect is there too."""
    maps = np.zeros((len(scores), 256, 256), np.float32)
    masks = np.zeros(maps.shape, bool)
    for n, score in enumerate(scores):
        maps[n, 96:160, 160:224] = score
        masks[n, 96:160, 160:224] = labels[n]
    return Measured(
        scores=np.array(scores), labels=np.array(labels), maps=maps, masks=masks,
        masked=np.array([n != 1 for n in range(len(scores))]), milliseconds=np.ones(len(scores)), others=None,
        digests=tuple(bytes([n]) for n in range(len(scores))),
    )  # fmt: skip


@pytest.fixture
def samples(tmp_path: Path) -> list[Sample]:
    """Two dented ones, then three good ones."""
    write_pictures(tmp_path / "data" / "test" / "dent", [grey(), grey()])
    write_pictures(tmp_path / "data" / "test" / "good", [grey(), grey(), grey()])
    return samples_of(tmp_path / "data")


def near(picture: Image, colour: tuple[int, int, int]) -> int:
    """Pixels of about this colour; JPEG is not exact."""
    return int((np.abs(picture.astype(int) - colour).max(axis=2) < 60).sum())


def test_each_part_has_its_strip_in_the_parts_own_shape(samples: list[Sample], tmp_path: Path) -> None:
    write_maps(tmp_path / "maps", samples, measured([5, 50, 5, 6, 40], [True, True, False, False, False]), 20.0)
    names = sorted(path.name for path in (tmp_path / "maps").iterdir())
    assert names == ["dent-00.jpg", "dent-01.jpg", "good-00.jpg", "good-01.jpg", "good-02.jpg", "worst.jpg"]
    strip = cv2.imread(str(tmp_path / "maps" / "dent-00.jpg"))
    height = LONG_SIDE * SIZE[1] // SIZE[0]
    assert strip.shape[1] == 3 * (LONG_SIDE + 8)
    assert height < strip.shape[0] < height + 40
    truth = strip[:, LONG_SIDE + 8 : 2 * LONG_SIDE + 8]
    assert near(truth, TRUTH) > 0.05 * LONG_SIDE * height
    assert near(cv2.imread(str(tmp_path / "maps" / "dent-01.jpg"))[:, LONG_SIDE + 8 : 2 * LONG_SIDE + 8], TRUTH) < 50


def test_only_what_is_wrong_is_written_in_red(samples: list[Sample], tmp_path: Path) -> None:
    write_maps(tmp_path / "maps", samples, measured([5, 50, 5, 6, 40], [True, True, False, False, False]), 20.0)
    captions = {path.stem: cv2.imread(str(path))[:22] for path in (tmp_path / "maps").glob("*-*.jpg")}
    red = {name for name, caption in captions.items() if near(caption, FAIL) > 20}
    assert red == {"dent-00", "good-02"}


def test_a_category_without_good_or_without_defective_parts_has_a_sheet_too(
    samples: list[Sample], tmp_path: Path
) -> None:
    for name, chosen, labels in (("bad", samples[:2], [True, True]), ("good", samples[2:4], [False, False])):
        write_maps(tmp_path / name, chosen, measured([5, 50], labels), 20.0)
        sheet = cv2.imread(str(tmp_path / name / "worst.jpg"))
        assert sheet.shape[1] < 2 * 3 * (LONG_SIDE + 8)


def test_little_heat_leaves_the_part_to_be_seen_and_a_line_shows_what_rejects() -> None:
    level = np.zeros((48, 96), np.float32)
    level[:, 48:] = 11.0  # of a threshold of 20: nothing
    level[16:32, 64:80] = 30.0
    shown = heated(grey(), level, 20.0)
    assert (shown[:, :60] == 120).all()
    assert near(shown[14:34, 62:82], FAIL) >= 40
    assert not (shown[20:28, 68:76] == 120).any()
