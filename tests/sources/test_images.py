import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from inspector.sources.images import UnreadablePicture, as_bgr, read_picture
from tests.sources.footage import picture, write_picture


@pytest.mark.parametrize("extension", ["png", "webp", "bmp", "tif"])
def test_lossless_formats_keep_every_pixel(tmp_path: Path, extension: str) -> None:
    path = tmp_path / f"a.{extension}"
    settings = [cv2.IMWRITE_WEBP_QUALITY, 101] if extension == "webp" else []
    assert cv2.imwrite(str(path), picture(3), settings)
    np.testing.assert_array_equal(read_picture(path), picture(3))


def test_a_jpeg_is_read_as_bgr(tmp_path: Path) -> None:
    blue = np.zeros((32, 32, 3), np.uint8)
    blue[..., 0] = 200
    image = read_picture(write_picture(tmp_path / "a.jpg", blue))
    assert image.shape == (32, 32, 3)
    assert image[..., 0].mean() > 190
    assert image[..., 1:].mean() < 10


def test_grey_becomes_three_equal_channels(tmp_path: Path) -> None:
    grey = picture(2)[..., 0]
    image = read_picture(write_picture(tmp_path / "a.png", grey))
    np.testing.assert_array_equal(image, np.dstack([grey] * 3))


@pytest.mark.parametrize("channels", [1, 3])
def test_16_bit_keep_their_upper_byte(tmp_path: Path, channels: int) -> None:
    deep = np.random.default_rng(0).integers(0, 65536, (20, 30, channels), dtype=np.uint16)
    image = read_picture(write_picture(tmp_path / "a.png", deep))
    np.testing.assert_array_equal(image, np.broadcast_to(deep >> 8, (20, 30, 3)))


def test_alpha_is_dropped_not_blended(tmp_path: Path) -> None:
    alpha = np.zeros((*picture(1).shape[:2], 1), np.uint8)
    image = read_picture(write_picture(tmp_path / "a.png", np.dstack([picture(1), alpha])))
    np.testing.assert_array_equal(image, picture(1))


def test_every_picture_is_contiguous_uint8(tmp_path: Path) -> None:
    for name, made in {"bgr": picture(0), "grey": picture(0)[..., 0]}.items():
        image = read_picture(write_picture(tmp_path / f"{name}.png", made))
        assert image.flags.c_contiguous
        assert image.dtype == np.uint8
    assert as_bgr(np.zeros((4, 4, 4), np.uint8)).flags.c_contiguous


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "bmp", "tif"])
@pytest.mark.parametrize("share", [0.02, 0.5, 0.95])
def test_a_truncated_picture_is_unreadable_and_named(
    tmp_path: Path, extension: str, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    path = write_picture(tmp_path / f"a.{extension}", picture(1, 320, 240))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(UnreadablePicture, match=re.escape(str(path))):
        read_picture(path)
    assert "OpenCV" not in capfd.readouterr().err


def test_a_zero_byte_picture_says_so(tmp_path: Path) -> None:
    (tmp_path / "a.png").touch()
    with pytest.raises(UnreadablePicture, match=r"a\.png is empty"):
        read_picture(tmp_path / "a.png")


def test_what_is_not_there_or_no_picture_is_unreadable(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("not a picture")
    with pytest.raises(UnreadablePicture, match="not a picture"):
        read_picture(tmp_path / "a.png")
    with pytest.raises(UnreadablePicture, match="No such file"):
        read_picture(tmp_path / "b.png")


def test_a_float_picture_is_refused_by_its_depth(tmp_path: Path) -> None:
    path = write_picture(tmp_path / "a.tif", np.ones((8, 8), np.float32))
    with pytest.raises(UnreadablePicture, match=r"a\.tif is .* not a picture of 8 or 16 bit"):
        read_picture(path)


def test_pixels_of_another_depth_are_refused() -> None:
    with pytest.raises(ValueError, match="pixels are float32; 8 and 16 bit are read"):
        as_bgr(np.zeros((4, 4), np.float32))


@pytest.mark.parametrize("shape", [(4,), (4, 4, 2), (0, 4, 3), (1, 4, 4, 3)])
def test_what_is_not_shaped_like_a_picture_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="a picture of shape"):
        as_bgr(np.zeros(shape, np.uint8))
